"""
Compare faces
=============

Which faces of a picture were manipulated, and what part of them? `facediff.faces.compare_faces` finds the faces on the
real side, looks for changes in the whole pair, and says what they mean for each face.

Run it on two pictures of your own, real first::

    python examples/compare_faces.py real.png fake.png

Without arguments it makes a pair of two portraits side by side, one of them manipulated. Two pictures are written to
the current folder: ``facediff-faces.png`` and ``facediff-faces-found.png``. It needs the extra ``facediff[faces]``.
"""

# %%
# A pair to compare
# -----------------
#
# Two portraits that scikit-image and Matplotlib ship, side by side. In one of them the mouth is warped, and both
# sides are coded as JPEG, so that every pixel differs a little.

import sys

import cv2
import matplotlib.cbook
import numpy as np
import skimage.data

import facediff
from facediff import Box, face_figures, faces, synthesis

if len(sys.argv) == 3:
    real, fake = facediff.read_pair(sys.argv[1], sys.argv[2])
elif len(sys.argv) == 1:
    path = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    other = cv2.resize(facediff.read_image(path)[60:400, 90:430], (400, 400), interpolation=cv2.INTER_AREA)
    portraits = np.hstack([skimage.data.astronaut()[:400, 30:430], other])
    made = synthesis.manipulate(portraits, kind="warp", box=Box(155, 125, 235, 165), seed=3)
    real, fake = synthesis.encode(portraits, "jpeg", 92), synthesis.encode(made.fake, "jpeg", 85)
else:
    sys.exit("usage: python examples/compare_faces.py [REAL FAKE]")

# %%
# Find the faces
# --------------
#
# A detector takes a picture and returns its faces. `facediff.faces.MTCNNDetector` also finds the eyes, the nose and the
# corners of the mouth; on OpenCV 4 there is `facediff.faces.HaarDetector`, too.

detector = faces.MTCNNDetector()
found = detector.detect(real)
for face in found:
    print(face)
facediff.write_image("facediff-faces-found.png", faces.draw_faces(real, found))
print("They are drawn in facediff-faces-found.png")

# %%
# Compare them
# ------------
#
# The verdict comes from the whole pair, since a crop alone shows too little of what coding does. The parts follow from
# the landmarks, in units of the distance between the eyes.

result = faces.compare_faces(real, fake, detector=detector)
print(result)
for face in result.faces:
    print(f"  {face}")
    for part in face.parts:
        print(f"    {part.name:8} {part.share:4.0%} of the change")

# %%
# To see it
# ---------

if result.faces:
    figure = face_figures.faces_figure(result)
    figure.savefig("facediff-faces.png")
    print("The figure is in facediff-faces.png")

# %%
# To keep the crops
# -----------------
#
# The box comes from the real side and serves both pictures, so the crops stay aligned. For clips there are
# `facediff.faces.track_faces` and `facediff.faces.extract_faces`.

for face in result.manipulated:
    real_crop, fake_crop = faces.crop_pair(real, fake, face.face, size=224)
    print(real_crop.shape, fake_crop.shape)
