"""What the assertions measure: the place that was promised, how far a find reaches beyond it, and drift."""

from __future__ import annotations

import math
from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from facediff import _shapes
from facediff._arrays import Mask, Pair, check_number, check_whole
from facediff.compare import Comparison, compare_images
from facediff.evidence import gate
from facediff.regions import Box, Region

_BLOCK = 16  # side of the blocks whose means drift, in pixels: the widest block that JPEG and H.264 code as one
RATES = (0.0001, 0.1)  # false-alarm rates that the gate is known for


def place_mask(place: object, name: str, shape: tuple[int, int]) -> Mask:
    """Let in a box or a mask that says where, and return it as a mask of the pictures' height and width."""
    height, width = shape
    if isinstance(place, Box):
        if place.left < 0 or place.top < 0 or place.right > width or place.bottom > height:
            raise ValueError(
                f"{name} must lie within the pictures of {width}x{height}, got {place}; "
                "check its coordinates, or clip it"
            )
        mask = np.zeros(shape, np.bool_)
        mask[place.slices] = True
        return mask
    if not isinstance(place, np.ndarray) or place.dtype != np.bool_:
        got = f"{place.dtype.name} array" if isinstance(place, np.ndarray) else type(place).__name__
        raise TypeError(f"{name} must be a Box or a bool array, got {got}; pass for example Box(*xyxy) or mask > 0")
    if place.shape != shape:
        raise ValueError(f"{name} must have the pictures' height and width {shape}, got {place.shape}")
    if not place.any():
        raise ValueError(f"{name} must hold at least one pixel, got none; check how the mask was made")
    return place


def rest(place: Box | Mask, name: str, shape: tuple[int, int]) -> Mask:
    """Return the pixels outside a place."""
    outside = ~place_mask(place, name, shape)
    if not outside.any():
        raise ValueError(f"{name} must leave a pixel outside, got all of the picture; nothing would be asserted")
    return outside


def check_tolerance(tolerance: object) -> int:
    """Let in a number of pixels: 0 or more."""
    pixels = check_whole(tolerance, "tolerance")
    if pixels < 0:
        raise ValueError(f"tolerance must be 0 pixels or more, got {pixels}")
    return pixels


def check_iou(iou: object) -> float:
    """Let in a least IoU: above 0, at most 1."""
    value = check_number(iou, "iou", low=0, high=1)
    if value == 0:
        raise ValueError("iou must be above 0, got 0, which any two regions reach; pass for example iou=0.5")
    return value


def check_boxes(regions: object, name: str) -> list[Box]:
    """Let in regions or boxes, and return their bounds."""
    if isinstance(regions, (str, bytes, Region, Box)) or not isinstance(regions, Iterable):
        raise TypeError(
            f"{name} must be an iterable of Region or Box, got {type(regions).__name__}; pass for example found.regions"
        )
    boxes = list(regions)
    for box in boxes:
        if not isinstance(box, (Region, Box)):
            raise TypeError(f"{name} must hold Region or Box, got {type(box).__name__}; make boxes with Box(*xyxy)")
    return boxes_of(boxes)


def boxes_of(regions: Iterable[Region | Box]) -> list[Box]:
    """Return the bounds of regions."""
    return [region if isinstance(region, Box) else region.box for region in regions]


def describe_place(place: Box | Mask) -> str:
    """Say which box or mask."""
    if isinstance(place, Box):
        return str(place)
    return f"a mask of {np.count_nonzero(place)} px in {bounds(place)}"


def bounds(mask: Mask) -> Box:
    """Return the box around the marked pixels."""
    return Box.from_xywh(*cv2.boundingRect(mask.view(np.uint8)))


def steps_beyond(mask: Mask, place: Mask) -> npt.NDArray[np.int64]:
    """Return for each marked pixel beyond a place how many pixels away from it that lies.

    Steps go to any of the eight neighbours: a box that is grown by so many pixels on every side holds the pixel.
    """
    beyond = mask & ~place
    if not beyond.any():
        return np.zeros(0, np.int64)
    steps = cv2.distanceTransform((~place).view(np.uint8), cv2.DIST_C, cv2.DIST_MASK_3)
    return np.rint(steps[beyond]).astype(np.int64)


def farther_than(tolerance: int, place: Mask) -> Mask:
    """Return the pixels that lie more than so many pixels beyond a place."""
    return ~_shapes.grow(place, tolerance)


def shared(found: Mask, place: Box | Mask) -> float:
    """Return the IoU of what was found with a place: of boxes for a box, of pixels for a mask."""
    if isinstance(place, Box):
        return bounds(found).iou(place)
    return float(np.count_nonzero(found & place) / np.count_nonzero(found | place))


def drift(comparison: Comparison, outside: Mask | None = None) -> float:
    """Return how far local means moved over the whole picture: RMS over blocks of 16x16 pixels, in 8-bit levels.

    The largest over the channels. The noise of a pair is read off the pair, so what is done to all of it alike passes
    for noise; but no coder moves the mean of a block by more than its step for flat areas.
    """
    change = np.subtract(comparison.fake, comparison.real, dtype=np.float32)
    change = change.reshape(*comparison.shape, -1)
    counted = np.ones(comparison.shape, np.float32) if outside is None else outside.astype(np.float32)
    counts = _block_sums(counted)
    if not counts.any():
        return 0.0
    squares = []
    for channel in range(change.shape[2]):
        sums = _block_sums(change[..., channel] * counted)
        squares.append(float((sums**2 / np.maximum(counts, 1)).sum() / counts.sum()))
    return 255 / comparison.data_range * math.sqrt(max(squares))


def _block_sums(plane: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    rows, columns = (np.arange(0, size, _BLOCK) for size in plane.shape)
    return np.add.reduceat(np.add.reduceat(plane, rows, axis=0, dtype=np.float64), columns, axis=1)


def compare_pair(pair: Pair) -> Comparison | None:
    """Compare what is known to differ, for the pictures that a failure shows; None where no SSIM window fits."""
    margin = min(3, (min(pair.shape) - 1) // 2)
    if margin == 0:
        return None
    where = pair.where
    # Where only the border counts, no window lies within the picture: then the whole of it is shown.
    if where is not None and not where[margin:-margin, margin:-margin].any():
        where = None
    return compare_images(pair.real, pair.fake, data_range=pair.data_range, where=where, window_size=2 * margin + 1)


def highest_rate_that_passes(peak: float) -> float | None:
    """Return a false-alarm rate at which this evidence stays below the gate, rounded down; None if there is none."""
    rate = _rate_of(peak)
    if rate < RATES[0]:
        return None
    return min(_round(rate, up=False), RATES[1])


def lowest_rate_that_fires(peak: float) -> float | None:
    """Return a false-alarm rate at which this evidence is above the gate, rounded up; None if there is none."""
    if peak <= gate(RATES[1]):
        return None
    return max(_round(_rate_of(peak) * (1 + 1e-9), up=True), RATES[0])


def _rate_of(peak: float) -> float:
    """Return the rate whose gate this is: the inverse of `facediff.evidence.gate`, by its fourth power."""
    return RATES[1] * (gate(RATES[1]) / peak) ** 4


def _round(value: float, *, up: bool) -> float:
    """Round to two digits, up or down."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{(math.ceil(value / step) if up else math.floor(value / step)) * step:.2g}")
