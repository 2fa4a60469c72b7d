"""Where two pictures differ: recipes that turn a comparison into a verdict, a mask and regions.

A recipe is one entry of a table: a name, a version that rises whenever its answers change, and a function from a
`Comparison` to what it found. `find_regions` looks the recipe up, runs it, and says with the result what was run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from facediff import _cells, _registration, _shapes
from facediff._arrays import Map, Mask, check_choice, check_whole, frozen
from facediff._versions import Versions, versions
from facediff.compare import Comparison
from facediff.evidence import Evidence, gate, measure_evidence
from facediff.regions import Box, Region

# Evidence of one pixel's surroundings (3x3) from which on the pixel belongs to a region that passed the gate: the
# place where the change ends. Between 4 and 6 hardly anything depends on it.
_FINE = 5.0
# Where at most this share of the pixels outside the support differs, by a quarter of an 8-bit level or more, nothing
# was coded again: there every pixel that differs was edited.
_STRAY, _STEP = 0.001, 1 / 1024
# What hangs together with a seed belongs to its region from here on, in evidence: twice what 95 % of the background
# stay below, within these limits.
_WEAK = (2.0, 3.0)
_SAMPLE = 1 << 14  # cells that the background's quantile is taken of
# Gaps are closed up to twice this share of the picture's shorter side, holes filled up to that share of their region.
_GAP, _HOLE = 0.008, 0.1
# Fewer pixels than a cell's make no region.
_SPECK = 12


@dataclass(frozen=True, slots=True, eq=False)
class Localisation:
    """What `find_regions` found; frozen, its arrays read-only.

    Attributes
    ----------
    manipulated : bool
        The verdict. "noise-aware" tests it at the false-alarm rate; "otsu" has no test of its own and says True
        wherever it draws a region.
    regions : tuple of Region
        Connected changed areas, strongest first.
    mask : ndarray of bool, (H, W)
        The pixels of the regions.
    evidence : ndarray of float32, (H, W)
        What the recipe decided on, per pixel; more = stronger change. For "noise-aware" it counts how many times the
        local coding noise the pictures differ; for "otsu" it is 1 - SSIM in [0, 1].
    threshold : float
        The evidence that makes a region: for "noise-aware" the gate of the null test, for "otsu" Otsu's threshold;
        infinity if the pictures are identical.
    shift : Shift or None
        Residual shift of the fake's unchanged background in pixels: ``dx``, ``dy``, ``distance``. None where no three
        textured tiles could be measured, the pictures are identical, or the recipe does not look.
    alignment : str
        What was done to the fake before it was compared again, with ``align=True``; empty if nothing was.
    margin : float
        For "noise-aware" the largest evidence over the gate: above 1 = more than coding. NaN for "otsu".
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
    margin: float
    shift: _registration.Shift | None
    alignment: str
    recipe: str
    recipe_version: int
    parameters: dict[str, float]
    versions: Versions

    def __str__(self) -> str:
        """Verdict, regions, share of the picture and the test, or why nothing was found, in one line."""
        by = f"by recipe {self.recipe} (version {self.recipe_version})"
        if "false_alarm_rate" in self.parameters:
            by += f" at a false-alarm rate of {self.parameters['false_alarm_rate']:g}"
        if self.alignment:
            by += f", after {self.alignment}"
        if not self.regions:
            return f"Nothing changed {by}: {self._why_nothing()}"
        count = f"{len(self.regions)} region{'s' if len(self.regions) > 1 else ''}"
        margin = "" if np.isnan(self.margin) else f", evidence {self.margin:.1f} times the gate"
        return f"{count} changed, {self.mask.mean():.2%} of the picture, {by}{margin}; strongest: {self.regions[0].box}"

    def _why_nothing(self) -> str:
        if np.isinf(self.threshold):
            return "the pictures are identical"
        if self.margin < 1:
            return f"the largest evidence is {self.margin:.2f} of what coding alone may reach"
        return "what differs is too small for a region"


class Found(NamedTuple):
    """What a recipe hands back."""

    manipulated: bool
    regions: tuple[Region, ...]
    mask: Mask
    evidence: Map
    threshold: float
    margin: float
    shift: _registration.Shift | None = None
    alignment: str = ""


class Recipe(NamedTuple):
    """One way from a comparison to a mask."""

    version: int
    find: Callable[[Comparison, dict[str, float]], Found]
    parameters: dict[str, float]  # those it takes, with their defaults


