"""
A figure of your own
====================

`facediff.difference_figure` shows all of a comparison. Its panels are functions of `facediff.figures` that draw into
axes you give them, so a figure for a paper holds just what it needs.
"""

# %%
# A pair
# ------
#
# A cup of coffee; in the fake, the bowl of the spoon has been painted over from what surrounds it.

import cv2
import numpy as np
import skimage.data
from matplotlib.figure import Figure

import facediff
from facediff import figures

real = skimage.data.coffee()
spoon = np.zeros(real.shape[:2], np.uint8)
cv2.ellipse(spoon, (366, 280), (50, 56), 0, 0, 360, 255, cv2.FILLED)
fake = cv2.inpaint(real, spoon, 5, cv2.INPAINT_TELEA)

comparison = facediff.compare_images(real, fake)
found = facediff.find_regions(comparison)
print(found)

# %%
# Everything
# ----------
#
# Scales and colours are fixed: differences run from 0 to a quarter of white, SSIM from 0 to 1, in every figure of
# every pair. Two figures can be laid side by side and mean the same.

everything = facediff.difference_figure(comparison, found)

# %%
# Some of it
# ----------
#
# Each panel takes ``ax=`` and returns the axes, to be titled and cropped as any others. Nothing goes through pyplot:
# the figure is a plain `matplotlib.figure.Figure`.

chosen = Figure(figsize=(10, 3.4), layout="constrained")
left, middle, right = chosen.subplots(1, 3)
figures.plot_regions(comparison, found, ax=left)
figures.plot_difference(comparison, ax=middle)
figures.plot_mask(comparison, found, ax=right)
chosen.savefig("facediff-chosen.png", dpi=150)

# %%
# How many, how much
# ------------------
#
# The histogram counts the pixels by their difference, on a logarithmic scale. The pair was not coded, so nearly all
# pixels sit at 0; after a codec they would form a slope from there, with the edit as its long tail.

counts = Figure(figsize=(7, 3), layout="constrained")
figures.plot_histogram(comparison, ax=counts.subplots())
counts.savefig("facediff-histogram.png", dpi=150)

# %%
# Boxes on pixels
# ---------------
#
# For a picture instead of a figure, `facediff.draw_regions` returns a copy with boxes, contours and labels drawn in;
# `facediff.write_image` stores it.

drawn = facediff.draw_regions(fake, found.regions, contours=True)
facediff.write_image("facediff-drawn.png", drawn)
