"""The differences of two pictures in cells of 4x4 pixels, and pixel by pixel: the kernels below `evidence`.

Differences are fake - real in luma and the two chroma components of BT.601, in units of 8-bit levels whatever the
dtype, signed: what coding does to a flat place averages out over a cell, what an edit does stays.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from facediff._arrays import Map, Mask, Picture, frozen
from facediff._compiled import kernel, over_strips

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

    def work(start: int, stop: int) -> None:
        _cells(flat_real, flat_fake, visible, width, scale, start, stop, change, sample, means, squares, seen)

    over_strips(work, (rows, columns * CELL * CELL), rows=16)
    return Cells(change, sample, means, squares, seen)


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


@kernel
def _add_row(real: Any, fake: Any, change: Any, level: Any) -> None:
    """Add one row to the column sums, channel beside channel as they lie in memory."""
    for k in range(change.size):
        change[k] += _f32(fake[k]) - _f32(real[k])
        level[k] += _f32(real[k])


@kernel
def _add_squares(real: Any, fake: Any, square: Any, square_fake: Any) -> None:
    """Add the squares likewise; in a loop of its own, since one with four sums is not vectorised."""
    for k in range(square.size):
        square[k] += _f32(real[k]) * _f32(real[k])
        square_fake[k] += _f32(fake[k]) * _f32(fake[k])


@kernel
def _gather(sums: Any, weights: Any, across: int, channels: int, room: Any, out: Any) -> None:
    """Add up the first `across` columns of each cell, and weigh them; channel beside channel.

    Neighbours are added along the whole row, which vectorises, and then every fourth sum is picked.
    """
    size = sums.size - 3 * channels
    # Slices and not offsets: an index that might be negative is checked, and a loop with checks is not vectorised.
    second, third, fourth = sums[channels:], sums[2 * channels :], sums[3 * channels :]
    for k in range(size):
        room[k] = (sums[k] + second[k]) + third[k]
    if across == 4:
        for k in range(size):
            room[k] += fourth[k]
    if channels == 1:
        for i in range(weights.size):
            out[i] = room[4 * i] * weights[i]
    else:
        for i in range(weights.size):
            out[3 * i] = room[12 * i] * weights[i]
            out[3 * i + 1] = room[12 * i + 1] * weights[i]
            out[3 * i + 2] = room[12 * i + 2] * weights[i]


@kernel
def _weigh(counts: Any, across: int, scale: Any, weights: Any) -> None:
    """Return `scale` over the number of pixels that count in the first `across` columns of each cell, 0 for none."""
    for i in range(weights.size):
        total = counts[4 * i] + counts[4 * i + 1] + counts[4 * i + 2]
        if across == 4:
            total += counts[4 * i + 3]
        weights[i] = scale / total if total > 0.0 else 0.0


@kernel
def _split(flat: Any, channels: int, planes: Any) -> None:
    for c in range(channels):
        plane = planes[c]
        for i in range(plane.size):
            plane[i] = flat[channels * i + c]


@kernel
def _split_colour(flat: Any, channels: int, planes: Any) -> None:
    """Write luma and chroma of means by channel."""
    _split(flat, channels, planes)
    if channels == 3:
        for i in range(planes.shape[1]):
            luma = _YR * planes[0, i] + _YG * planes[1, i] + _YB * planes[2, i]
            red, blue = planes[0, i], planes[2, i]
            planes[0, i], planes[1, i], planes[2, i] = luma, (blue - luma) * _CB, (red - luma) * _CR


@kernel
def _cells(
    real: Any,
    fake: Any,
    visible: Any,
    width: int,
    scale: Any,
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
    moved, level = np.zeros(size, np.float32), np.zeros(size, np.float32)
    square, square_fake = np.zeros(size, np.float32), np.zeros(size, np.float32)
    room, found = np.zeros(size, np.float32), np.zeros(columns * channels, np.float32)
    hidden_real, hidden_fake = np.zeros(flat, real.dtype), np.zeros(flat, real.dtype)
    counts, weights = np.zeros(4 * columns, np.float32), np.zeros(columns, np.float32)
    for cell in range(start, stop):
        moved[:], level[:], square[:], square_fake[:], counts[:] = 0.0, 0.0, 0.0, 0.0, 0.0
        last = min(4 * cell + 4, height) - 1
        for y in range(4 * cell, last + 1):
            if masked:
                for x in range(width):
                    for k in range(x * channels, (x + 1) * channels):
                        hidden_real[k] = real[y, k] if visible[y, x] else 0
                        hidden_fake[k] = fake[y, k] if visible[y, x] else 0
                    counts[x] += 1.0 if visible[y, x] else 0.0
                _add_row(hidden_real, hidden_fake, moved[:flat], level[:flat])
                _add_squares(hidden_real, hidden_fake, square[:flat], square_fake[:flat])
            else:
                _add_row(real[y], fake[y], moved[:flat], level[:flat])
                _add_squares(real[y], fake[y], square[:flat], square_fake[:flat])
            if y == min(4 * cell + 2, last):
                if not masked:
                    counts[:width] = _f32(y - 4 * cell + 1)
                _weigh(counts, 3, scale, weights)
                for i in range(columns):
                    seen[cell, i] = weights[i] > 0.0
                _gather(moved, weights, 3, channels, room, found)
                _split_colour(found, channels, sample[:, cell])
        if not masked:
            counts[:width] = _f32(last - 4 * cell + 1)
        _weigh(counts, 4, scale, weights)
        _gather(level, weights, 4, channels, room, found)
        _split(found, channels, means[0, :, cell])
        for k in range(size):
            level[k] += moved[k]
        _gather(level, weights, 4, channels, room, found)
        _split(found, channels, means[1, :, cell])
        _gather(moved, weights, 4, channels, room, found)
        _split_colour(found, channels, change[:, cell])
        _weigh(counts, 4, scale * scale / _f32(channels), weights)
        for picture in range(2):
            _gather(square if picture == 0 else square_fake, weights, 4, channels, room, found)
            for i in range(columns):
                total = _f32(0.0)
                for c in range(channels):
                    total += found[channels * i + c]
                squares[picture, cell, i] = total


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