def find_regions(
    comparison: Comparison,
    *,
    recipe: str = "noise-aware",
    false_alarm_rate: float | None = None,
    align: bool = False,
    min_area: int | None = None,
) -> Localisation:
    """Find what was manipulated in a compared pair, or say that nothing was.

    Parameters
    ----------
    comparison : Comparison
        From `facediff.compare_images`.
    recipe : {"noise-aware", "otsu"}
        "noise-aware" tests whether the pair differs by more than coding explains, and marks where. "otsu" is the
        published recipe: Otsu's threshold [1]_ on the SSIM map, external contours, bounding boxes. It always splits
        what it is given, so it marks coding noise wherever nothing was edited.
    false_alarm_rate : float, optional
        For "noise-aware": the share of merely re-encoded pairs that may be called manipulated, from 0.0001 to 0.1;
        0.01 by default.
    align : bool
        For "noise-aware": whether a fake that is shifted by more than half a pixel is registered onto the real and
        compared again: by translation, or if that does not do by an affine map (ECC [2]_). ``found.alignment`` says
        what was done; mask and boxes are in the real's pixels. Without it such a pair is refused.
    min_area : int, optional
        Regions of fewer changed pixels are dropped; 12 by default for "noise-aware", 1 for "otsu".

    Returns
    -------
    Localisation
        Verdict, regions, mask and evidence. Identical pictures give no region.

    Raises
    ------
    TypeError
        If `comparison` is no `Comparison`, or another argument is of the wrong kind.
    ValueError
        If the recipe is unknown, does not take an argument that was given, or a number is out of its range; if the
        pictures are shifted by more than half a pixel, or could not be aligned.

    See Also
    --------
    facediff.evidence.measure_evidence : The evidence by itself.

    References
    ----------
    .. [1] Otsu, N. (1979). A threshold selection method from gray-level histograms. IEEE Transactions on Systems,
       Man, and Cybernetics, 9(1), 62-66. :doi:`10.1109/TSMC.1979.4310076`
    .. [2] Evangelidis, G. D., Psarakis, E. Z. (2008). Parametric image alignment using enhanced correlation
       coefficient maximization. IEEE Transactions on Pattern Analysis and Machine Intelligence, 30(10), 1858-1865.
       :doi:`10.1109/TPAMI.2008.113`

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> real = np.full((64, 64, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[20:30, 20:40] = 200
    >>> found = facediff.find_regions(facediff.compare_images(real, fake))
    >>> found.manipulated
    True
    >>> print(facediff.find_regions(facediff.compare_images(real, real)))
    Nothing changed by recipe noise-aware (version 1) at a false-alarm rate of 0.01: the pictures are identical
    """
    if not isinstance(comparison, Comparison):
        raise TypeError(
            f"comparison must be a Comparison, got {type(comparison).__name__}; make one with facediff.compare_images"
        )
    check_choice(recipe, "recipe", tuple(RECIPES))
    entry = RECIPES[recipe]
    parameters = dict(entry.parameters)
    if false_alarm_rate is not None:
        if "false_alarm_rate" not in parameters:
            raise ValueError(f"recipe {recipe!r} has no test and takes no false_alarm_rate; leave it out")
        gate(false_alarm_rate)
        parameters["false_alarm_rate"] = float(false_alarm_rate)
    if not isinstance(align, bool):
        raise TypeError(f"align must be True or False, got {align!r} ({type(align).__name__})")
    if align:
        if "align" not in parameters:
            raise ValueError(f"recipe {recipe!r} does not measure alignment and takes no align; leave it out")
        parameters["align"] = True
    if min_area is not None:
        if check_whole(min_area, "min_area") < 1:
            raise ValueError(f"min_area must be at least 1 pixel, got {min_area}")
        parameters["min_area"] = int(min_area)
    found = entry.find(comparison, parameters)
    return Localisation(
        manipulated=found.manipulated,
        regions=found.regions,
        mask=frozen(found.mask),
        evidence=frozen(found.evidence),
        threshold=found.threshold,
        margin=found.margin,
        shift=found.shift,
        alignment=found.alignment,
        recipe=recipe,
        recipe_version=entry.version,
        parameters=parameters,
        versions=versions(),
    )


# --- the recipe "noise-aware" --------------------------------------------------------------------


