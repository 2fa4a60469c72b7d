"""
Scoring a set
=============

How well do the masks of a method agree with the true ones? `facediff.evaluate` answers with IoU, F1, curves and
intervals, and says with each number by what conventions it was made: published ones differ by just these.
"""

# %%
# A set with known truth
# ----------------------
#
# Sixteen crops of a portrait; in every fourth nothing is edited. Both sides of each pair are coded as JPEG, so that
# they differ everywhere, edited or not. A folder of real and fake pictures with mask files serves as well: a mask in
# 8 bits becomes one by ``mask > 127``.

import numpy as np
import skimage.data
from matplotlib.figure import Figure

import facediff
from facediff import evaluate, evaluation_figures, synthesis

portrait = skimage.data.astronaut()
kinds = ("copy-move", "inpaint", "recolour", "warp")
pairs, truths = [], []
for number in range(16):
    top, left = 50 * (number % 4), 75 * (number // 4)
    real = portrait[top : top + 192, left : left + 256]
    fake, truth = real, np.zeros(real.shape[:2], bool)
    if number % 4 != 3:
        made = synthesis.manipulate(real, kind=kinds[number // 4], share=0.06, seed=number)
        fake, truth = made.fake, made.mask
    pairs.append(
        facediff.compare_images(synthesis.encode(real, "jpeg", quality=92), synthesis.encode(fake, "jpeg", quality=85))
    )
    truths.append(truth)

# %%
# One picture
# -----------
#
# The true edge is rarely known to the pixel: with ``band`` the pixels around it, on both sides, are not scored.

found = [facediff.find_regions(pair) for pair in pairs]
print(evaluate.score_mask(found[0], truths[0]))
print(evaluate.score_mask(found[0], truths[0], band=2))

# %%
# In colours: blue is right, vermilion false, yellow missed.

agreement = evaluation_figures.plot_agreement(pairs[0].fake, found[0], truths[0]).figure
agreement.savefig("facediff-agreement.png")

# %%
# The set
# -------
#
# Each picture weighs the same in the mean, each pixel in the pool. The intervals tell how far the numbers would move
# with sixteen other pictures. Where nothing was edited and nothing is found, IoU is 0/0; here that is right, and scores
# 1 (``empty="one"``). Left out instead (``empty="nan"``), it makes another number of the same masks.

otsu = [facediff.find_regions(pair, recipe="otsu") for pair in pairs]
for name, masks in (("noise-aware", found), ("otsu", otsu)):
    for empty in ("one", "nan"):
        score = evaluate.score_set(zip(masks, truths, strict=True), empty=empty)
        print(
            f"{name:12} empty={empty!r}: IoU {score.mean.iou:.3f} ({score.mean_low.iou:.3f} to "
            f"{score.mean_high.iou:.3f}) on average, {score.pooled.iou:.3f} pooled"
        )

# %%
# Regions count, too: found and true boxes are matched one to one.

regions = [evaluate.score_regions(one, truth) for one, truth in zip(found, truths, strict=True)]
print(regions[0])
print("Pictures with false regions:", sum(bool(score.extra) for score in regions), "of", len(regions))

# %%
# Evidence at every threshold
# ---------------------------
#
# A mask is one threshold's. The evidence behind it is judged at all of them, over the set, one map at a time. The
# best F1 knows the truth, so it is a bound on what a threshold can do, not a method.

rocs, curves = {}, {}
for name, masks in (("noise-aware", found), ("otsu", otsu)):
    rocs[name] = evaluate.roc_curve(masks, truths, confidence=0.95)
    curves[name] = evaluate.precision_recall_curve(masks, truths, confidence=0.95)
    print(f"{name}: {curves[name]}")

figure = Figure(figsize=(10, 4.8), layout="constrained")
left, right = figure.subplots(1, 2)
evaluation_figures.plot_roc(rocs, ax=left)
evaluation_figures.plot_precision_recall(curves, ax=right)
figure.savefig("facediff-curves.png", dpi=150)

# %%
# Pictures instead of pixels
# --------------------------
#
# With one number a picture, here its margin over the gate, the same curve tells manipulated pictures from others.

margins = np.array([one.margin for one in found])
edited = np.array([truth.any() for truth in truths])
print(evaluate.roc_curve(margins, edited, confidence=0.95))
