"""Differences in cells of 4x4 pixels, and over 3x3: by hand, beside plain NumPy, and blind outside `where`."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from facediff import _cells, _compiled
from facediff._arrays import check_pair
from facediff._cells import fine_evidence, measure_cells

DTYPES = ("uint8", "uint16", "float32", "float64")
SIZES = ((16, 20), (17, 22), (30, 7), (3, 2), (1, 1), (131, 9))  # the last has more rows than one strip

# In units of 2^-24, half a unit in the last place of 1: on the way to a mean a value of up to 255 levels is rounded
# when it is converted, subtracted, scaled (by a factor that is rounded itself), weighted three times for luma, added
# twice, subtracted and weighted again for chroma: 12 times. Adding up 16 of them rounds 15 times, the division twice.
DIFFERENCE = 30 * 2**-24 * 255
# A square doubles the relative error of what is squared, and the scale is squared as well.
SQUARE = 60 * 2**-24 * 255**2


def white(dtype: str) -> float:
    return 1.0 if dtype.startswith("float") else float(np.iinfo(dtype).max)


def noise(shape: tuple[int, ...], dtype: str, seed: int = 0) -> np.ndarray:
    values = np.random.default_rng(seed).random(shape) * white(dtype)
    return values.astype(dtype) if dtype.startswith("float") else np.rint(values).astype(dtype)


def shape_of(size: tuple[int, int], colour: bool) -> tuple[int, ...]:
    return (*size, 3) if colour else size


def cells_of(real, fake, *, where=None, data_range=None):
    pair = check_pair(real, fake, where=where, data_range=white(real.dtype.name) if data_range is None else data_range)
    return measure_cells(pair.real, pair.fake, data_range=pair.data_range, where=pair.where)


def fine_of(real, fake, levels, *, where=None, box=None):
    pair = check_pair(real, fake, where=where, data_range=white(real.dtype.name))
    box = (slice(0, pair.shape[0]), slice(0, pair.shape[1])) if box is None else box
    return fine_evidence(pair.real, pair.fake, data_range=pair.data_range, noise=levels, where=pair.where, box=box)


def levels_of(picture) -> np.ndarray:
    """Return the channels in 8-bit levels, (channels, H, W), in double precision."""
    levels = picture.astype(float) * (255 / white(picture.dtype.name))
    return levels[None] if picture.ndim == 2 else np.moveaxis(levels, 2, 0)


def luma_and_chroma(channels) -> np.ndarray:
    """Return BT.601 luma and, of colour, blue and red chroma."""
    if len(channels) == 1:
        return channels
    red, green, blue = channels
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return np.stack([luma, (blue - luma) / 1.772, (red - luma) / 1.402])


def means(values, where, across: int) -> np.ndarray:
    """Return the means over the first `across` rows and columns of each cell, of the pixels that count."""
    height, width = where.shape
    rest = ((0, -height % 4), (0, -width % 4))

    def total(planes):
        cells = planes.reshape(*planes.shape[:-2], planes.shape[-2] // 4, 4, planes.shape[-1] // 4, 4)
        return cells[..., :across, :, :across].sum(axis=(-3, -1))

    counted = np.pad(np.where(where, values, 0), [(0, 0)] * (values.ndim - 2) + list(rest))
    return total(counted) / np.maximum(total(np.pad(where, rest)), 1)


# --- cells ---------------------------------------------------------------------------------------


def test_cells_by_hand():
    real = np.zeros((4, 6), np.uint8)
    fake = np.arange(24, dtype=np.uint8).reshape(4, 6)
    cells = cells_of(real, fake)
    # Rows begin with 0, 6, 12, 18: in the first cell the mean is 9 + 1.5, in the second, two columns wide, 13 + 0.5.
    np.testing.assert_array_equal(cells.change[0], [[10.5, 13.5]])
    # Three rows, three and two columns of them.
    np.testing.assert_array_equal(cells.sample[0], [[7, 10.5]])
    np.testing.assert_array_equal(cells.means, [[[[0, 0]]], [[[10.5, 13.5]]]])
    squares = fake.astype(float) ** 2
    np.testing.assert_array_equal(cells.squares, [[[0, 0]], [[squares[:, :4].mean(), squares[:, 4:].mean()]]])
    np.testing.assert_array_equal(cells.seen, [[True, True]])


def test_the_differences_are_luma_and_both_chromas_and_signed():
    real = np.full((4, 4, 3), 100, np.uint8)
    blue, gray = real.copy(), real - 10
    blue[..., 2] += 50
    np.testing.assert_allclose(
        cells_of(real, blue).change[:, 0, 0], [50 * 0.114, 50 * (1 - 0.114) / 1.772, -50 * 0.114 / 1.402], rtol=1e-6
    )
    np.testing.assert_allclose(cells_of(real, gray).change[:, 0, 0], [-10, 0, 0], rtol=0, atol=1e-5)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_cells_are_plain_numpys_means(dtype, colour, masked, size):
    real, fake = (noise(shape_of(size, colour), dtype, seed) for seed in (1, 2))
    where = np.random.default_rng(3).random(size) < 0.3 if masked else np.ones(size, bool)
    where[-1, -1] = True
    cells = cells_of(real, fake, where=where if masked else None)
    a, b = levels_of(real), levels_of(fake)
    changes = luma_and_chroma(b - a)
    np.testing.assert_allclose(cells.change, means(changes, where, 4), rtol=0, atol=DIFFERENCE)
    np.testing.assert_allclose(cells.sample, means(changes, where, 3), rtol=0, atol=DIFFERENCE)
    np.testing.assert_allclose(cells.means, [means(a, where, 4), means(b, where, 4)], rtol=0, atol=DIFFERENCE)
    squares = [means((side**2).mean(axis=0), where, 4) for side in (a, b)]
    np.testing.assert_allclose(cells.squares, squares, rtol=0, atol=SQUARE)
    np.testing.assert_array_equal(cells.seen, means(where, where, 3) > 0)


@pytest.mark.parametrize("colour", [False, True])
def test_identical_pictures_differ_by_exactly_nothing(colour):
    real = noise(shape_of((33, 21), colour), "float32")
    cells = cells_of(real, real.copy())
    assert not cells.change.any()
    assert not cells.sample.any()
    np.testing.assert_array_equal(cells.squares[0], cells.squares[1])


def test_units_are_8_bit_levels_whatever_the_range():
    real, fake = noise((18, 18, 3), "uint16", 4) // 64, noise((18, 18, 3), "uint16", 5) // 64  # 10 bits
    tens = cells_of(real, fake, data_range=1023)
    units = cells_of(real / 1023, fake / 1023)
    np.testing.assert_allclose(tens.change, units.change, rtol=0, atol=2 * DIFFERENCE)
    np.testing.assert_allclose(tens.squares, units.squares, rtol=0, atol=2 * SQUARE)


# --- fine ----------------------------------------------------------------------------------------


def test_the_fine_scale_by_hand():
    real = np.zeros((5, 6), np.uint8)
    fake = real.copy()
    fake[2, 3] = 90  # a ninth of it in each window that sees it
    levels = np.array([[[1, 2], [4, 8]]], np.float32)
    expected = np.zeros((5, 6))
    expected[1:4, 2:5] = 10
    expected[:, 4:] /= 2
    np.testing.assert_array_equal(fine_of(real, fake, levels), expected)


def test_the_border_pixels_are_repeated():
    real = np.zeros((4, 4), np.uint8)
    fake = real.copy()
    fake[0, 0] = 90
    # In the corner's own window it stands four times, beside it twice, across once.
    found = fine_of(real, fake, np.ones((1, 1, 1), np.float32))
    np.testing.assert_array_equal(found, [[40, 20, 0, 0], [20, 10, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])


def test_the_largest_of_luma_and_chroma_counts():
    real = np.full((4, 4, 3), 100, np.uint8)
    fake = real.copy()
    fake[..., 2] += 50
    changes = np.abs([50 * 0.114, 50 * (1 - 0.114) / 1.772, -50 * 0.114 / 1.402])
    for levels in ((1, 1, 1), (1, 100, 1), (100, 100, 1)):
        found = fine_of(real, fake, np.array(levels, np.float32).reshape(3, 1, 1))
        np.testing.assert_allclose(found, (changes / levels).max(), rtol=1e-6)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_fine_scale_is_plain_numpys(dtype, colour, masked, size):
    real, fake = (noise(shape_of(size, colour), dtype, seed) for seed in (6, 7))
    where = np.random.default_rng(8).random(size) < 0.6 if masked else np.ones(size, bool)
    where[-1, -1] = True
    levels = 1 + np.random.default_rng(9).random((3 if colour else 1, -(-size[0] // 4), -(-size[1] // 4)), np.float32)
    changes = np.where(where, luma_and_chroma(levels_of(fake) - levels_of(real)), 0)
    smooth = np.abs([ndimage.uniform_filter(change, 3, mode="nearest") for change in changes])
    spread = np.repeat(np.repeat(levels, 4, axis=1), 4, axis=2)[:, : size[0], : size[1]]
    found = fine_of(real, fake, levels, where=where if masked else None)
    np.testing.assert_allclose(found, (smooth / spread).max(axis=0), rtol=0, atol=DIFFERENCE)


@pytest.mark.parametrize(
    "box",
    [
        (slice(0, 140), slice(0, 150)),
        (slice(8, 92), slice(12, 104)),
        (slice(71, 72), slice(0, 1)),
        (slice(3, 138), slice(149, 150)),
        (slice(139, 140), slice(5, 150)),
    ],
)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("colour", [False, True])
def test_a_box_of_the_fine_scale_is_that_box_of_the_whole(colour, masked, box):
    real, fake = (noise(shape_of((140, 150), colour), "uint8", seed) for seed in (10, 11))
    levels = 1 + np.random.default_rng(12).random((3 if colour else 1, 35, 38), np.float32)
    where = np.random.default_rng(13).random((140, 150)) < 0.6 if masked else None
    whole = fine_of(real, fake, levels, where=where)
    part = fine_of(real, fake, levels, where=where, box=box)
    # Whole numbers add up exactly in any order; the weights of luma round where a sum is cut into vectors.
    np.testing.assert_allclose(part, whole[box], rtol=0, atol=DIFFERENCE if colour else 0)


# --- where, threads ------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_what_lies_outside_where_influences_nothing(dtype, colour):
    real, fake = (noise(shape_of((45, 50), colour), dtype, seed) for seed in (14, 15))
    where = np.random.default_rng(16).random((45, 50)) < 0.4
    where[8:16, 8:20] = False  # some cells of which nothing counts
    levels = np.ones((3 if colour else 1, 12, 13), np.float32)
    cells, fine = cells_of(real, fake, where=where), fine_of(real, fake, levels, where=where)
    assert not cells.seen.all()
    assert not cells.sample[:, ~cells.seen].any()
    fillings = [(0, 0), (white(dtype), 0)] + [(np.nan, np.inf)] * dtype.startswith("float")
    for outside_real, outside_fake in fillings:
        a, b = real.copy(), fake.copy()
        a[~where], b[~where] = outside_real, outside_fake
        for found, expected in zip(cells_of(a, b, where=where), cells, strict=True):
            np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(fine_of(a, b, levels, where=where), fine)


@pytest.mark.parametrize("colour", [False, True])
def test_where_everywhere_is_where_nowhere_mentioned(colour):
    real, fake = (noise(shape_of((45, 50), colour), "uint8", seed) for seed in (17, 18))
    everywhere = np.ones((45, 50), bool)
    for found, expected in zip(cells_of(real, fake, where=everywhere), cells_of(real, fake), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=SQUARE)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_any_number_of_threads_gives_the_same_bytes(dtype, masked, monkeypatch):
    real, fake = (noise((203, 180, 3), dtype, seed) for seed in (19, 20))
    where = np.random.default_rng(21).random((203, 180)) < 0.6 if masked else None
    levels = np.ones((3, 51, 45), np.float32)
    monkeypatch.setattr(_compiled, "WORTH_THREADS", 0)
    results = set()
    for cores in (1, 2, 3, 16):
        monkeypatch.setattr(_compiled, "cores", lambda cores=cores: cores)
        cells = b"".join(plane.tobytes() for plane in cells_of(real, fake, where=where))
        results.add(cells + fine_of(real, fake, levels, where=where).tobytes())
    assert len(results) == 1


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_pixels_above_a_limit_are_counted_cell_by_cell(dtype):
    values = np.random.default_rng(0).integers(0, 10, (9, 14)).astype(dtype)
    padded = np.zeros((12, 16), dtype)
    padded[:9, :14] = values
    expected = (padded > 6).reshape(3, 4, 4, 4).sum(axis=(1, 3))
    np.testing.assert_array_equal(_cells.count_above(values, 6), expected)
    assert _cells.count_above(values, 9).sum() == 0
