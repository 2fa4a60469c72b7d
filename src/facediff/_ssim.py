"""The SSIM kernels: Wang et al. (2004), DOI 10.1109/TIP.2003.819861, over gray pictures that passed the door.

Both kernels work on the sum ``s = x + y`` and the difference ``d = x - y`` of the two pictures. With means m and
variances v under the window,

    2 m_x m_y = (m_s^2 - m_d^2) / 2        m_x^2 + m_y^2 = (m_s^2 + m_d^2) / 2
    2 v_xy    = (v_s - v_d) / 2            v_x + v_y     = (v_s + v_d) / 2

so four window sums do instead of five; identical pictures have d = 0 and score exactly 1; and swapping the pictures
flips the sign of d, which is only ever squared, so the score is exactly symmetric.

`_fast_strip` serves 8-bit pictures under the uniform 7x7 window: running column sums, all in 32-bit integers, exact
until the last formula. `_strip` serves the rest in float64: any window that is the product of two symmetric ones, any
dtype, and a mask.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from facediff._arrays import Map, Mask, Picture
from facediff._compiled import STRIP, cores, kernel, over_strips, widest

_K1, _K2 = 0.01, 0.03
_SIGMA = 1.5

_i32 = np.int32
_f32 = np.float32
_N = np.int32(49)


def gaussian_weights(size: int) -> npt.NDArray[np.float64]:
    """Return the samples of a Gaussian of sigma 1.5 at `size` places, their sum 1."""
    places = np.arange(size) - size // 2
    weights = np.exp(-0.5 * (places / _SIGMA) ** 2)
    return np.asarray(weights / weights.sum(), np.float64)


def uniform_weights(size: int) -> npt.NDArray[np.float64]:
    """Return `size` equal weights, their sum 1."""
    return np.full(size, 1 / size)


def score(
    real: Picture,
    fake: Picture,
    *,
    data_range: float,
    window: str,
    size: int,
    where: Mask | None = None,
    full: bool,
) -> tuple[float, Map | None]:
    """Return mean SSIM over the pixels whose window lies inside the picture, and on request the map.

    The pictures are gray. Beyond the borders they are mirrored, the border pixel repeated; outside `where` they do
    not exist, and the map is NaN.
    """
    height, width = real.shape
    totals = np.zeros(height)
    ssim_map = np.empty((height, width), np.float32) if full else None
    if real.dtype == np.uint8 and window == "uniform" and size == 7 and where is None:
        work = _fast_work(real, fake, data_range, ssim_map, totals)
        # Whole numbers add up alike however they are split: long strips, which start up less often.
        over_strips(work, real.shape, rows=max(STRIP, -(-height // (4 * cores()))))
    else:
        over_strips(_work(real, fake, data_range, window, size, where, ssim_map, totals), real.shape)
    margin = size // 2
    inside = (slice(margin, height - margin), slice(margin, width - margin))
    counted = (height - 2 * margin) * (width - 2 * margin) if where is None else int(where[inside].sum())
    return float(totals.sum() / counted), ssim_map


def exact_map(real: Picture, fake: Picture, *, data_range: float) -> npt.NDArray[np.float64]:
    """Return the SSIM map under the uniform 7x7 window in float64: for what cuts it at a level, bit for bit.

    The pictures are gray, and mirrored at their borders as by `score`.
    """
    ssim_map = np.empty(real.shape)
    totals = np.zeros(real.shape[0])
    over_strips(_work(real, fake, data_range, "uniform", 7, None, ssim_map, totals), real.shape)
    return ssim_map


def _fast_work(
    real: Picture, fake: Picture, data_range: float, ssim_map: Map | None, totals: npt.NDArray[np.float64]
) -> Callable[[int, int], None]:
    n = int(_N)
    c1 = _f32(2 * n * n * (_K1 * data_range) ** 2)
    c2 = _f32(2 * n * (n - 1) * (_K2 * data_range) ** 2)

    def work(start: int, stop: int) -> None:
        # Without a map, one row of room serves every row in turn.
        out = np.empty((1, real.shape[1]), np.float32) if ssim_map is None else ssim_map[start:stop]
        _fast_strip(real, fake, start, stop, c1, c2, out, totals)

    return work


def _work(
    real: Picture,
    fake: Picture,
    data_range: float,
    window: str,
    size: int,
    where: Mask | None,
    ssim_map: npt.NDArray[Any] | None,
    totals: npt.NDArray[np.float64],
) -> Callable[[int, int], None]:
    weights = gaussian_weights(size) if window == "gaussian" else uniform_weights(size)
    half = tuple(float(weight) for weight in weights[: size // 2 + 1])  # a tuple: its length is known to the compiler
    # The uniform window takes the sample variance, as scikit-image does; the Gaussian one the weighted variance of
    # Wang et al. The pixels that a window sees are counted by the sum of its weights.
    sample = float(size * size) if window == "uniform" else 0.0
    c1, c2 = 2 * (_K1 * data_range) ** 2, 2 * (_K2 * data_range) ** 2
    margin = size // 2
    everything = np.ones((1, 1), np.bool_)
    visible = everything if where is None else where

    def work(start: int, stop: int) -> None:
        rows, columns = stop - start + 2 * margin, real.shape[1] + 2 * margin
        s, d = np.empty((rows, columns)), np.empty((rows, columns))
        seen = np.empty((rows, columns) if where is not None else (1, 1))
        _load(real, fake, visible, start - margin, margin, s, d, seen)
        out = np.empty((stop - start, real.shape[1]), np.float32) if ssim_map is None else ssim_map[start:stop]
        _strip(s, d, seen, half, sample, c1, c2, out)
        if where is not None:
            out[~where[start:stop]] = np.nan
        first, last = max(start, margin), min(stop, real.shape[0] - margin)
        inside = (slice(first - start, max(last, first) - start), slice(margin, real.shape[1] - margin))
        counted = None if where is None else where[start:stop][inside]
        totals[first : max(last, first)] = np.sum(
            out[inside], axis=1, dtype=np.float64, where=True if counted is None else counted
        )

    return work


@kernel
def _mirror(i: int, n: int) -> int:
    """Return the place that stands for `i` in a row of `n` mirrored at its ends: d c b a | a b c d | d c b a."""
    period = 2 * n
    i = i % period
    return i if i < n else period - 1 - i


@kernel
def _fast_slide(new_x: Any, new_y: Any, old_x: Any, old_y: Any, sums: Any, squares: Any, squares_d: Any) -> None:
    """Move the column sums down by one row.

    `sums` packs two numbers, sum of s + (sum of d << 16); `squares` and `squares_d` hold the sums of s^2 and d^2.
    The change of a square is (new - old) * (new + old): one multiplication of small numbers.
    """
    for x in range(new_x.size):
        new_s, new_d = _i32(_i32(new_x[x]) + _i32(new_y[x])), _i32(_i32(new_x[x]) - _i32(new_y[x]))
        old_s, old_d = _i32(_i32(old_x[x]) + _i32(old_y[x])), _i32(_i32(old_x[x]) - _i32(old_y[x]))
        change_s, change_d = _i32(new_s - old_s), _i32(new_d - old_d)
        sums[x] = _i32(sums[x] + _i32(change_s + _i32(change_d << _i32(16))))
        squares[x] = _i32(squares[x] + _i32(change_s * _i32(new_s + old_s)))
        squares_d[x] = _i32(squares_d[x] + _i32(change_d * _i32(new_d + old_d)))


@kernel
def _seven(a: Any, x: int) -> Any:
    return _i32(_i32(_i32(a[x] + a[x + 1]) + _i32(a[x + 2] + a[x + 3])) + _i32(_i32(a[x + 4] + a[x + 5]) + a[x + 6]))


@kernel
def _fast_row(sums: Any, squares: Any, squares_d: Any, c1: Any, c2: Any, out: Any) -> None:
    """Turn one row of column sums into SSIM.

    All is scaled by powers of n = 49 so that it stays whole: S^2 <= 24,990^2 and n * sum of s^2 <= 49^2 * 510^2
    both fit 31 bits. The sum of s fills 15 bits and is never negative, so a shift brings back the sum of d.
    """
    widest()
    for x in range(out.size):
        both = _seven(sums, x)
        s, d = _i32(both & _i32(0x7FFF)), _i32(both >> _i32(16))
        mean_s, mean_d = _i32(s * s), _i32(d * d)
        variance_s = _i32(_i32(_N * _seven(squares, x)) - mean_s)
        variance_d = _i32(_i32(_N * _seven(squares_d, x)) - mean_d)
        above = (_f32(_i32(mean_s - mean_d)) + c1) * (_f32(_i32(variance_s - variance_d)) + c2)
        below = (_f32(_i32(mean_s + mean_d)) + c1) * (_f32(_i32(variance_s + variance_d)) + c2)
        out[x] = above / below


@kernel
def _total(row: Any) -> float:
    total = 0.0
    for x in range(row.size):
        total += row[x]
    return total


@kernel
def _fast_strip(real: Any, fake: Any, start: int, stop: int, c1: Any, c2: Any, out: Any, totals: Any) -> None:
    """SSIM of the rows from `start` to `stop` under the uniform 7x7 window; `out` has these rows, or one."""
    height, width = real.shape
    sums = np.zeros(width + 6, np.int32)
    squares = np.zeros(width + 6, np.int32)
    squares_d = np.zeros(width + 6, np.int32)
    middle = slice(3, width + 3)
    nothing = np.zeros(width, np.uint8)
    for y in range(start - 3, start + 3):
        row = _mirror(y, height)
        _fast_slide(real[row], fake[row], nothing, nothing, sums[middle], squares[middle], squares_d[middle])
    for y in range(start, stop):
        new, old = _mirror(y + 3, height), _mirror(y - 4, height)
        if y == start:
            old_x, old_y = nothing, nothing
        else:
            old_x, old_y = real[old], fake[old]
        _fast_slide(real[new], fake[new], old_x, old_y, sums[middle], squares[middle], squares_d[middle])
        for column in (sums, squares, squares_d):
            for k in range(3):
                column[2 - k] = column[3 + k]
                column[width + 3 + k] = column[width + 2 - k]
        line = out[min(y - start, out.shape[0] - 1)]
        _fast_row(sums, squares, squares_d, c1, c2, line)
        if 3 <= y < height - 3:
            totals[y] = _total(line[3 : width - 3])


@kernel
def _load(real: Any, fake: Any, where: Any, top: int, margin: int, s: Any, d: Any, seen: Any) -> None:
    """Fill a mirrored strip with sum and difference, and with 1 where a pixel may be seen and else 0."""
    height, width = real.shape
    masked = seen.size > 1
    for i in range(s.shape[0]):
        row = _mirror(top + i, height)
        _add(real[row], fake[row], s[i, margin : margin + width], d[i, margin : margin + width])
        if masked:
            for x in range(width):
                seen[i, x + margin] = 1.0 if where[row, x] else 0.0
                if not where[row, x]:
                    s[i, x + margin] = 0.0
                    d[i, x + margin] = 0.0
        for k in range(margin):
            left, right = margin + _mirror(-1 - k, width), margin + _mirror(width + k, width)
            s[i, margin - 1 - k], s[i, margin + width + k] = s[i, left], s[i, right]
            d[i, margin - 1 - k], d[i, margin + width + k] = d[i, left], d[i, right]
            if masked:
                seen[i, margin - 1 - k], seen[i, margin + width + k] = seen[i, left], seen[i, right]


@kernel
def _add(x_row: Any, y_row: Any, s: Any, d: Any) -> None:
    for x in range(s.size):
        a, b = np.float64(x_row[x]), np.float64(y_row[x])
        s[x] = a + b
        d[x] = a - b


@kernel
def _strip(s: Any, d: Any, seen: Any, half: Any, sample: float, c1: float, c2: float, out: Any) -> None:
    """SSIM of one strip: weighted column sums, then weighted row sums, pairs of equal weight added first."""
    height, width = out.shape
    r = len(half) - 1
    columns = s.shape[1]
    sum_s, sum_d, sum_ss, sum_dd = np.empty(columns), np.empty(columns), np.empty(columns), np.empty(columns)
    sum_n = np.empty(columns)
    # What a window sees is 1 in sum, of `sample` pixels, unless a mask hides some of it.
    inverse = np.ones(width)
    bessel = np.full(width, sample / (sample - 1.0) if sample > 0.0 else 1.0)
    for y in range(height):
        for x in range(columns):
            p, q = s[y + r, x], d[y + r, x]
            a, b, aa, bb = half[r] * p, half[r] * q, half[r] * (p * p), half[r] * (q * q)
            for k in range(r):
                p, q = s[y + k, x], d[y + k, x]
                t, u = s[y + 2 * r - k, x], d[y + 2 * r - k, x]
                a += half[k] * (p + t)
                b += half[k] * (q + u)
                aa += half[k] * (p * p + t * t)
                bb += half[k] * (q * q + u * u)
            sum_s[x], sum_d[x], sum_ss[x], sum_dd[x] = a, b, aa, bb
        if seen.size > 1:
            _count(seen, y, half, sample, sum_n, inverse, bessel)
        for x in range(width):
            a, b = half[r] * sum_s[x + r], half[r] * sum_d[x + r]
            aa, bb = half[r] * sum_ss[x + r], half[r] * sum_dd[x + r]
            for k in range(r):
                j = x + 2 * r - k
                a += half[k] * (sum_s[x + k] + sum_s[j])
                b += half[k] * (sum_d[x + k] + sum_d[j])
                aa += half[k] * (sum_ss[x + k] + sum_ss[j])
                bb += half[k] * (sum_dd[x + k] + sum_dd[j])
            n = inverse[x]
            mean_s, mean_d = (a * n) * (a * n), (b * n) * (b * n)
            variance_s, variance_d = bessel[x] * (aa * n - mean_s), bessel[x] * (bb * n - mean_d)
            above = (mean_s - mean_d + c1) * (variance_s - variance_d + c2)
            out[y, x] = above / ((mean_s + mean_d + c1) * (variance_s + variance_d + c2))


@kernel
def _count(seen: Any, y: int, half: Any, sample: float, sum_n: Any, inverse: Any, bessel: Any) -> None:
    """Weigh what the windows of one row may see: the inverse of its weight, and Bessel's factor for its pixels."""
    r = len(half) - 1
    for x in range(sum_n.size):
        n = half[r] * seen[y + r, x]
        for k in range(r):
            n += half[k] * (seen[y + k, x] + seen[y + 2 * r - k, x])
        sum_n[x] = n
    for x in range(inverse.size):
        n = half[r] * sum_n[x + r]
        for k in range(r):
            n += half[k] * (sum_n[x + k] + sum_n[x + 2 * r - k])
        inverse[x] = 1.0 / max(n, 1e-300)  # a window that sees nothing: the map is NaN there in the end
        pixels = sample * n
        bessel[x] = pixels / max(pixels - 1.0, 0.5) if sample > 0.0 else 1.0
