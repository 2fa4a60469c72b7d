"""Maps of cells, plane by plane: smoothed, and divided by the noise of their texture; compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from facediff._arrays import Map
from facediff._compiled import kernel, over_strips

_f32 = np.float32
_HALF, _QUARTER = np.float32(0.5), np.float32(0.25)


def smooth(planes: Map) -> Map:
    """Return planes (n, h, w) smoothed by a window of three cells weighted 1, 2, 1; the border cell is repeated."""
    out = np.empty_like(planes)
    count, height, width = planes.shape

    def work(start: int, stop: int) -> None:
        for plane, smoothed in zip(planes, out, strict=True):
            _smooth(plane, start, stop, smoothed)

    over_strips(work, (height, count * width))
    return out


def largest_over(planes: Map, index: npt.NDArray[np.uint8], tables: Map) -> Map:
    """Return the largest over the planes of ``abs(plane) / table[index]``, a table of 256 for every plane."""
    out = np.zeros(index.shape, np.float32)
    inverse = (1 / tables).astype(np.float32)

    def work(start: int, stop: int) -> None:
        for plane, table in zip(planes, inverse, strict=True):
            _largest_over(plane[start:stop], index[start:stop], table, out[start:stop])

    over_strips(work, (index.shape[0], planes.shape[0] * index.shape[1]))
    return out


@kernel
def _smooth(plane: Any, start: int, stop: int, out: Any) -> None:
    height, width = plane.shape
    sums = np.empty(width + 2, np.float32)
    for y in range(start, stop):
        above, row, below = plane[max(y - 1, 0)], plane[y], plane[min(y + 1, height - 1)]
        middle = sums[1 : width + 1]
        for x in range(width):
            middle[x] = _HALF * row[x] + _QUARTER * (above[x] + below[x])
        sums[0], sums[width + 1] = sums[1], sums[width]
        line = out[y]
        for x in range(width):
            line[x] = _HALF * sums[x + 1] + _QUARTER * (sums[x] + sums[x + 2])


@kernel
def _largest_over(plane: Any, index: Any, table: Any, out: Any) -> None:
    for y in range(out.shape[0]):
        values, places, line = plane[y], index[y], out[y]
        for x in range(line.size):
            line[x] = max(line[x], abs(values[x]) * table[places[x]])
