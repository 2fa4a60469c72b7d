"""The differences of two pictures in cells of 4x4 pixels, and pixel by pixel: the kernels below `evidence`.

Differences are fake - real in luma and the two chroma components of BT.601, in units of 8-bit levels whatever the
dtype, signed: what coding does to a flat place averages out over a cell, what an edit does stays.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from facediff._arrays import Map, Mask, Picture, frozen
from facediff._compiled import exact_kernel, kernel, over_strips

CELL = 4
FINE = 3  # pixels across the window of the fine scale

_f32 = np.float32
_YR, _YG, _YB = np.float32(0.299), np.float32(0.587), np.float32(0.114)
_CB, _CR = np.float32(1 / 1.772), np.float32(1 / 1.402)


class Cells(NamedTuple):
    """Means over cells, in 8-bit levels; the last row and column of cells may be cut by the picture's end."""

    change: Map  # (planes, h, w): luma, and for colour blue and red chroma, of fake - real, over the whole cell
    sample: Map  # (planes, h, w): the same over the 3x3 pixels in its corner, a sample of the fine scale
    means: Map  # (2, channels, h, w): of real and fake
    squares: Map  # (2, h, w): of the squares of real and fake, over all channels
    seen: Mask  # (h, w): cells of whose sample any pixel counts


