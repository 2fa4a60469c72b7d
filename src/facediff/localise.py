"""Where two pictures differ: recipes that turn the maps of a comparison into a mask and regions.

A recipe is one entry of a table: a name, a version that rises whenever its answers change, and a function from a
`Comparison` to what it found. `find_regions` looks the recipe up, runs it, and says with the result what was run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import cv2
import imutils
import numpy as np
import numpy.typing as npt

from facediff._arrays import Map, Mask, check_choice, check_whole, frozen
from facediff._versions import Versions, versions
from facediff.compare import Comparison
from facediff.regions import Box, Region


@dataclass(frozen=True, slots=True, eq=False)
class Localisation:
    """What `find_regions` found; frozen, its arrays read-only.

    Attributes
    ----------
    manipulated : bool
        The verdict of the recipe. "otsu" has no test of its own: it says True wherever it draws a region.
    regions : tuple of Region
        Connected changed areas, strongest first.
    mask : ndarray of bool, (H, W)
        The pixels of the regions.
    evidence : ndarray of float32, (H, W)
        What the recipe decided on, per pixel; more = stronger change. For "otsu" it is 1 - SSIM in [0, 1].
    threshold : float
        The evidence above which a pixel was marked; infinity if nothing could be.
    recipe : str
        Name of the recipe.
    recipe_version : int
        Rises whenever the recipe's answers change.
    parameters : dict
        The recipe's parameters.
    versions : Versions
        What computed this.
    """

    manipulated: bool
    regions: tuple[Region, ...]
    mask: Mask = field(repr=False)
    evidence: Map = field(repr=False)
    threshold: float
    recipe: str
    recipe_version: int
    parameters: dict[str, float]
    versions: Versions

    def __str__(self) -> str:
        """Verdict, regions and share of the picture in one line."""
        by = f"by recipe {self.recipe} (version {self.recipe_version})"
        if not self.regions:
            return f"Nothing changed {by}"
        count = f"{len(self.regions)} region{'s' if len(self.regions) > 1 else ''}"
        return f"{count} changed, {self.mask.mean():.2%} of the picture, {by}; strongest: {self.regions[0].box}"


class Found(NamedTuple):
    """What a recipe hands back: the mask's regions and how it decided."""

    manipulated: bool
    regions: tuple[Region, ...]
    mask: Mask
    evidence: Map
    threshold: float


class Recipe(NamedTuple):
    """One way from the maps of a comparison to a mask."""

    version: int
    find: Callable[..., Found]


def find_regions(comparison: Comparison, *, recipe: str = "otsu", min_area: int = 1) -> Localisation:
    """Find the changed regions of a compared pair.

    Parameters
    ----------
    comparison : Comparison
        From `facediff.compare_images`.
    recipe : {"otsu"}
        "otsu" is the published recipe: Otsu's threshold on the SSIM map, external contours, bounding boxes. It always
        splits what it is given, so it marks coding noise wherever nothing was edited.
    min_area : int
        Regions of fewer changed pixels are dropped.

    Returns
    -------
    Localisation
        Verdict, regions, mask and evidence. Identical pictures give no region.

    Raises
    ------
    TypeError
        If `comparison` is no `Comparison`, or another argument is of the wrong kind.
    ValueError
        If the recipe is unknown, or `min_area` is below 1.

    References
    ----------
    .. [1] Otsu, N. (1979). A threshold selection method from gray-level histograms. IEEE Transactions on Systems,
       Man, and Cybernetics, 9(1), 62-66. :doi:`10.1109/TSMC.1979.4310076`

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> real = np.full((64, 64, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[20:30, 20:40] = 200
    >>> found = facediff.find_regions(facediff.compare_images(real, fake))
    >>> print(found.regions[0].box)
    26x16 at (17, 17)
    """
    if not isinstance(comparison, Comparison):
        raise TypeError(
            f"comparison must be a Comparison, got {type(comparison).__name__}; make one with facediff.compare_images"
        )
    check_choice(recipe, "recipe", tuple(RECIPES))
    if check_whole(min_area, "min_area") < 1:
        raise ValueError(f"min_area must be at least 1 pixel, got {min_area}")
    entry = RECIPES[recipe]
    found = entry.find(comparison, min_area=int(min_area))
    return Localisation(
        manipulated=found.manipulated,
        regions=found.regions,
        mask=frozen(found.mask),
        evidence=frozen(found.evidence),
        threshold=found.threshold,
        recipe=recipe,
        recipe_version=entry.version,
        parameters={"min_area": int(min_area)},
        versions=versions(),
    )


def _find_by_otsu(comparison: Comparison, *, min_area: int) -> Found:
    """SSIM map, Otsu, external contours, boxes: the published recipe, clipped where others wrap."""
    evidence: Map = 1 - np.clip(comparison.ssim_map, 0, 1)
    counted = comparison.where
    if counted is not None:
        evidence[~counted] = 0
    if comparison.identical:
        return Found(False, (), np.zeros(evidence.shape, np.bool_), evidence, np.inf)
    threshold = _otsu(evidence if counted is None else evidence[counted])
    mask = evidence > threshold
    if counted is not None:
        mask &= counted
    mask, regions = regions_of(mask, evidence, min_area=min_area)
    return Found(bool(regions), regions, mask, evidence, threshold)


def _otsu(evidence: npt.NDArray[np.float32]) -> float:
    """Return Otsu's threshold of values in [0, 1], in 256 levels; below all of them if they share one level."""
    levels = cv2.addWeighted(evidence.reshape(-1, 1), 255, evidence.reshape(-1, 1), 0, 0, dtype=cv2.CV_8U)
    if levels.min() == levels.max():
        return float(np.nextafter(np.float32(evidence.min()), np.float32(-1)))
    level, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float((level + 0.5) / 255)


def regions_of(mask: Mask, evidence: Map, *, min_area: int) -> tuple[Mask, tuple[Region, ...]]:
    """Return the regions of a mask, strongest first, and the mask without those below `min_area` pixels.

    A region is an external contour with all marked pixels within it: what lies in a hole of it belongs to it.
    """
    contours = imutils.grab_contours(
        cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    )
    labels = np.zeros(mask.shape, np.int32)
    for label, contour in enumerate(contours, start=1):
        cv2.drawContours(labels, [contour], 0, label, cv2.FILLED)
    inside = labels[mask]
    areas = np.bincount(inside, minlength=len(contours) + 1)
    strengths = np.bincount(inside, weights=evidence[mask], minlength=len(contours) + 1)
    kept: list[Region] = []
    for label, contour in enumerate(contours, start=1):
        if areas[label] >= min_area:
            box = Box.from_xywh(*cv2.boundingRect(contour))
            points = frozen(contour.reshape(-1, 2))
            kept.append(Region(box, int(areas[label]), points, float(strengths[label] / areas[label])))
    if len(kept) < len(contours):
        mask = mask & (areas >= min_area)[labels]
    kept.sort(key=lambda region: (-region.strength, region.box))
    return mask, tuple(kept)


RECIPES: dict[str, Recipe] = {
    "otsu": Recipe(version=1, find=_find_by_otsu),
}

__all__: list[Any] = ["RECIPES", "Found", "Localisation", "Recipe", "find_regions", "regions_of"]
