"""
The metrics in your own code
============================

MSE, PSNR, SSIM and the SSIM map are plain functions in `facediff.compare`: two pictures in, a number or a map out.
They take gray and RGB pictures of 8 bits, 16 bits or floats, and never write to them.
"""

# %%
# Numbers
# -------
#
# Real first, fake second; everything else by name. Here the fake is the portrait with a stripe of it blurred.

import cv2
import numpy as np
import skimage.data
from matplotlib.figure import Figure

from facediff.compare import mse, psnr, ssim, ssim_map

real = skimage.data.astronaut()
fake = real.copy()
fake[80:170] = cv2.GaussianBlur(real[80:170], (0, 0), 2)

print(f"MSE   {mse(real, fake):8.3f}      0 = identical")
print(f"PSNR  {psnr(real, fake):8.2f} dB   more = closer")
print(f"SSIM  {ssim(real, fake):8.4f}      1 = identical")

# %%
# SSIM is taken on luma, under a 7x7 uniform window, as scikit-image does on a gray picture. Wang et al.'s Gaussian
# window and the mean over the three channels are one word away.

print(f"SSIM, Gaussian window    {ssim(real, fake, window='gaussian'):.4f}")
print(f"SSIM, mean of R, G and B {ssim(real, fake, channels='each'):.4f}")

# %%
# Floats: say what white is
# -------------------------
#
# For integers, white is known. A float picture may lie in [0, 1] or [0, 255] or elsewhere, and SSIM depends on which;
# guessing it from the pixels gives a wrong number for a dark picture, in silence. So it is asked for. (The score
# differs from the one above in the fourth digit: for 8 bits luma is rounded to whole numbers, for floats it is not.)

real_float, fake_float = (picture.astype(np.float32) / 255 for picture in (real, fake))
print(f"SSIM of floats {ssim(real_float, fake_float, data_range=1.0):.4f}")

try:
    ssim(real_float, fake_float)
except ValueError as error:
    print(f"ValueError: {error}")

# %%
# Only what counts
# ----------------
#
# ``where=`` names the pixels that count. What lies outside influences nothing, not even through the window of a pixel
# at the mask's edge: so the whole outside may be filled with anything and the number stays the same to the last bit.

face = np.zeros(real.shape[:2], np.bool_)
face[60:190, 170:280] = True
blank = fake.copy()
blank[~face] = 0

print(f"SSIM of the face                   {ssim(real, fake, where=face):.6f}")
print(f"SSIM of the face, the rest blacked {ssim(real, blank, where=face):.6f}")

# %%
# The map
# -------
#
# One SSIM value per pixel, float32 in [-1, 1]. It goes below 0 where the fake is the negative of the real, so clip it
# before it becomes 8 bits: a bare ``astype`` would wrap.

similarity = ssim_map(real, fake)
rows = similarity.mean(axis=1)
print(f"{similarity.shape} {similarity.dtype}, lowest {similarity.min():.3f}")
print(f"mean SSIM of rows 0 to 69   {rows[:70].mean():.3f}")
print(f"mean SSIM of rows 90 to 159 {rows[90:160].mean():.3f}")

# %%
# As a picture: the blurred stripe is dark where there was something to blur, and light on the flat background.

visible = (np.clip(similarity, 0, 1) * 255).astype(np.uint8)
figure = Figure(figsize=(8, 4), layout="constrained")
left, right = figure.subplots(1, 2)
left.imshow(fake)
right.imshow(visible, cmap="gray")
for axes in (left, right):
    axes.set(xticks=[], yticks=[])
figure.savefig("facediff-ssim-map.png", dpi=150)