def measure_cells(real: Picture, fake: Picture, *, data_range: float, where: Mask | None) -> Cells:
    """Return what `evidence` needs to know of every cell."""
    height, width = real.shape[:2]
    rows, columns = -(-height // CELL), -(-width // CELL)
    channels = real.size // (height * width)
    change, sample = np.empty((2, channels, rows, columns), np.float32)
    means, squares = np.empty((2, channels, rows, columns), np.float32), np.zeros((2, rows, columns), np.float32)
    seen = np.empty((rows, columns), np.bool_)
    flat_real, flat_fake = (picture.reshape(height, -1) for picture in (real, fake))
    visible = np.ones((1, 1), np.bool_) if where is None else where
    scale = _f32(255 / data_range)
    # Sums over 16 pixels fit these; the narrower, the more of them are added at once.
    whole = np.empty(0, {np.dtype(np.uint8): np.int16, np.dtype(np.uint16): np.int32}.get(real.dtype, np.float32))

    def work(start: int, stop: int) -> None:
        _cells(flat_real, flat_fake, visible, width, scale, whole, start, stop, change, sample, means, squares, seen)

    over_strips(work, (rows, columns * CELL * CELL), rows=16)
    return Cells(change, sample, means, squares, seen)


def count_above(values: Picture, limit: float) -> npt.NDArray[np.uint8]:
    """Return how many pixels of each cell exceed a limit."""
    rows, columns = (-(-size // CELL) for size in values.shape)
    out = np.zeros((rows, columns), np.uint8)
    over_strips(lambda start, stop: _count_above(values, limit, start, stop, out), (rows, columns * CELL * CELL))
    return out


def fine_evidence(
    real: Picture, fake: Picture, *, data_range: float, noise: Map, where: Mask | None, box: tuple[slice, slice]
) -> npt.NDArray[np.float32]:
    """Return, within a box, the largest of the three differences over 3x3 pixels, in units of their noise.

    `noise` is of cells, a plane for each component as in `Cells.change`. Pixels that do not count differ by nothing.
    """
    top, bottom = box[0].start, box[0].stop
    left, right = box[1].start, box[1].stop
    height, width = real.shape[:2]
    out = np.empty((bottom - top, right - left), np.float32)
    flat_real, flat_fake = (picture.reshape(height, -1) for picture in (real, fake))
    visible = frozen(np.ones((1, 1), np.bool_)) if where is None else where
    inverse = (1 / noise).astype(np.float32)
    scale = _f32(255 / data_range)

    def work(start: int, stop: int) -> None:
        _fine(flat_real, flat_fake, visible, scale, inverse, top + start, left, width, out[start:stop])

    over_strips(work, out.shape)
    return out


@kernel
def _count_above(values: Any, limit: float, start: int, stop: int, out: Any) -> None:
    height, width = values.shape
    above = np.zeros(CELL * out.shape[1], np.uint8)
    for cell in range(start, stop):
        above[:] = 0
        for y in range(CELL * cell, min(CELL * cell + CELL, height)):
            for x in range(width):
                above[x] += np.uint8(values[y, x] > limit)
        for i in range(out.shape[1]):
            out[cell, i] = above[4 * i] + above[4 * i + 1] + above[4 * i + 2] + above[4 * i + 3]


@kernel
def _components(real: Any, fake: Any, scale: Any, y: Any, cb: Any, cr: Any) -> None:
    """Write the luma and chroma differences of one row of pixels; three rows to write, as one array, vectorise not."""
    width = y.size
    if real.size == width:
        for x in range(width):
            y[x] = (_f32(fake[x]) - _f32(real[x])) * scale
        return
    for x in range(width):
        red = (_f32(fake[3 * x]) - _f32(real[3 * x])) * scale
        green = (_f32(fake[3 * x + 1]) - _f32(real[3 * x + 1])) * scale
        blue = (_f32(fake[3 * x + 2]) - _f32(real[3 * x + 2])) * scale
        luma = _YR * red + _YG * green + _YB * blue
        y[x] = luma
        cb[x] = (blue - luma) * _CB
        cr[x] = (red - luma) * _CR


@exact_kernel
def _add_rows(real: Any, fake: Any, level: Any, three: Any, four: Any) -> None:
    """Add up four rows, channel beside channel as they lie in memory: the real ones, and fake - real of three and four.

    Whole numbers may wrap on the way, since what they are stored in holds the result. In order: where the two pictures
    are alike nothing must be left.
    """
    r0, r1, r2, r3 = real
    f0, f1, f2, f3 = fake
    for k in range(level.size):
        level[k] = r0[k] + r1[k] + r2[k] + r3[k]
        three[k] = (f0[k] - r0[k]) + (f1[k] - r1[k]) + (f2[k] - r2[k])
        four[k] = (f0[k] - r0[k]) + (f1[k] - r1[k]) + (f2[k] - r2[k]) + (f3[k] - r3[k])


@kernel
def _add_squares(rows: Any, out: Any) -> None:
    """Add up the squares of four rows likewise."""
    r0, r1, r2, r3 = rows
    for k in range(out.size):
        a, b, c, d = _f32(r0[k]), _f32(r1[k]), _f32(r2[k]), _f32(r3[k])
        out[k] = a * a + b * b + c * c + d * d


@kernel
def _gather(sums: Any, across: int, channels: int, room: Any) -> None:
    """Add up the first `across` columns of each cell, along the whole row, which vectorises; channel beside channel."""
    size = sums.size - 3 * channels
    # Slices and not offsets: an index that might be negative is checked, and a loop with checks is not vectorised.
    second, third, fourth = sums[channels:], sums[2 * channels :], sums[3 * channels :]
    if across == 4:
        for k in range(size):
            room[k] = (sums[k] + second[k]) + (third[k] + fourth[k])
    else:
        for k in range(size):
            room[k] = (sums[k] + second[k]) + third[k]


@kernel
def _weigh(counts: Any, across: int, scale: Any, weights: Any) -> None:
    """Return `scale` over the number of pixels that count in the first `across` columns of each cell, 0 for none."""
    for i in range(weights.size):
        total = counts[4 * i] + counts[4 * i + 1] + counts[4 * i + 2]
        if across == 4:
            total += counts[4 * i + 3]
        weights[i] = scale / total if total > 0.0 else 0.0


@kernel
def _pick(room: Any, weights: Any, planes: Any) -> None:
    """Pick the sum of every cell, and weigh it."""
    channels = planes.shape[0]
    for c in range(channels):
        plane = planes[c]
        for i in range(weights.size):
            plane[i] = room[4 * channels * i + c] * weights[i]


@kernel
def _pick_components(room: Any, weights: Any, planes: Any) -> None:
    """Pick likewise, as luma and chroma if there is colour."""
    if planes.shape[0] == 1:
        _pick(room, weights, planes)
        return
    for i in range(weights.size):
        red, green, blue = room[12 * i] * weights[i], room[12 * i + 1] * weights[i], room[12 * i + 2] * weights[i]
        luma = _YR * red + _YG * green + _YB * blue
        planes[0, i], planes[1, i], planes[2, i] = luma, (blue - luma) * _CB, (red - luma) * _CR


@kernel
def _cells(
    real: Any,
    fake: Any,
    visible: Any,
    width: int,
    scale: Any,
    whole: Any,
    start: int,
    stop: int,
    change: Any,
    sample: Any,
    means: Any,
    squares: Any,
    seen: Any,
) -> None:
    """Fill rows of cells."""
    height = real.shape[0]
    columns = seen.shape[1]
    channels = real.shape[1] // width
    masked = visible.size > 1
    flat = width * channels
    size = 4 * columns * channels
    level, three, four = np.zeros(size, whole.dtype), np.zeros(size, whole.dtype), np.zeros(size, whole.dtype)
    square, room = np.zeros(size, np.float32), np.zeros(size, np.float32)
    counts, weights = np.zeros((2, 4 * columns), np.float32), np.zeros((2, columns), np.float32)
    hidden = np.zeros((2, 4, flat), real.dtype)  # rows with nothing where nothing counts
    nothing = np.zeros(flat, real.dtype)
    for cell in range(start, stop):
        top = 4 * cell
        rows = min(height - top, 4)
        if masked:
            counts[:] = 0.0
            for j in range(4):
                for x in range(width):
                    shown = j < rows and visible[min(top + j, height - 1), x]
                    for k in range(x * channels, (x + 1) * channels):
                        hidden[0, j, k] = real[top + j, k] if shown else 0
                        hidden[1, j, k] = fake[top + j, k] if shown else 0
                    counts[0, x] += 1.0 if shown and j < 3 else 0.0
                    counts[1, x] += 1.0 if shown else 0.0
            a = (hidden[0, 0], hidden[0, 1], hidden[0, 2], hidden[0, 3])
            b = (hidden[1, 0], hidden[1, 1], hidden[1, 2], hidden[1, 3])
        else:
            counts[0, :width], counts[1, :width] = _f32(min(rows, 3)), _f32(rows)
            a = (
                real[top],
                real[top + 1] if rows > 1 else nothing,
                real[top + 2] if rows > 2 else nothing,
                real[top + 3] if rows > 3 else nothing,
            )
            b = (
                fake[top],
                fake[top + 1] if rows > 1 else nothing,
                fake[top + 2] if rows > 2 else nothing,
                fake[top + 3] if rows > 3 else nothing,
            )
        _weigh(counts[0], 3, scale, weights[0])
        _weigh(counts[1], 4, scale, weights[1])
        for i in range(columns):
            seen[cell, i] = weights[0, i] > 0.0
        _add_rows(a, b, level[:flat], three[:flat], four[:flat])
        _gather(three, 3, channels, room)
        _pick_components(room, weights[0], sample[:, cell])
        _gather(four, 4, channels, room)
        _pick_components(room, weights[1], change[:, cell])
        _gather(level, 4, channels, room)
        _pick(room, weights[1], means[0, :, cell])
        for k in range(size):
            level[k] += four[k]
        _gather(level, 4, channels, room)
        _pick(room, weights[1], means[1, :, cell])
        for picture in range(2):
            _add_squares(a if picture == 0 else b, square[:flat])
            _gather(square, 4, channels, room)
            for i in range(columns):
                total = _f32(0.0)
                for c in range(channels):
                    total += room[4 * channels * i + c]
                squares[picture, cell, i] = total * (weights[1, i] * scale / _f32(channels))


@kernel
def _fine(
    real: Any, fake: Any, visible: Any, scale: Any, inverse: Any, top: int, left: int, width: int, out: Any
) -> None:
    """Fill rows of `out`, which begins at `top`, `left` of the picture; the picture's border pixels are repeated."""
    height = real.shape[0]
    columns = out.shape[1]
    channels = real.shape[1] // width
    planes = 3 if channels == 3 else 1
    masked = visible.size > 1
    first, last = max(left - 1, 0), min(left + columns + 1, width)
    inner = slice(first - left + 1, last - left + 1)
    part = slice(first * channels, last * channels)
    rows = np.zeros((3, 3, columns + 2), np.float32)  # the rows around, in turn
    sums = np.zeros(columns + 2, np.float32)
    level = np.zeros((3, columns), np.float32)
    for i in range(-1, out.shape[0] + 1):
        y = min(max(top + i, 0), height - 1)
        row = rows[(i + 1) % 3]
        _components(real[y, part], fake[y, part], scale, row[0, inner], row[1, inner], row[2, inner])
        if masked:
            for x in range(first, last):
                if not visible[y, x]:
                    row[:, x - left + 1] = 0.0
        if first == left:
            row[:, 0] = row[:, 1]
        if last == left + columns:
            row[:, columns + 1] = row[:, columns]
        if i < 1:
            continue
        line = out[i - 1]
        if i == 1 or (top + i - 1) % 4 == 0:
            for c in range(planes):
                for x in range(columns):
                    level[c, x] = inverse[c, (top + i - 1) // 4, (left + x) // 4] * _f32(1 / 9)
        line[:] = 0.0
        for c in range(planes):
            a, b, d, noise = rows[0, c], rows[1, c], rows[2, c], level[c]
            for x in range(columns + 2):
                sums[x] = a[x] + b[x] + d[x]
            for x in range(columns):
                line[x] = max(line[x], abs(sums[x] + sums[x + 1] + sums[x + 2]) * noise[x])
