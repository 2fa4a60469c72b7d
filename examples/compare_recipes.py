"""
Compare recipes
===============

Detectors are trained on masks, and every dataset draws its masks by a rule of its own. How far would they have agreed
on *your* pair? `facediff.compare_recipes` draws them all, `facediff.recipes_figure` lays them side by side.
"""

# %%
# A pair to mark
# --------------
#
# A portrait in which the face was mirrored: what a face swap does to light and outline, without a second person. The
# true mask is known, an ellipse. Real and fake then went through JPEG, at different qualities.

import cv2
import numpy as np
import skimage.data

import facediff
from facediff.synthesis import encode

portrait = skimage.data.astronaut()[:400, 40:440]
truth = np.zeros(portrait.shape[:2], np.uint8)
cv2.ellipse(truth, (186, 122), (40, 52), 4, 0, 360, 1, cv2.FILLED)
face = portrait[60:184, 136:236]
swapped = portrait.copy()
swapped[60:184, 136:236] = face[:, ::-1]
swapped = np.where(truth[..., None] == 1, swapped, portrait)

real, fake = encode(portrait, "jpeg", 92), encode(swapped, "jpeg", 70)
comparison = facediff.compare_images(real, fake)

# %%
# One rule, by name
# -----------------
#
# Any of the recipes is one word for `facediff.find_regions`. The result says which one it was and in which version: a
# mask without that cannot be made again.

found = facediff.find_regions(comparison, recipe="dffd")
print(found)

# %%
# The published rules have no test. On a pair that was only coded again, where there is nothing to find, most of them
# mark something all the same; "noise-aware" tests first.

only_coded = facediff.compare_images(real, encode(portrait, "jpeg", 70))
for name, found in facediff.compare_recipes(only_coded).found.items():
    print(f"{name:12} {found.mask.sum():6} pixels in {len(found.regions):4} regions, where nothing was edited")

# %%
# All of them
# -----------
#
# Back to the swap. ``compared.iou`` is a matrix, intersection over union of each two masks; the consensus is what more
# than half of the recipes mark. Against the true mask, the recipes themselves come out like this:

compared = facediff.compare_recipes(comparison)
print(compared)
masks = {name: found.mask for name, found in compared.found.items()} | {"consensus": compared.consensus}
for name, mask in masks.items():
    iou = np.count_nonzero(mask & (truth == 1)) / np.count_nonzero(mask | (truth == 1))
    print(f"{name:12} IoU with the truth {iou:.2f}")

# %%
# To see it
# ---------

figure = facediff.recipes_figure(comparison, compared)
figure.savefig("facediff-recipes.png")
print("The figure is in facediff-recipes.png")

# %%
# What wraps round
# ----------------
#
# Two of the published codes write ``(1 - ssim) * 255`` into 8 bits without clipping. SSIM is below 0 where a place
# became its own negative, and there the number wraps: what differs most is lost. Under their names with ``-wrapped``
# they do exactly that, for those who must reproduce a dataset.

lost = {
    name: compared.found[name].mask & ~facediff.find_regions(comparison, recipe=f"{name}-wrapped").mask
    for name in ("dfdc-ssim", "sifdnet")
}
for name, mask in lost.items():
    print(f"{name} loses {mask.sum() / compared.found[name].mask.sum():.1%} of its mask by wrapping round")
