"""The recipe "noise-aware": more than coding explains, and all that hangs together with it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from facediff import _cells, _registration, _shapes
from facediff._arrays import Map, Mask
from facediff._recipe import Found, Recipe
from facediff._regions_of_mask import regions_of_mask
from facediff.compare import Comparison
from facediff.evidence import Evidence, gate, measure_evidence

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
# Blocks of 16x16 pixels differ by up to 9 levels after the hardest coding there is (H.264 at CRF 51, JPEG at quality
# 1), root mean square over the frame; two pictures of which one is upside down by 11 to 107. Fewer blocks say nothing.
_ANOTHER, _FEWEST = 12.0, 16
_BLOCK = 4  # cells along a block
# A cell whose mean moves by more levels than coding moves it, next to the support, is part of what was edited there.
_MOVED = 4.0
# Gaps are closed up to twice this share of the picture's shorter side, holes filled up to that share of their region.
_GAP, _HOLE = 0.008, 0.1
# Fewer pixels than a cell's make no region.
_SPECK = 12


def _find(comparison: Comparison, parameters: dict[str, float]) -> Found:
    """Test the largest evidence against what coding alone could reach; then mark what hangs together with it."""
    nothing = np.zeros(comparison.shape, np.bool_)
    if comparison.identical:
        return Found(False, (), nothing, np.zeros(comparison.shape, np.float32), np.inf, 0.0)
    evidence = measure_evidence(comparison)
    # A shifted pair need not show: what its edges differ is then the noise of the pair.
    shift = _registration.measure_shift(comparison, evidence)
    if shift is not None and shift.distance > _registration.LIMIT:
        if not parameters["align"]:
            raise _registration.MisalignedError(
                f"real and fake must be aligned within {_registration.LIMIT} px, got a shift of {shift}; "
                "pass align=True to register the fake onto the real first"
            )
        moved, alignment = _registration.register(comparison, shift)
        return _find(moved, {**parameters, "align": False})._replace(alignment=alignment)
    limit = gate(parameters["false_alarm_rate"])
    margin = evidence.peak / limit
    picture = _spread(evidence.wide, comparison.shape)
    seeds = evidence.tested > limit
    support = _support(evidence, seeds) if seeds.any() else seeds
    drift = _drift(evidence, support)
    if drift > _ANOTHER:
        return _another_picture(comparison, evidence, picture, drift / _ANOTHER, limit, shift)
    if not seeds.any():
        return Found(False, (), nothing, picture, limit, margin, shift)
    step = _STEP * comparison.data_range
    differing = _cells.count_above(comparison.difference, step)
    moved_cells: Mask = np.abs(evidence.change) > _MOVED
    recoded = _was_recoded(differing, support, moved_cells, comparison.difference.size)
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
    mask, regions = regions_of_mask(
        marked, picture, comparison, min_area=int(parameters["min_area"]), tested=evidence.tested, limit=limit
    )
    return Found(bool(regions), regions, mask, picture, limit, margin, shift)


def _drift(evidence: Evidence, support: Mask) -> float:
    """Return the root mean square change of the blocks away from the support, in 8-bit levels."""
    size = tuple(max(side // _BLOCK, 1) for side in support.shape[::-1])
    blocks = np.asarray(cv2.resize(evidence.change, size, interpolation=cv2.INTER_AREA))
    touched = cv2.resize(support.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    rest = blocks[~_shapes.grow(touched, 1)]
    return float(np.sqrt(np.mean(np.square(rest, dtype=np.float64)))) if rest.size >= _FEWEST else 0.0


def _another_picture(
    comparison: Comparison,
    evidence: Evidence,
    picture: Map,
    margin: float,
    limit: float,
    shift: _registration.Shift | None,
) -> Found:
    """Mark the whole frame: what differs everywhere is its own noise, and no place stands out of it."""
    mask = np.ones(comparison.shape, np.bool_) if comparison.where is None else comparison.where
    tested = np.full_like(evidence.tested, margin * limit)
    mask, regions = regions_of_mask(mask, picture, comparison, min_area=1, tested=tested, limit=limit)
    return Found(True, regions, mask, picture, limit, margin, shift)


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


def _was_recoded(differing: npt.NDArray[np.uint8], support: Mask, moved: Mask, pixels: int) -> bool:
    """Say whether more than strays differ away from the support; if not, all that differs was edited.

    `differing` is how many pixels of each cell differ. What was moved and hangs together with the support is not away
    from it.
    """
    near = _shapes.grow(_shapes.connected_to(support, support | moved), 2)
    outside = ~_shapes.fill_holes(near, share=np.inf)
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


NOISE_AWARE = Recipe(1, _find, {"false_alarm_rate": 0.01, "align": False, "min_area": _SPECK})
