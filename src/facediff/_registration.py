"""How far the fake is shifted against the real picture, measured where nothing else changed; and the cure on request.

Tiles with texture and with little evidence for their texture, spread over the picture, are measured one by one: by
least squares on the gradient, which is exact below a pixel and knows its own uncertainty, from no shift or, if that
explains the tile badly, from the peak of the cross-correlation. The median over the tiles decides, so that a
manipulated one does not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from skimage.registration import phase_cross_correlation

from facediff._arrays import Map, Mask, Picture
from facediff._cells import CELL
from facediff.compare import Comparison, compare_images
from facediff.evidence import Evidence, measure_evidence

# Pixels beyond which two pictures are not aligned: what a shift by half a pixel leaves of an edge is as strong as a
# manipulation.
LIMIT = 0.5

# Tiles: their side in pixels, in pictures whose shorter side has so many; a band of half a side is left free.
_SIDES = ((200, 64), (80, 32))
_ACROSS = 3  # tiles across the picture, each way
_FEWEST = 3  # tiles that make a measurement
_SAMPLE = 1 << 12  # cells that the median of evidence is taken of
_BLUR = 1.5  # pixels, before gradients are taken: finer detail is what coding changes
_PAD = 8  # pixels around a tile that blur and small shifts need
_NEAR = 3.0  # pixels that least squares may go: what the pad leaves beyond the blur
_CERTAIN = LIMIT / 2  # standard error in pixels up to which a tile counts
_STEPS, _SETTLED = 10, 0.01  # least squares ends after so many steps, or with one below so many pixels

# The affine registration, from coarse to fine: longer sides in pixels, and when to end.
_SCALES = (160, 640)
_ENDS = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-6)
_TAPS = 5  # pixels across the interpolation's window, around the pixel to its upper left

_FAILED = (
    "real and fake could not be aligned, neither by translation nor by an affine map; "
    "register them with a tool for the purpose, and compare the result"
)

_Vector = npt.NDArray[np.float64]


class MisalignedError(ValueError):
    """The two pictures are shifted against each other, so that where they differ says nothing."""


@dataclass(frozen=True, slots=True)
class Shift:
    """How far the fake is shifted against the real picture: what is at (x, y) there is at (x + dx, y + dy) here.

    Attributes
    ----------
    dx, dy : float
        Rightwards and downwards, in pixels: the medians over the tiles.
    distance : float
        How far the tiles moved, in pixels: the median of their distances. If all moved alike it is the length of
        (dx, dy); after a rotation or a change of scale it is more.
    tiles : int
        How many tiles could be measured.
    """

    dx: float
    dy: float
    distance: float
    tiles: int

    def __str__(self) -> str:
        """Shift and length."""
        return f"({self.dx:+.2f}, {self.dy:+.2f}) px, {self.distance:.2f} px in length"


# --- measured ------------------------------------------------------------------------------------


def measure_shift(comparison: Comparison, evidence: Evidence) -> Shift | None:
    """Return how far the fake is shifted against the real picture where nothing else changed.

    Parameters
    ----------
    comparison : Comparison
        From `facediff.compare_images`.
    evidence : Evidence
        From `facediff.evidence.measure_evidence`, of the same pair.

    Returns
    -------
    Shift or None
        None if fewer than three tiles can be measured: in flat or tiny pictures, or where nearly all of the frame
        was replaced.
    """
    side = next((side for shortest, side in _SIDES if min(comparison.shape) >= shortest), None)
    if side is None:
        return None
    tiles = _choose(comparison, evidence, side)
    found: list[tuple[float, float]] = []
    near = 0
    for tile in tiles:
        if 2 * near > len(tiles) and len(found) >= _FEWEST:
            break  # whatever the others moved, their median is small
        shift = _measure(comparison, tile)
        if shift is not None:
            found.append(shift)
            near += math.hypot(*shift) < LIMIT / 2
    if len(found) < _FEWEST:
        return None
    dx, dy = np.median(found, axis=0)
    return Shift(float(dx), float(dy), float(np.median(np.hypot(*np.transpose(found)))), len(found))


class _Tile(NamedTuple):
    """A square of pixels."""

    y: int  # its centre
    x: int
    side: int


def _choose(comparison: Comparison, evidence: Evidence, side: int) -> list[_Tile]:
    """Return, of each of 3x3 parts of the picture, the calm tile with most texture in two directions; richest first.

    Calm is what has less evidence than the median: in a shifted pair nothing is free of it.
    """
    rows, columns = comparison.shape[0] // CELL, comparison.shape[1] // CELL
    across, margin = side // CELL, side // CELL  # half a tile, and half a tile that is left free around it
    visible = _visible_cells(comparison)
    sampled = comparison.real[: rows * CELL : CELL, : columns * CELL : CELL]
    detail = (sampled if sampled.ndim == 2 else sampled[..., 1]).astype(np.float32)  # green: to choose, it is enough
    if visible is not None:
        detail[~visible] = 0  # it may be NaN there
    texture = cv2.cornerMinEigenVal(detail, across, ksize=3)
    level = cv2.blur(evidence.wide[:rows, :columns], (across, across))
    inner = (slice(margin, rows - margin + 1), slice(margin, columns - margin + 1))
    fit = np.zeros((rows, columns), np.bool_)
    fit[inner] = True
    if visible is not None:
        window = np.ones((across + 2 * _PAD // CELL,) * 2, np.uint8)
        fit &= cv2.erode(visible.view(np.uint8), window).astype(np.bool_)
    if not fit.any():
        return []
    texture[~fit | (level > np.median(level[fit][:: max(level.size // _SAMPLE, 1) | 1]))] = 0
    tiles = []
    for part_rows in np.array_split(np.arange(rows)[inner[0]], _ACROSS):
        for part_columns in np.array_split(np.arange(columns)[inner[1]], _ACROSS):
            part = texture[part_rows[0] : part_rows[-1] + 1, part_columns[0] : part_columns[-1] + 1]
            y, x = np.unravel_index(part.argmax(), part.shape)
            if part[y, x] > 0:
                tile = _Tile(int(part_rows[y]) * CELL, int(part_columns[x]) * CELL, side)
                tiles.append((float(part[y, x]), tile))
    return [tile for _, tile in sorted(tiles, reverse=True)]


def _visible_cells(comparison: Comparison) -> Mask | None:
    """Return the whole cells of which all pixels count."""
    if comparison.where is None:
        return None
    rows, columns = comparison.shape[0] // CELL, comparison.shape[1] // CELL
    cells = comparison.where[: rows * CELL, : columns * CELL].reshape(rows, CELL, columns, CELL)
    return np.asarray(cells.all(axis=(1, 3)))


def _measure(comparison: Comparison, tile: _Tile) -> tuple[float, float] | None:
    """Return the shift (dx, dy) of one tile, or None if it cannot be told."""
    real = _cut(comparison, comparison.real, tile, _PAD)[_PAD - 1 : 1 - _PAD, _PAD - 1 : 1 - _PAD]
    fake = _cut(comparison, comparison.fake, tile, _PAD)
    shift = _least_squares(real, fake, np.zeros(2))
    if shift is None:
        reach = tile.side // 2
        wide = [_cut(comparison, picture, tile, reach) for picture in (comparison.real, comparison.fake)]
        # What does not count may be anything, and what is flat is alike at every shift.
        if not np.isfinite(wide).all() or any(part.min() == part.max() for part in wide):
            return None
        start = _correlate(*wide)
        if np.abs(start).max() > reach - _PAD:
            return None
        shift = _least_squares(real, wide[1], start)
    return None if shift is None else (float(shift[0]), float(shift[1]))


def _cut(comparison: Comparison, picture: Picture, tile: _Tile, pad: int) -> Map:
    """Return the blurred luma of a tile and so many pixels around it."""
    reach = tile.side // 2 + pad
    part = picture[tile.y - reach : tile.y + reach, tile.x - reach : tile.x + reach]
    return cv2.GaussianBlur(_luma(part, comparison.data_range), (0, 0), _BLUR)  # type: ignore[return-value]


def _luma(part: Picture, data_range: float) -> Map:
    """Return luma in 8-bit levels, not rounded."""
    levels = part.astype(np.float32) * np.float32(255 / data_range)
    return levels if levels.ndim == 2 else cv2.cvtColor(levels, cv2.COLOR_RGB2GRAY)  # type: ignore[return-value]


def _least_squares(real: Map, fake: Map, start: _Vector) -> _Vector | None:
    """Return the shift that makes the fake most like the real tile, or None if it stays uncertain.

    Gauss-Newton, with the gradient taken halfway between the two [1]_; brightness and contrast of the tile are
    divided out. `fake` has the same centre and is larger.

    .. [1] B. D. Lucas and T. Kanade, "An iterative image registration technique with an application to stereo
       vision", IJCAI 1981, 674-679.
    """
    size = real.shape[0]
    middle = (fake.shape[0] - 1) / 2
    target = _standardise(real)
    shift = start.copy()
    # Of blurred noise, so many pixels of a tile are independent of each other.
    independent = (size - 2) ** 2 / (4 * math.pi * _BLUR**2)
    error = math.inf
    for _ in range(_STEPS):
        moved = _standardise(cv2.getRectSubPix(fake, (size, size), (middle + shift[0], middle + shift[1])))
        rest = (target - moved)[1:-1, 1:-1]
        mean = target + moved
        gradient = np.stack([mean[1:-1, 2:] - mean[1:-1, :-2], mean[2:, 1:-1] - mean[:-2, 1:-1]]).reshape(2, -1) / 4
        normal = (gradient @ gradient.T).astype(np.float64)
        weakest = float(np.linalg.eigvalsh(normal)[0])
        if not weakest > 1e-6 * normal.trace():  # not a number if either is flat or does not count
            return None
        error = math.sqrt(float(np.vdot(rest, rest)) / weakest / independent)
        step = np.linalg.solve(normal, gradient @ rest.ravel())
        length = float(np.hypot(*step))
        shift += step / max(length, 1.0)
        if np.abs(shift - start).max() > _NEAR:
            return None
        if length < _SETTLED:
            break
    return shift if error < _CERTAIN else None


def _standardise(tile: npt.NDArray[Any]) -> Map:
    mean, spread = (float(value[0, 0]) for value in cv2.meanStdDev(tile))
    return np.asarray((tile - np.float32(mean)) / np.float32(spread or 1), np.float32)


def _correlate(real: Map, fake: Map) -> _Vector:
    """Return the shift (dx, dy) in whole pixels at which two tiles correlate best.

    Not normalised by the spectrum: blurred and coded tiles have next to nothing in most of it but noise. Nor is the
    peak refined: where two windows hold different pixels, it is biased by more than least squares leaves.
    """
    window = cv2.createHanningWindow((real.shape[1], real.shape[0]), cv2.CV_32F)
    tapered = [(tile - tile.mean()) * window for tile in (real, fake)]
    back = phase_cross_correlation(*tapered, normalization=None)[0]  # type: ignore[no-untyped-call]
    return -np.asarray(back[::-1], np.float64)


# --- registered ----------------------------------------------------------------------------------


def register(comparison: Comparison, shift: Shift) -> tuple[Comparison, str]:
    """Register the fake onto the real picture: by a translation or, if that leaves too much, by an affine map.

    Parameters
    ----------
    comparison : Comparison
        The pair as it was given.
    shift : Shift
        From `measure_shift`.

    Returns
    -------
    Comparison
        Of the real picture and a new, interpolated fake; `where` is restricted to what the moved fake covers.
    str
        What was done.

    Raises
    ------
    ValueError
        If nothing that counts is covered by both pictures, or if neither map brings the pair within the limit.
    """
    matrix = np.array([[1, 0, shift.dx], [0, 1, shift.dy]])
    moved = _moved(comparison, matrix)
    if _fits(moved):
        return moved, f"translation by ({-shift.dx:+.2f}, {-shift.dy:+.2f}) px"
    matrix = _find_affine(comparison, matrix)
    moved = _moved(comparison, matrix)
    if not _fits(moved):
        raise MisalignedError(_FAILED)
    numbers = ", ".join(f"{value:.4f}" for value in matrix.ravel())
    return moved, f"affine map of real to fake places [{numbers}]"


def _fits(comparison: Comparison) -> bool:
    """Say whether a shift can be measured, and is small enough."""
    left = measure_shift(comparison, measure_evidence(comparison))
    return left is not None and left.distance <= LIMIT


def _moved(comparison: Comparison, matrix: npt.NDArray[np.float64]) -> Comparison:
    """Compare again, with the fake resampled to where `matrix` finds the real picture's pixels in it."""
    height, width = comparison.shape
    fake, counts = comparison.fake, np.full((height, width), 255, np.uint8)
    if comparison.where is not None:
        # What does not count reaches what does through the interpolation's window, and may be NaN.
        fake = fake.copy()
        fake[~comparison.where] = 0
        taps = np.ones((_TAPS, _TAPS), np.uint8)
        counts = cv2.erode(comparison.where.astype(np.uint8) * 255, taps)  # type: ignore[assignment]
    moved = cv2.warpAffine(
        fake,
        matrix,
        (width, height),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT,
    )
    covered = cv2.warpAffine(
        counts,
        matrix,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    where = covered == 255
    if comparison.where is not None:
        where &= comparison.where
    if not where.any():
        raise ValueError(
            "where must hold pixels that the fake covers once it is registered onto the real, got none; "
            "pass a larger where"
        )
    return compare_images(
        comparison.real,
        np.clip(moved, 0, comparison.data_range).astype(fake.dtype),
        data_range=comparison.data_range,
        where=where,
        window=comparison.window,
        window_size=comparison.window_size,
        channels=comparison.channels,
    )


def _find_affine(comparison: Comparison, start: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the affine map that maximises the enhanced correlation coefficient of the two lumas [1]_.

    .. [1] G. D. Evangelidis and E. Z. Psarakis, "Parametric image alignment using enhanced correlation coefficient
       maximization", IEEE TPAMI 30(10), 2008. https://doi.org/10.1109/TPAMI.2008.113
    """
    height, width = comparison.shape
    planes = [_luma(picture, comparison.data_range) for picture in (comparison.real, comparison.fake)]
    counts = np.full((height, width), 255, np.uint8)
    if comparison.where is not None:
        counts[~comparison.where] = 0
        for plane in planes:
            plane[~comparison.where] = 0
    matrix = start.copy()
    for longest in _SCALES:
        size = tuple(max(round(length * min(longest / max(height, width), 1)), 1) for length in (width, height))
        zoom = np.array([size[0] / width, size[1] / height])
        real, fake = (cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in planes)
        small = _zoomed(matrix, zoom).astype(np.float32)
        mask = (cv2.resize(counts, size, interpolation=cv2.INTER_AREA) == 255).astype(np.uint8)
        try:
            _, found = cv2.findTransformECC(real, fake, small, cv2.MOTION_AFFINE, _ENDS, mask, 5)
        except cv2.error as error:
            raise MisalignedError(_FAILED) from error
        matrix = _zoomed(np.asarray(found, np.float64), 1 / zoom)
    return matrix


def _zoomed(matrix: npt.NDArray[np.float64], zoom: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return a map of pixel positions as it is in pictures scaled by `zoom` (x, y), whose pixel centres are at .5."""
    linear = zoom[:, None] * matrix[:, :2] / zoom
    centre = np.full(2, 0.5)
    offset = zoom * (matrix[:, 2] + centre - matrix[:, :2] @ centre)
    return np.column_stack([linear, offset - centre + linear @ centre])