def _find_noise_aware(comparison: Comparison, parameters: dict[str, float]) -> Found:
    """Test the largest evidence against what coding alone could reach; then mark what hangs together with it."""
    nothing = np.zeros(comparison.shape, np.bool_)
    if comparison.identical:
        return Found(False, (), nothing, np.zeros(comparison.shape, np.float32), np.inf, 0.0)
    evidence = measure_evidence(comparison)
    # A shifted pair need not show: what its edges differ is then the noise of the pair.
    shift = _registration.measure_shift(comparison, evidence)
    if shift is not None and shift.distance > _registration.LIMIT:
        if not parameters["align"]:
            raise ValueError(
                f"real and fake must be aligned within {_registration.LIMIT} px, got a shift of {shift}; "
                "pass align=True to register the fake onto the real first"
            )
        moved, alignment = _registration.register(comparison, shift)
        return _find_noise_aware(moved, {**parameters, "align": False})._replace(alignment=alignment)
    limit = gate(parameters["false_alarm_rate"])
    margin = evidence.peak / limit
    picture = _spread(evidence.wide, comparison.shape)
    seeds = evidence.tested > limit
    if not seeds.any():
        return Found(False, (), nothing, picture, limit, margin, shift)
    support = _support(evidence, seeds)
    step = _STEP * comparison.data_range
    differing = _cells.count_above(comparison.difference, step)
    recoded = _was_recoded(differing, support, comparison.difference.size)
    # All that follows happens in the bounds of the support, and of all that differs where that was all edited.
    bounds = support if recoded else support | (differing > 0)
    left, top, width, height = cv2.boundingRect(bounds.view(np.uint8))
    cells = (slice(top, top + height), slice(left, left + width))
    rows, columns = (
        slice(c.start * _cells.CELL, min(c.stop * _cells.CELL, n)) for c, n in zip(cells, nothing.shape, strict=True)
    )
    fine = _cells.fine_evidence(
        comparison.real,
        comparison.fake,
        data_range=comparison.data_range,
        noise=evidence.fine_noise,
        where=comparison.where,
        box=(rows, columns),
    )
    np.maximum(picture[rows, columns], fine, out=picture[rows, columns])
    inside, seeded = (_repeat(part[cells], fine.shape) for part in (support, seeds))
    changed = fine > _FINE
    if not recoded:
        changed = comparison.difference[rows, columns] > step
        inside = _shapes.connected_to(inside, inside | changed)
    marked = nothing.copy()
    marked[rows, columns] = _tighten(changed, inside, seeded, comparison.shape, evidence.reach, recoded=recoded)
    if comparison.where is not None:
        marked &= comparison.where
    mask, regions = _regions(marked, picture, comparison, min_area=int(parameters["min_area"]))
    return Found(bool(regions), regions, mask, picture, limit, margin, shift)


