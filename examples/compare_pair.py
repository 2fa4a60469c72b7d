"""
Compare a pair
==============

How far do a real and a fake picture differ, is that more than coding explains, and where? Three calls answer:
`facediff.compare_images` measures, `facediff.find_regions` judges and marks, `facediff.difference_figure` shows.

Run it on two pictures of your own, real first::

    python examples/compare_pair.py real.png fake.png

Without arguments it makes a pair: a portrait that scikit-image ships, and the same portrait with another face blended
into it. Two figures are written to the current folder: ``facediff-pair.png`` and ``facediff-evidence.png``.
"""

# %%
# A pair to compare
# -----------------
#
# The edit is a small face swap. Three points (two eyes, one mouth) lay the donor's face over the portrait, and Poisson
# blending [1]_ takes its details and leaves the portrait's light and skin: no seam that an eye could follow.
#
# Pictures that people meet have been through a codec, and the two sides rarely through the same one. So the real
# picture is coded as JPEG at quality 92, the fake at 85: now *every* part of the picture differs a little, and the edit
# has to be told from that.
#
# .. [1] Perez, P., Gangnet, M., Blake, A. (2003). Poisson image editing. ACM Transactions on Graphics, 22(3), 313-318.
#    https://doi.org/10.1145/882262.882269

import sys

import cv2
import matplotlib.cbook
import numpy as np
import skimage.data

import facediff


def swap_face(portrait, donor):
    """Blend the inner face of the donor into the portrait."""
    eyes_and_mouth = np.float32([(202, 100), (250, 104), (224, 146)])
    donor_eyes_and_mouth = np.float32([(222, 188), (305, 187), (267, 277)])
    fit = cv2.getAffineTransform(donor_eyes_and_mouth, eyes_and_mouth)
    smooth = cv2.GaussianBlur(donor, (0, 0), 0.8)  # or the shrunken lines would be jagged
    fitted = cv2.warpAffine(smooth, fit, portrait.shape[1::-1])

    face = np.zeros(portrait.shape[:2], np.uint8)
    cv2.ellipse(face, (226, 124), (34, 42), 5, 0, 360, 255, cv2.FILLED)
    x, y, width, height = cv2.boundingRect(face)
    middle = x + width // 2, y + height // 2
    return cv2.seamlessClone(fitted, portrait, face, middle, cv2.NORMAL_CLONE)


def through_jpeg(picture, quality):
    """Code a picture as JPEG and decode it again."""
    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


if len(sys.argv) == 3:
    real, fake = facediff.read_pair(sys.argv[1], sys.argv[2])
elif len(sys.argv) == 1:
    portrait = skimage.data.astronaut()
    path = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    swapped = swap_face(portrait, facediff.read_image(path))
    real, fake = through_jpeg(portrait, 92), through_jpeg(swapped, 85)
else:
    sys.exit("usage: python examples/compare_pair.py [REAL FAKE]")

# %%
# How far
# -------
#
# One call takes all the measures. MSE is 0 and SSIM 1 for identical pictures; PSNR is in decibels, more is closer. The
# maps behind the numbers come along: ``comparison.difference`` and ``comparison.ssim_map``.

comparison = facediff.compare_images(real, fake)
print(comparison)

# %%
# The number alone is no answer: a high SSIM over the whole picture says nothing about a small place in it.
#
# Whether, and where
# ------------------
#
# ``find_regions`` first tests whether anything differs by more than the pair's own coding noise, at a false-alarm rate
# of 1 % unless told otherwise. Only then it marks the changed pixels and gathers them into regions, strongest first,
# each with its box and contour. Printed, it is the verdict in one line.

found = facediff.find_regions(comparison)
print(found)
for region in found.regions:
    print(f"  {region}")

# %%
# To see it
# ---------
#
# All of it in one figure, an ordinary Matplotlib one.

figure = facediff.difference_figure(comparison, found)
figure.savefig("facediff-pair.png")
print("The figure is in facediff-pair.png")

# %%
# And how it was judged: the evidence counts how many times the coding noise the two differ, on a fixed logarithmic
# scale; what passes the gate makes the verdict.

judged = facediff.evidence_figure(comparison, found)
judged.savefig("facediff-evidence.png")
print("What the verdict rests on is in facediff-evidence.png")
