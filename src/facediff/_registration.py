"""How far the unchanged background of a pair is shifted, and registering the fake onto the real on request."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from skimage.registration import phase_cross_correlation

from facediff import _cells, _pixels
from facediff._arrays import Mask, Picture
from facediff.compare import Comparison, compare_images
from facediff.evidence import Evidence, measure_evidence

# Pixels. Beyond half a pixel every edge of the background differs by more than coding makes it.
LIMIT = 0.5

_TILE = 64
_HALF = (_TILE - 1) / 2
_TILES = 5
_LEAST_TEXTURE = 4.0  # standard deviation in 8-bit levels: less gives no hold
# A tile whose pictures correlate less than this holds other content, not the same one shifted. The error that
# scikit-image returns is sqrt(1 - r^2).
_LEAST_CORRELATION = 0.8
# Where the difference has this share of the texture's energy or less, it is linear in the shift.
_LINEAR = 0.1
# A shift is one only if it takes away this share of the difference. Hard coding leads tiles astray by pixels, and
# explains nothing by that.
_EXPLAINED = 0.5
# How far and how often a shift is followed.
_MARGIN, _ROUNDS = 24, 16

_FAILED = (
    "real and fake could not be aligned, neither by translation nor by an affine map; "
    "register them with a tool for the purpose, and compare the result"
)


@dataclass(frozen=True, slots=True)
class Shift:
    """How the fake's background lies beside the real's.

    Attributes
    ----------
    dx, dy : float
        Median over the tiles, in pixels; above 0 = the fake lies farther right, farther down.
    distance : float
        Median length of the tiles' own shifts: above that of (dx, dy) where they disagree, as under rotation.
    tiles : int
        Textured, unchanged tiles that were measured.
    """

    dx: float
    dy: float
    distance: float
    tiles: int

    def __str__(self) -> str:
        """Shift and length."""
        return f"({self.dx:+.2f}, {self.dy:+.2f}) px, {self.distance:.2f} px in length"


def measure_shift(comparison: Comparison, evidence: Evidence) -> Shift | None:
    """Return the residual shift of the background, or None where no three tiles can be measured."""
    shifts: list[tuple[float, float]] = []
    for tile in _tiles(evidence, comparison.shape):
        if len(shifts) == _TILES:
            break
        if comparison.where is not None and not comparison.where[tile].all():
            continue
        real = _levels(comparison.real[tile], comparison.data_range)
        shift = _follow(comparison, real, tile) if real.std() >= _LEAST_TEXTURE else None
        if shift is not None:
            shifts.append(shift)
    if len(shifts) < 3:
        return None
    dx, dy = np.median(shifts, axis=0)
    return Shift(float(dx), float(dy), float(np.median(np.hypot(*np.transpose(shifts)))), len(shifts))


def register(comparison: Comparison, shift: Shift) -> tuple[Comparison, str]:
    """Move the fake onto the real by translation, or if that does not do by an affine map, and compare again.

    Returns the new comparison, of the pixels that the moved picture covers, and what was done.
    """
    matrix = np.array([[1, 0, shift.dx], [0, 1, shift.dy]], np.float32)
    moved = _moved(comparison, matrix)
    left = measure_shift(moved, measure_evidence(moved))
    if left is None or left.distance <= LIMIT:
        return moved, f"translation by ({-shift.dx:+.2f}, {-shift.dy:+.2f}) px"
    real, fake = (_levels(_pixels.luma(side), comparison.data_range) for side in (comparison.real, comparison.fake))
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 200, 1e-6)
    try:
        _, found = cv2.findTransformECC(real, fake, matrix, cv2.MOTION_AFFINE, criteria, np.empty(0, np.uint8), 5)
    except cv2.error as error:
        raise ValueError(_FAILED) from error
    moved = _moved(comparison, np.asarray(found, np.float32))
    left = measure_shift(moved, measure_evidence(moved))
    if left is not None and left.distance > LIMIT:
        raise ValueError(_FAILED)
    numbers = ", ".join(f"{value:.4f}" for value in np.ravel(found))
    return moved, f"affine map of real to fake places [{numbers}]"


def _tiles(evidence: Evidence, shape: tuple[int, int]) -> list[tuple[slice, slice]]:
    """Return places of tiles, those with the least evidence first."""
    side = _TILE // _cells.CELL
    places = [
        (float(np.mean(evidence.wide[row : row + side, column : column + side])), row, column)
        for row in _steps(shape[0])
        for column in _steps(shape[1])
    ]
    starts = [(row * _cells.CELL, column * _cells.CELL) for _, row, column in sorted(places)]
    return [(slice(top, top + _TILE), slice(left, left + _TILE)) for top, left in starts]


def _steps(size: int) -> list[int]:
    """Return where tiles begin along one side, in cells: at most eight, spread evenly."""
    room = (size - _TILE) // _cells.CELL
    count = min(max(size // _TILE, 1), 8)
    return [] if room < 0 else sorted({round(step) for step in np.linspace(0, room, count)})


def _levels(picture: Picture, data_range: float) -> npt.NDArray[np.float32]:
    """Return the luma of a picture in 8-bit levels."""
    luma = picture @ np.array([0.299, 0.587, 0.114], np.float32) if picture.ndim == 3 else picture
    return np.asarray(luma * np.float32(255 / data_range), np.float32)


def _follow(
    comparison: Comparison, real: npt.NDArray[np.float32], tile: tuple[slice, slice]
) -> tuple[float, float] | None:
    """Return the shift (dx, dy) of one tile, or None where the two hold different content.

    The window on a tile draws every estimate towards nought, so the fake's tile is taken again from where the shift
    led, until nothing is left to correct.
    """
    top, left = max(tile[0].start - _MARGIN, 0), max(tile[1].start - _MARGIN, 0)
    around = (slice(top, tile[0].stop + _MARGIN), slice(left, tile[1].stop + _MARGIN))
    fake = _levels(comparison.fake[around], comparison.data_range)
    centre = np.array((tile[1].start - left + _HALF, tile[0].start - top + _HALF))
    shift = np.zeros(2)
    still = there = np.asarray(cv2.getRectSubPix(fake, (_TILE, _TILE), tuple(centre)), np.float32)
    for _ in range(_ROUNDS):
        step = _shift_of(real, there)
        if step is None:
            return None
        shift += step
        there = np.asarray(cv2.getRectSubPix(fake, (_TILE, _TILE), tuple(centre + shift)), np.float32)
        if math.hypot(*step) < 0.05:
            break
    if np.var(there - real) > _EXPLAINED * np.var(still - real):
        return 0.0, 0.0  # a coder's blur: no shift explains it
    corner = centre + shift - _HALF
    in_sight = (corner >= -LIMIT).all() and (corner <= np.array(fake.shape[::-1]) - _TILE + LIMIT).all()
    return (float(shift[0]), float(shift[1])) if in_sight else None


def _shift_of(real: npt.NDArray[np.float32], fake: npt.NDArray[np.float32]) -> tuple[float, float] | None:
    """Return one estimate of the shift of a tile, or None where the two hold different content."""
    if fake.std() < 1:
        return None
    change = fake - real - (fake.mean() - real.mean())
    if np.square(change).mean() <= _LINEAR * real.var():
        # Lucas and Kanade (1981): the change is minus the gradient times the shift.
        down, right = np.gradient(real)
        normal = np.array([[np.sum(right * right), np.sum(right * down)], [np.sum(right * down), np.sum(down * down)]])
        dx, dy = -np.linalg.pinv(normal) @ (np.sum(right * change), np.sum(down * change))
        if math.hypot(dx, dy) <= LIMIT / 2:
            return float(dx), float(dy)
    window = np.outer(np.hanning(_TILE), np.hanning(_TILE))
    (down_by, right_by), error, _ = phase_cross_correlation(  # type: ignore[no-untyped-call]
        (real - real.mean()) * window, (fake - fake.mean()) * window, upsample_factor=20, normalization=None
    )
    if error > math.sqrt(1 - _LEAST_CORRELATION**2):
        return None
    return -float(right_by), -float(down_by)


def _moved(comparison: Comparison, matrix: npt.NDArray[np.float32]) -> Comparison:
    """Compare again, the fake taken from the places that the matrix maps the real's to."""
    height, width = comparison.shape
    fake = cv2.warpAffine(
        comparison.fake,
        matrix,
        (width, height),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    covered = cv2.warpAffine(
        np.ones((height, width), np.uint8), matrix, (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    )
    # The cubic kernel reaches two pixels far.
    inner = cv2.erode(covered, np.ones((5, 5), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    where: Mask = inner.astype(np.bool_)
    if comparison.where is not None:
        where &= comparison.where
    return compare_images(
        comparison.real,
        np.clip(fake, 0, comparison.data_range).astype(comparison.fake.dtype),
        data_range=comparison.data_range,
        where=where,
        window=comparison.window,
        window_size=comparison.window_size,
        channels=comparison.channels,
    )
