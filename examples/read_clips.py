"""
Read two clips side by side
===========================

A deepfake is a video, and so is what it was made of. `facediff.video` reads the two frame by frame, decoded at the same
time and ahead of their use, and says so when they do not fit each other or a file is not whole.

Run it on two clips of your own, real first::

    python examples/read_clips.py real.mp4 fake.mp4

Without arguments it makes a pair: a camera that pans over a portrait, and the same with a part of it blurred, starting
three frames later. Everything is written to the current folder, under names that begin with ``facediff-``.
"""

# %%
# Two clips
# ---------
#
# ``write_video`` makes H.264 that browsers and notebooks play, from any iterable of pictures. The two are coded with
# different quality, as real ones mostly are.

import sys

import cv2
import skimage.data

import facediff
from facediff.video import clip_info, extract_frames, frame_pairs, measure_offset, show_video, write_video


def pan(count):
    """Yield pictures of a camera that moves over a portrait."""
    portrait = skimage.data.astronaut()
    for number in range(count):
        left, top = 4 * number, number
        yield portrait[top : top + 240, left : left + 320]


def blur_face(pictures):
    """Yield copies with the face blurred; it moves to the left as the camera moves to the right."""
    for number, picture in enumerate(pictures):
        fake = picture.copy()
        x, y = 180 - 4 * number, 60 - number
        face = fake[max(y, 0) : y + 110, max(x, 0) : x + 90]
        face[:] = cv2.GaussianBlur(face, (0, 0), 6)
        yield fake


if len(sys.argv) == 3:
    real, fake = sys.argv[1:]
elif len(sys.argv) == 1:
    real, fake = "facediff-real.mp4", "facediff-fake.mp4"
    write_video(real, pan(40), rate=25, quality=20)
    write_video(fake, list(blur_face(pan(40)))[3:], rate=25, quality=26)
else:
    sys.exit("usage: python examples/read_clips.py [REAL FAKE]")

# %%
# What they state
# ---------------
#
# Without decoding more than a frame:

for path in (real, fake):
    print(clip_info(path))

# %%
# Do they belong together?
# ------------------------
#
# ``frame_pairs`` refuses clips of different sizes, rates or lengths: a comparison that shifts its input in silence
# answers another question. How far the fake is off can be measured; whether to shift it is for you to say.

try:
    frame_pairs(real, fake)
except ValueError as error:
    print(error)

offset = measure_offset(real, fake)
print(offset)

# %%
# Frame by frame
# --------------
#
# A pair holds two RGB arrays, ready for `facediff.compare_images`. ``every=`` takes each n-th; ``with`` closes the
# clips also when the loop is left early.

with frame_pairs(real, fake, offset=offset.frames, length="shortest", every=6) as pairs:
    for pair in pairs:
        comparison = facediff.compare_images(pair.real, pair.fake)
        print(f"{pair.index:4d} {pair.time:6.2f} s   PSNR {comparison.psnr:5.2f} dB   SSIM {comparison.ssim:.4f}")

# %%
# Side by side
# ------------
#
# What reads lazily can be written lazily: this clip is made a frame at a time, whatever its length. If anything breaks
# on the way, no half of it is left behind.


def side_by_side(pairs):
    """Yield the real and the fake picture in one."""
    for pair in pairs:
        yield cv2.hconcat([pair.real, pair.fake])


with frame_pairs(real, fake, offset=offset.frames, length="shortest") as pairs:
    write_video("facediff-both.mp4", side_by_side(pairs), rate=clip_info(real).rate)
print("The two side by side are in facediff-both.mp4")

# %%
# In a notebook, the last line of a cell shows it:

show_video("facediff-both.mp4", width=640)

# %%
# And single frames, as numbered PNG files; run again, it goes on where it was.

files = extract_frames("facediff-both.mp4", "facediff-frames", every=12)
print(f"{len(files)} frames are in facediff-frames, the first in {files[0]}")
