"""What is computed pixel by pixel: luma, and the largest difference over the channels.

Luma is that of ITU-R BT.601, ``0.299 R + 0.587 G + 0.114 B``, the one in which JPEG and most video are coded. For
integer pictures it is rounded to whole numbers with the weights in 1/16384 (4899, 9617, 1868), which is what OpenCV's
``COLOR_RGB2GRAY`` documents; for float pictures nothing is rounded but to the dtype itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from facediff._arrays import Picture
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
    for y in range(out.shape[0]):
        a, b, line = real[y].reshape(real[y].size), fake[y].reshape(real[y].size), out[y]
        if channels == 1:
            for x in range(line.size):
                line[x] = max(a[x], b[x]) - min(a[x], b[x])
        else:
            for x in range(line.size):
                i = 3 * x
                red = max(a[i], b[i]) - min(a[i], b[i])
                green = max(a[i + 1], b[i + 1]) - min(a[i + 1], b[i + 1])
                blue = max(a[i + 2], b[i + 2]) - min(a[i + 2], b[i + 2])
                line[x] = max(red, green, blue)