def _support(evidence: Evidence, seeds: Mask) -> Mask:
    """Return the cells that hang together with a seed by evidence above the background's."""
    low, high = _WEAK
    certain = _shapes.connected_to(seeds, evidence.wide > high)
    background = evidence.wide[~_shapes.grow(certain, 2 * max(evidence.reach, 2))]
    weak = high
    if background.size > 0.1 * seeds.size:
        sample = background[:: max(1, background.size // _SAMPLE) | 1]
        weak = float(np.clip(2 * np.quantile(sample, 0.95), low, high))
    return _shapes.connected_to(seeds, evidence.wide > weak)


def _was_recoded(differing: npt.NDArray[np.uint8], support: Mask, pixels: int) -> bool:
    """Say whether more than strays differ away from the support; if not, all that differs was edited.

    `differing` is how many pixels of each cell differ.
    """
    outside = ~_shapes.fill_holes(_shapes.grow(support, 2), share=np.inf)
    size = int(np.count_nonzero(outside)) * _cells.CELL**2
    return size <= 0.1 * pixels or int(np.sum(differing, where=outside, dtype=np.int64)) > _STRAY * size


def _tighten(changed: Mask, support: Mask, seeds: Mask, shape: tuple[int, int], reach: int, *, recoded: bool) -> Mask:
    """Return the pixels that changed, the parts that one support joins as one, without what holds no seed."""
    support = _shapes.fill_holes(support, share=_HOLE)
    mask = _shapes.close_gaps(changed & support, max(round(_GAP * min(shape)), 1))
    _, places = _shapes.components(support)
    joined = _in_parts(mask, places)
    if recoded:  # the window of the evidence widened the support by about two cells less a pixel on each side
        mask |= _shapes.shrink(support, 2 * _cells.CELL - 1) & joined
    for radius in (reach * _cells.CELL // 2, reach * _cells.CELL):
        if joined.any():
            mask |= _shapes.close_gaps(mask, radius) & joined
            joined = _in_parts(mask, places)
    mask = _shapes.fill_holes(mask, share=_HOLE)
    return _shapes.connected_to(seeds, mask)


def _in_parts(mask: Mask, places: npt.NDArray[np.int32]) -> Mask:
    """Return the places, labelled from 1, that hold more than one component of a mask."""
    count, parts = _shapes.components(mask)
    if count < 2:
        return np.zeros(mask.shape, np.bool_)
    marked = np.flatnonzero(mask)
    place_of = np.zeros(count + 1, np.int32)  # a part lies within one place
    place_of[parts.ravel()[marked]] = places.ravel()[marked]
    several = np.bincount(place_of[1:], minlength=int(places.max()) + 1) > 1
    several[0] = False
    return np.asarray(several.take(places), np.bool_)


def _spread(cells: Map, shape: tuple[int, int]) -> Map:
    """Spread a map of cells over the pixels, linearly."""
    height, width = cells.shape
    pixels = cv2.resize(cells, (width * _cells.CELL, height * _cells.CELL), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(pixels[: shape[0], : shape[1]], np.float32)


def _repeat(cells: Mask, shape: tuple[int, ...]) -> Mask:
    """Spread a mask of cells over their pixels."""
    pixels = np.repeat(np.repeat(cells, _cells.CELL, axis=0), _cells.CELL, axis=1)
    return pixels[: shape[0], : shape[1]]


# --- the recipe "otsu" ---------------------------------------------------------------------------


def _find_by_otsu(comparison: Comparison, parameters: dict[str, float]) -> Found:
    """SSIM map, Otsu, external contours, boxes: the published recipe, clipped where others wrap."""
    evidence: Map = 1 - np.clip(comparison.ssim_map, 0, 1)
    counted = comparison.where
    if counted is not None:
        evidence[~counted] = 0
    if comparison.identical:
        return Found(False, (), np.zeros(evidence.shape, np.bool_), evidence, np.inf, np.nan)
    threshold = _otsu(evidence if counted is None else evidence[counted])
    mask = evidence > threshold
    if counted is not None:
        mask &= counted
    mask, regions = _regions(mask, evidence, comparison, min_area=int(parameters["min_area"]))
    return Found(bool(regions), regions, mask, evidence, threshold, np.nan)


def _otsu(evidence: npt.NDArray[np.float32]) -> float:
    """Return Otsu's threshold of values in [0, 1], in 256 levels; below all of them if they share one level."""
    levels = cv2.addWeighted(evidence.reshape(-1, 1), 255, evidence.reshape(-1, 1), 0, 0, dtype=cv2.CV_8U)
    if levels.min() == levels.max():
        return float(np.nextafter(np.float32(evidence.min()), np.float32(-1)))
    level, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float((level + 0.5) / 255)


# --- regions of a mask ---------------------------------------------------------------------------


def _regions(mask: Mask, evidence: Map, comparison: Comparison, *, min_area: int) -> tuple[Mask, tuple[Region, ...]]:
    """Return the regions of a mask, strongest first, and the mask without those below `min_area` pixels.

    A region is an external contour with all marked pixels within it: what lies in a hole of it belongs to it.
    """
    from facediff import _pixels

    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    bounds = (slice(top, top + height), slice(left, left + width))
    contours, labels = _shapes.outlines(mask[bounds])
    corner = np.array((left, top), np.int32)
    labels[~mask[bounds]] = 0
    sums = _pixels.sums_of_labels(
        labels,
        len(contours),
        *(whole[bounds] for whole in (evidence, comparison.ssim_map, comparison.real, comparison.fake)),
    )
    areas = sums[:, 0].astype(np.int64)
    strength, ssim, *changes = (sums[:, 1:] / np.maximum(sums[:, :1], 1)).T
    if comparison.real.ndim == 2:
        luma = changes[0]
        blue_chroma = red_chroma = np.zeros_like(luma)
    else:
        red, green, blue = changes
        luma = 0.299 * red + 0.587 * green + 0.114 * blue
        blue_chroma, red_chroma = (blue - luma) / 1.772, (red - luma) / 1.402
    kept = [
        Region(
            box=Box.from_xywh(*cv2.boundingRect(contour)),
            area=int(areas[label]),
            contour=frozen(contour.reshape(-1, 2)),
            strength=float(strength[label]),
            mean_ssim=float(ssim[label]),
            luma_change=float(luma[label]),
            chroma_change=(float(blue_chroma[label]), float(red_chroma[label])),
        )
        for label, contour in enumerate((contour + corner for contour in contours), start=1)
        if areas[label] >= min_area
    ]
    if len(kept) < len(contours):
        mask = mask.copy()
        mask[bounds] = np.concatenate(([False], areas[1:] >= min_area))[labels]
    kept.sort(key=lambda region: (-region.strength, region.box))
    return mask, tuple(kept)


RECIPES: dict[str, Recipe] = {
    "noise-aware": Recipe(1, _find_noise_aware, {"false_alarm_rate": 0.01, "align": False, "min_area": _SPECK}),
    "otsu": Recipe(1, _find_by_otsu, {"min_area": 1}),
}
