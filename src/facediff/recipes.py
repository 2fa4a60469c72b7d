"""Recipes side by side: how far the masks of one pair agree, whoever made them.

A mask is only as good as the rule that drew it, and papers draw theirs by different rules. `facediff.find_regions`
knows these by name; `compare_recipes` runs several on one pair.

.. list-table::
   :header-rows: 1
   :widths: 18 52 30

   * - Recipe
     - Marks where
     - From
   * - ``"noise-aware"``
     - the pair differs by more than coding explains, at a stated false-alarm rate; evidence in times the coding noise
     - this package
   * - ``"otsu"``
     - 1 - SSIM of the luma is above Otsu's threshold
     - tutorials
   * - ``"dfdc-ssim"``
     - 1 - SSIM (7x7) of each channel, in 8 bits, turned gray, is above 0.4 of 255
     - `the winner of the DFDC <https://github.com/selimsef/dfdc_deepfake_challenge>`__, ``generate_diffs.py`` and
       ``classifier_dataset.py``
   * - ``"sifdnet"``
     - the same map is at least 0.25 of 255
     - `SIFDNet <https://github.com/joizhang/sifdnet>`__, ``generate_diffs.py`` and ``test.py``
   * - ``"dffd"``
     - the gray of the absolute difference is above 0.1 of 255
     - Dang et al. (2020), :doi:`10.1109/CVPR42600.2020.00582`
   * - ``"casia"``
     - the difference summed over the channels is above 20; then opened by a cross and closed by a 9x9 octagon
     - `masks for CASIA 2.0 <https://github.com/caomw/matlab-forensics>`__, ``CreateCASIAMasks.m``; Zampoglou et al.
       (2017), :doi:`10.1007/s11042-016-3795-2`
   * - ``"sum-100"``
     - the difference summed over the channels is above 100
     - a rule handed on `in trackers <https://github.com/LarryJiang134/Image_manipulation_detection/issues/9>`__
   * - ``"dssim-hull"``
     - lies in the convex hull of all that 1 - SSIM of the gray, stretched to [0, 1], blurred and grown, has above 0.08;
       the hull shrunk and rounded
     - masks of known deepfakes as in Zhao et al. (2021), :doi:`10.1109/ICCV48922.2021.01475`

The codes of the DFDC's winner and of SIFDNet write ``(1 - ssim) * 255`` into 8 bits as it is, so that it wraps round
where SSIM is below 0: there what differs most is not marked. ``"dfdc-ssim-wrapped"`` and ``"sifdnet-wrapped"`` do that,
pixel for pixel; the names without it clip.

The published recipes see 8-bit pictures, as their code did: other depths are rounded to that first, and a gray picture
counts as three equal channels. Their evidence is what they cut: gray levels from 0 to 255, sums from 0 to 765, the
stretched and blurred 1 - SSIM for ``"dssim-hull"``. That one, like its code, draws no hull for a pair that differs all
over its frame. What came before and after is left out: face detection and crops, resizing, and for training the
landmarks and random erasures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from facediff._arrays import Mask, check_choice, frozen
from facediff.compare import Comparison
from facediff.localise import RECIPES, Localisation, find_regions


@dataclass(frozen=True, slots=True, eq=False)
class RecipeComparison:
    """What several recipes make of one pair; frozen, its arrays read-only.

    Attributes
    ----------
    found : dict of str to Localisation
        What each recipe found, in the order that was asked for.
    iou : ndarray of float64, (n, n)
        Intersection over union of each two masks, in that order; 1 = the same mask, 0 = nothing shared. Two empty
        masks are the same: 1.
    votes : ndarray of uint8, (H, W)
        How many recipes mark each pixel.
    consensus : ndarray of bool, (H, W)
        The pixels that more than half of the recipes mark.
    """

    found: dict[str, Localisation]
    iou: npt.NDArray[np.float64] = field(repr=False)
    votes: npt.NDArray[np.uint8] = field(repr=False)
    consensus: Mask = field(repr=False)

    @property
    def median_iou(self) -> float:
        """Median of the intersection over union of each two recipes."""
        return float(np.median(self.iou[np.triu_indices(len(self.found), k=1)]))

    def __str__(self) -> str:
        """How far the recipes agree, and on how much, in one line."""
        return (
            f"{len(self.found)} recipes agree with a median IoU of {self.median_iou:.2f}; "
            f"more than half of them mark {self.consensus.mean():.2%} of the picture"
        )


def compare_recipes(comparison: Comparison, *, recipes: Sequence[str] | None = None) -> RecipeComparison:
    """Run several recipes on one compared pair, and say how far their masks agree.

    Parameters
    ----------
    comparison : Comparison
        From `facediff.compare_images`.
    recipes : sequence of str, optional
        At least two names that `facediff.find_regions` knows, each once; each runs with its own defaults. By default
        all but the two that wrap round, which are others over again with a fault.

    Returns
    -------
    RecipeComparison
        What each found, intersection over union of each two masks, and what most of them mark.

    Raises
    ------
    TypeError
        If `comparison` is no `Comparison`, or `recipes` no sequence of names.
    ValueError
        If there are fewer than two recipes, one comes twice or is unknown; or if "noise-aware" is among them and the
        pictures are shifted by more than half a pixel.

    See Also
    --------
    facediff.recipes_figure : The masks side by side.

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> real = np.full((64, 64, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[20:30, 20:40] = 200
    >>> compared = facediff.compare_recipes(facediff.compare_images(real, fake), recipes=["dffd", "sum-100", "otsu"])
    >>> float(compared.iou[0, 1])
    1.0
    >>> int(compared.consensus.sum())
    200
    """
    names = _check_names(recipes)
    found = {name: find_regions(comparison, recipe=name) for name in names}
    masks = [one.mask for one in found.values()]
    votes = np.asarray(np.sum(masks, axis=0, dtype=np.uint8))
    return RecipeComparison(found, frozen(_iou(masks)), frozen(votes), frozen(np.asarray(2 * votes > len(masks))))


def _check_names(recipes: object) -> list[str]:
    """Let in at least two names of recipes, each once."""
    if recipes is None:
        return [name for name in RECIPES if not name.endswith("-wrapped")]
    if isinstance(recipes, str) or not isinstance(recipes, Sequence):
        raise TypeError(
            f"recipes must be a sequence of names, got {recipes!r}; pass for example ['noise-aware', 'otsu']"
        )
    names = [check_choice(name, "each of recipes", tuple(RECIPES)) for name in recipes]
    if len(names) < 2:
        raise ValueError(f"recipes must hold at least two names, got {len(names)}; for one use facediff.find_regions")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"recipes must hold each name once, got {twice!r} {names.count(twice)} times; drop the rest")
    return names


def _iou(masks: list[Mask]) -> npt.NDArray[np.float64]:
    """Return intersection over union of each two masks; 1 for two empty ones."""
    matrix = np.ones((len(masks), len(masks)))
    for i, a in enumerate(masks):
        for j, b in enumerate(masks[:i]):
            either = np.count_nonzero(a | b)
            if either:
                matrix[i, j] = matrix[j, i] = np.count_nonzero(a & b) / either
    return matrix
