"""What is computed pixel by pixel: luma, and the largest difference over the channels.

Luma is that of ITU-R BT.601, ``0.299 R + 0.587 G + 0.114 B``, the one in which JPEG and most video are coded. For
integer pictures it is rounded to whole numbers with the weights in 1/16384 (4899, 9617, 1868), which is what OpenCV's
``COLOR_RGB2GRAY`` documents; for float pictures nothing is rounded but to the dtype itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from facediff._arrays import Map, Picture
from facediff._compiled import kernel, over_strips

_i32 = np.int32
_R, _G, _B = np.int32(4899), np.int32(9617), np.int32(1868)
_HALF, _BITS = np.int32(8192), np.int32(14)


def luma(picture: Picture) -> Picture:
    """Return the luma of a picture, in its dtype; a gray picture is its own luma."""
    if picture.ndim == 2:
        return picture
    out = np.empty(picture.shape[:2], picture.dtype)
    fill = _luma_whole if picture.dtype.kind == "u" else _luma_float
    over_strips(lambda start, stop: fill(picture[start:stop], out[start:stop]), out.shape)
    return out


def difference(real: Picture, fake: Picture) -> Picture:
    """Return the largest absolute difference over the channels, per pixel, in the pictures' dtype."""
    out = np.empty(real.shape[:2], real.dtype)
    shape = (*real.shape[:2], -1)
    real, fake = real.reshape(shape), fake.reshape(shape)
    over_strips(lambda start, stop: _difference(real[start:stop], fake[start:stop], out[start:stop]), out.shape)
    return out


def sums_of_labels(
    labels: npt.NDArray[np.int32], count: int, evidence: Map, ssim_map: Map, real: Picture, fake: Picture
) -> npt.NDArray[np.float64]:
    """Return, for each label from 0 to `count`, sums over its pixels.

    A row holds the number of pixels, then the sums of evidence, of SSIM, and of fake - real in each channel.
    """
    channels = 1 if real.ndim == 2 else real.shape[2]
    sums = np.zeros((count + 1, 3 + channels))
    shape = (*real.shape[:2], channels)
    _sums_of_labels(labels, evidence, ssim_map, real.reshape(shape), fake.reshape(shape), sums)
    return sums


def largest_of_labels(
    labels: npt.NDArray[np.int32], count: int, cells: Map, *, cell: int, top: int, left: int
) -> npt.NDArray[np.float64]:
    """Return, for each label from 0 to `count`, the largest value of the cells that hold a pixel of it.

    The labels begin at `top`, `left` of the picture that the square cells of `cell` pixels cover.
    """
    largest = np.zeros(count + 1)
    _largest_of_labels(labels, cells, cell, top, left, largest)
    return largest


@kernel
def _largest_of_labels(labels: Any, cells: Any, cell: int, top: int, left: int, largest: Any) -> None:
    for y in range(labels.shape[0]):
        row = cells[(top + y) // cell]
        for x in range(labels.shape[1]):
            label = labels[y, x]
            if label > 0:
                largest[label] = max(largest[label], row[(left + x) // cell])


@kernel
def _sums_of_labels(labels: Any, evidence: Any, ssim_map: Any, real: Any, fake: Any, sums: Any) -> None:
    for y in range(labels.shape[0]):
        for x in range(labels.shape[1]):
            label = labels[y, x]
            if label == 0:
                continue
            row = sums[label]
            row[0] += 1.0
            row[1] += evidence[y, x]
            row[2] += ssim_map[y, x]
            for c in range(real.shape[2]):
                row[3 + c] += np.float64(fake[y, x, c]) - np.float64(real[y, x, c])


@kernel
def _luma_whole(rgb: Any, out: Any) -> None:
    # One flat row at a time: the compiler then sees that every third value is one channel, and vectorises.
    for y in range(out.shape[0]):
        row, line = rgb[y].reshape(rgb[y].size), out[y]
        for x in range(line.size):
            red, green, blue = _i32(row[3 * x]), _i32(row[3 * x + 1]), _i32(row[3 * x + 2])
            line[x] = _i32(_i32(_R * red) + _i32(_G * green) + _i32(_i32(_B * blue) + _HALF)) >> _BITS


@kernel
def _luma_float(rgb: Any, out: Any) -> None:
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            out[y, x] = 0.299 * rgb[y, x, 0] + 0.587 * rgb[y, x, 1] + 0.114 * rgb[y, x, 2]


@kernel
def _difference(real: Any, fake: Any, out: Any) -> None:
    channels = real.shape[2]
    apart = np.empty(real[0].size, real.dtype)
    for y in range(out.shape[0]):
        row = out[y].reshape(out[y].size)
        if channels == 1:
            _apart(real[y].reshape(apart.size), fake[y].reshape(apart.size), row)
        else:
            # Two loops: one that both reads every third value and subtracts is not vectorised.
            _apart(real[y].reshape(apart.size), fake[y].reshape(apart.size), apart)
            for x in range(row.size):
                row[x] = max(apart[3 * x], apart[3 * x + 1], apart[3 * x + 2])


@kernel
def _apart(a: Any, b: Any, out: Any) -> None:
    for k in range(out.size):
        out[k] = max(a[k], b[k]) - min(a[k], b[k])
