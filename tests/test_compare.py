"""MSE, PSNR and SSIM: by hand, by their laws, and beside scikit-image."""

from __future__ import annotations

import math
import pickle
import re
import threading
import tracemalloc

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity

import facediff
from facediff import _compiled, _ssim
from facediff.compare import compare_images, mse, psnr, ssim, ssim_map

DTYPES = ("uint8", "uint16", "float32", "float64")
WANG = {"gaussian_weights": True, "use_sample_covariance": False}
# Float32 holds the map: half a unit in the last place at 1 is 3e-8, and the 8-bit kernel rounds six times on the way
# from its exact sums (two products of two sums of one rounded number each, and a quotient).
EIGHT_BIT = 6 * 2**-24


def real_and_fake(height: int = 120, width: int = 97, dtype: str = "uint8", colour: bool = False):
    """Return a part of a photograph and an edited, noisy twin, in any dtype on its full scale."""
    rng = np.random.default_rng(5)
    real = skimage.data.astronaut()[20 : 20 + height, 150 : 150 + width].astype(float)
    fake = real + rng.normal(0, 8, real.shape)
    fake[10:40, 20:60] = 255 - fake[10:40, 20:60]
    if not colour:
        real, fake = real[..., 1], fake[..., 1]
    real, fake = real / 255, np.clip(fake / 255, 0, 1)
    if dtype.startswith("uint"):
        scale = np.iinfo(dtype).max
        return np.round(real * scale).astype(dtype), np.round(fake * scale).astype(dtype)
    return real.astype(dtype), fake.astype(dtype)


def white(picture) -> float:
    return 1.0 if picture.dtype.kind == "f" else float(np.iinfo(picture.dtype).max)


pairs_of_noise = hnp.array_shapes(min_dims=2, max_dims=2, min_side=7, max_side=24).flatmap(
    lambda shape: st.tuples(hnp.arrays(np.uint8, shape), hnp.arrays(np.uint8, shape))
)


# --- mse, psnr -----------------------------------------------------------------------------------


def test_mse_and_psnr_by_hand():
    real = np.zeros((2, 2), np.uint8)
    fake = np.array([[0, 2], [4, 6]], np.uint8)
    assert mse(real, fake) == (0 + 4 + 16 + 36) / 4
    assert psnr(real, fake) == pytest.approx(10 * math.log10(255**2 / 14), abs=1e-12)
    assert mse(real, fake, where=np.array([[1, 1], [0, 0]], bool)) == 2
    assert psnr(real, real) == math.inf


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_mse_and_psnr_are_scikit_images(dtype, colour):
    real, fake = real_and_fake(dtype=dtype, colour=colour)
    limit = white(real)
    assert mse(real, fake, data_range=limit) == pytest.approx(
        mean_squared_error(real.astype(float), fake.astype(float)), rel=1e-12
    )
    theirs = peak_signal_noise_ratio(real.astype(float), fake.astype(float), data_range=limit)
    assert psnr(real, fake, data_range=limit) == pytest.approx(theirs, rel=1e-12)


def test_unsigned_differences_do_not_wrap():
    assert mse(np.full((8, 8), 1, np.uint8), np.full((8, 8), 2, np.uint8)) == 1
    assert mse(np.full((8, 8), 0, np.uint16), np.full((8, 8), 65535, np.uint16)) == 65535.0**2


# --- ssim ----------------------------------------------------------------------------------------


def ssim_by_definition(x, y, data_range, weights, sample):
    """SSIM of one window of pixels, term by term."""
    x, y, weights = x.astype(float), y.astype(float), weights / weights.sum()
    bessel = x.size / (x.size - 1) if sample else 1.0
    mx, my = (weights * x).sum(), (weights * y).sum()
    vx, vy = bessel * (weights * (x - mx) ** 2).sum(), bessel * (weights * (y - my) ** 2).sum()
    vxy = bessel * (weights * (x - mx) * (y - my)).sum()
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    return (2 * mx * my + c1) * (2 * vxy + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))


@pytest.mark.parametrize("dtype", DTYPES)
def test_one_window_is_the_definition(dtype):
    real, fake = (picture[40:47, 30:37] for picture in real_and_fake(dtype=dtype))
    by_hand = ssim_by_definition(real, fake, white(real), np.ones((7, 7)), sample=True)
    assert ssim(real, fake, data_range=white(real)) == pytest.approx(by_hand, abs=2e-7)
    steps = np.exp(-0.5 * (np.arange(-3, 4) / 1.5) ** 2)
    by_hand = ssim_by_definition(real, fake, white(real), np.outer(steps, steps), sample=False)
    found = ssim(real, fake, data_range=white(real), window="gaussian", window_size=7)
    assert found == pytest.approx(by_hand, abs=2e-7)


def test_flat_pictures_by_hand():
    # No variance: SSIM is (2 a b + C1) / (a^2 + b^2 + C1).
    real, fake = np.full((9, 9), 100, np.uint8), np.full((9, 9), 50, np.uint8)
    c1 = 2.55**2
    assert ssim(real, fake) == pytest.approx((2 * 100 * 50 + c1) / (100**2 + 50**2 + c1), abs=EIGHT_BIT)


@pytest.mark.parametrize(("height", "width"), [(120, 97), (64, 64), (65, 7), (7, 130), (300, 200)])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize(
    ("options", "theirs"),
    [
        ({}, {}),
        ({"window_size": 3}, {"win_size": 3}),
        ({"window_size": 7, "window": "uniform"}, {"win_size": 7}),
        ({"window_size": 13}, {"win_size": 13}),
        ({"window": "gaussian"}, WANG),
    ],
)
def test_score_and_whole_map_are_scikit_images(height, width, dtype, options, theirs):
    if options.get("window_size", 11 if "window" in options else 7) > min(height, width):
        height, width = max(height, 13), max(width, 13)
    real, fake = real_and_fake(height, width, dtype)
    score, full = structural_similarity(real, fake, data_range=white(real), full=True, **theirs)
    assert ssim(real, fake, **options) == pytest.approx(score, abs=1e-6)
    found = ssim_map(real, fake, **options)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, full, rtol=0, atol=EIGHT_BIT)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_floats_are_scikit_images_too(dtype):
    real, fake = real_and_fake(dtype=dtype)
    _, full = structural_similarity(real.astype(float), fake.astype(float), data_range=1.0, full=True)
    np.testing.assert_allclose(ssim_map(real, fake, data_range=1.0), full, rtol=0, atol=2**-24)


@pytest.mark.parametrize("size", [3, 5, 9, 21])
def test_gaussian_windows_of_any_size_are_scipys(size):
    real, fake = (picture.astype(float) for picture in real_and_fake())

    def mean(picture):
        return ndimage.gaussian_filter(picture, 1.5, radius=size // 2, mode="reflect")

    mx, my = mean(real), mean(fake)
    vx, vy, vxy = mean(real**2) - mx**2, mean(fake**2) - my**2, mean(real * fake) - mx * my
    c1, c2 = 2.55**2, 7.65**2
    expected = (2 * mx * my + c1) * (2 * vxy + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    found = ssim_map(real, fake, data_range=255.0, window="gaussian", window_size=size)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2**-23)


def test_extreme_pictures_do_not_overflow_the_whole_number_sums():
    rng = np.random.default_rng(0)
    for real, fake in (
        (np.zeros((20, 20), np.uint8), np.full((20, 20), 255, np.uint8)),
        (np.full((20, 20), 255, np.uint8), np.full((20, 20), 255, np.uint8)),
        (rng.choice([0, 255], (20, 20)).astype(np.uint8), rng.choice([0, 255], (20, 20)).astype(np.uint8)),
        (np.indices((20, 20)).sum(0) % 2 * np.uint8(255), (np.indices((20, 20)).sum(0) + 1) % 2 * np.uint8(255)),
    ):
        _, full = structural_similarity(real, fake.astype(np.uint8), full=True, data_range=255)
        np.testing.assert_allclose(ssim_map(real.astype(np.uint8), fake.astype(np.uint8)), full, rtol=0, atol=EIGHT_BIT)


@pytest.mark.parametrize("options", [{}, {"window": "gaussian"}, {"window_size": 5}, {"channels": "each"}])
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_identical_pictures_score_exactly_one(dtype, colour, options):
    real, _ = real_and_fake(dtype=dtype, colour=colour)
    assert ssim(real, real.copy(), data_range=white(real), **options) == 1.0
    assert (ssim_map(real, real.copy(), data_range=white(real), **options) == 1).all()
    assert mse(real, real.copy(), data_range=white(real)) == 0.0


@settings(max_examples=60, deadline=None)
@given(pairs_of_noise)
def test_ssim_is_symmetric_bounded_and_knows_only_identity_as_one(pair):
    real, fake = pair
    for options in ({}, {"window": "gaussian", "window_size": 5}):
        there, back = ssim_map(real, fake, **options), ssim_map(fake, real, **options)
        np.testing.assert_array_equal(there, back)
        assert np.abs(there).max() <= 1
        assert (ssim_map(real, real, **options) == 1).all()


@settings(max_examples=40, deadline=None)
@given(pairs_of_noise)
def test_flipping_and_transposing_both_pictures_turns_the_map_with_them(pair):
    real, fake = pair
    expected = ssim_map(real, fake)
    np.testing.assert_array_equal(ssim_map(real[::-1], fake[::-1]), expected[::-1])
    np.testing.assert_array_equal(ssim_map(real[:, ::-1], fake[:, ::-1]), expected[:, ::-1])
    np.testing.assert_array_equal(ssim_map(real.T, fake.T), expected.T)


@settings(max_examples=40, deadline=None)
@given(pairs_of_noise)
def test_scaling_pixels_and_data_range_together_changes_nothing(pair):
    real, fake = pair
    wide = ssim_map(real.astype(np.uint16) * 257, fake.astype(np.uint16) * 257)
    unit = ssim_map(real / 255.0, fake / 255.0, data_range=1.0)
    np.testing.assert_allclose(wide, ssim_map(real, fake), rtol=0, atol=EIGHT_BIT)
    np.testing.assert_allclose(wide, unit, rtol=0, atol=2**-23)


def test_luma_is_bt601_and_each_channel_is_averaged():
    real, fake = real_and_fake(dtype="float64", colour=True)
    weights = np.array([0.299, 0.587, 0.114])
    expected = ssim_map(real @ weights, fake @ weights, data_range=1.0)
    np.testing.assert_allclose(ssim_map(real, fake, data_range=1.0), expected, rtol=0, atol=2**-23)
    real, fake = real_and_fake(colour=True)
    scores = [structural_similarity(real[..., c], fake[..., c]) for c in range(3)]
    assert ssim(real, fake, channels="each") == pytest.approx(np.mean(scores), abs=1e-6)
    full = structural_similarity(real, fake, channel_axis=2, full=True)[1].mean(axis=2)
    np.testing.assert_allclose(ssim_map(real, fake, channels="each"), full, rtol=0, atol=EIGHT_BIT)


# --- where ---------------------------------------------------------------------------------------


def masks(shape) -> list[np.ndarray]:
    rng = np.random.default_rng(2)
    stripe = np.zeros(shape, bool)
    stripe[20:90, 30:33] = True
    return [rng.random(shape) < 0.5, stripe, np.ones(shape, bool)]


@pytest.mark.parametrize("options", [{}, {"window": "gaussian"}, {"window_size": 3}])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("which", [0, 1, 2])
def test_what_lies_outside_where_influences_nothing(dtype, which, options):
    real, fake = real_and_fake(dtype=dtype)
    where = masks(real.shape)[which]
    fillings = [(0, 0), (white(real), 0), (np.nan, np.inf)] if real.dtype.kind == "f" else [(0, 0), (white(real), 7)]
    expected = compare_images(real, fake, data_range=white(real), where=where, **options)
    assert np.isnan(expected.ssim_map[~where]).all()
    assert not expected.difference[~where].any()
    for outside_real, outside_fake in fillings:
        a, b = real.copy(), fake.copy()
        a[~where], b[~where] = outside_real, outside_fake
        found = compare_images(a, b, data_range=white(real), where=where, **options)
        assert (found.mse, found.psnr, found.ssim) == (expected.mse, expected.psnr, expected.ssim)
        np.testing.assert_array_equal(found.ssim_map, expected.ssim_map)
        np.testing.assert_array_equal(found.difference, expected.difference)


@pytest.mark.parametrize("window", ["uniform", "gaussian"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_where_everywhere_is_where_nowhere_mentioned(dtype, window):
    real, fake = real_and_fake(dtype=dtype, colour=True)
    everywhere = np.ones(real.shape[:2], bool)
    plain = compare_images(real, fake, data_range=white(real), window=window)
    found = compare_images(real, fake, data_range=white(real), window=window, where=everywhere)
    np.testing.assert_allclose(found.ssim_map, plain.ssim_map, rtol=0, atol=EIGHT_BIT)
    assert found.ssim == pytest.approx(plain.ssim, abs=1e-7)
    assert found.mse == pytest.approx(plain.mse, rel=1e-12)


@pytest.mark.parametrize("window", ["uniform", "gaussian"])
def test_a_window_is_normalised_by_what_it_may_see(window):
    real, fake = real_and_fake()
    where = np.random.default_rng(4).random(real.shape) < 0.6
    where[50, 50] = True
    size = 7
    steps = np.exp(-0.5 * (np.arange(-3, 4) / 1.5) ** 2) if window == "gaussian" else np.ones(7)
    seen = where[47:54, 47:54]
    weights = np.outer(steps, steps)[seen]
    x, y = real[47:54, 47:54][seen], fake[47:54, 47:54][seen]
    by_hand = ssim_by_definition(x, y, 255, weights, sample=window == "uniform")
    found = ssim_map(real, fake, where=where, window=window, window_size=size)
    assert found[50, 50] == pytest.approx(by_hand, abs=1e-6)
    inside = where[3:-3, 3:-3]
    mean = found[3:-3, 3:-3][inside].mean(dtype=np.float64)
    assert ssim(real, fake, where=where, window=window, window_size=size) == pytest.approx(mean, abs=1e-12)


def test_a_window_that_sees_one_pixel_compares_its_mean_alone():
    real, fake = np.full((9, 9), 100, np.uint8), np.full((9, 9), 50, np.uint8)
    where = np.zeros((9, 9), bool)
    where[4, 4] = True
    c1 = 2.55**2
    assert ssim(real, fake, where=where) == pytest.approx((2 * 5000 + c1) / (12500 + c1), abs=1e-7)


def test_where_needs_a_window_inside_the_picture():
    where = np.zeros((16, 16), bool)
    where[:3] = True
    text = (
        "where must hold a pixel whose 7x7 window lies inside the picture, got none at least 3 pixels from the border; "
        "pass a smaller window_size"
    )
    with pytest.raises(ValueError, match=re.escape(text)):
        ssim(np.zeros((16, 16), np.uint8), np.zeros((16, 16), np.uint8), where=where)


# --- compare_images ------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_comparison_holds_what_the_single_functions_return(dtype, colour):
    real, fake = real_and_fake(dtype=dtype, colour=colour)
    comparison = compare_images(real, fake, data_range=white(real))
    assert comparison.mse == mse(real, fake, data_range=white(real))
    assert comparison.psnr == psnr(real, fake, data_range=white(real))
    assert comparison.ssim == ssim(real, fake, data_range=white(real))
    np.testing.assert_array_equal(comparison.ssim_map, ssim_map(real, fake, data_range=white(real)))
    apart = np.abs(real.astype(float) - fake.astype(float))
    largest = apart.max(axis=2) if colour else apart
    assert comparison.difference.dtype == real.dtype
    np.testing.assert_allclose(comparison.difference, largest, rtol=0, atol=0 if dtype != "float32" else 1e-7)
    assert not comparison.identical
    assert np.shares_memory(comparison.real, real)
    assert np.shares_memory(comparison.fake, fake)
    assert comparison.shape == real.shape[:2]


def test_a_comparison_is_frozen_and_says_what_made_it():
    real, fake = real_and_fake()
    comparison = compare_images(real, fake, window="gaussian")
    for name in ("real", "fake", "ssim_map", "difference"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(comparison, name)[0, 0] = 0
    with pytest.raises(AttributeError, match="ssim"):
        comparison.ssim = 1.0
    assert (comparison.window, comparison.window_size, comparison.channels) == ("gaussian", 11, "luma")
    assert comparison.versions.facediff == facediff.__version__
    assert comparison.versions.numpy == np.__version__
    assert real.flags.writeable
    copy = pickle.loads(pickle.dumps(comparison))
    assert copy.ssim == comparison.ssim
    np.testing.assert_array_equal(copy.ssim_map, comparison.ssim_map)


def test_a_comparison_reads_as_one_line():
    real, fake = np.zeros((20, 30), np.uint8), np.full((20, 30), 10, np.uint8)
    c1 = 2.55**2
    text = f"Comparison of 30x20 gray uint8: MSE 100, PSNR 28.13 dB, SSIM {c1 / (100 + c1):.4f}"
    assert str(compare_images(real, fake)) == text
    assert str(compare_images(real, real)) == "Comparison of 30x20 gray uint8: identical"


def test_a_difference_too_small_to_square_is_still_a_difference():
    real = np.zeros((9, 9))
    fake = real.copy()
    fake[4, 4] = 1e-200
    comparison = compare_images(real, fake, data_range=1.0)
    assert comparison.mse == 0
    assert not comparison.identical
    assert compare_images(real, real, data_range=1.0).identical


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"window": "box"}, "window must be one of 'uniform', 'gaussian', got 'box'"),
        ({"channels": "mean"}, "channels must be one of 'luma', 'each', got 'mean'"),
        ({"window_size": 4}, "window_size must be an odd number of at least 3, got 4"),
        ({"window_size": 17}, "window_size must be at most the picture's shorter side, got 17 for 16 pixels"),
    ],
)
def test_options_that_do_not_exist_are_refused(options, text):
    picture = np.zeros((16, 20), np.uint8)
    for function in (ssim, ssim_map, compare_images):
        with pytest.raises(ValueError, match=re.escape(text)):
            function(picture, picture, **options)


def test_pictures_smaller_than_the_window_are_refused():
    small = np.zeros((6, 40, 3), np.uint8)
    text = "window_size must be at most the picture's shorter side, got 7 for 6 pixels; pass a smaller window"
    with pytest.raises(ValueError, match=re.escape(text)):
        compare_images(small, small)
    assert ssim(small, small, window_size=5) == 1
    assert mse(small, small) == 0


# --- threads, memory -----------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"window": "gaussian"}])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_any_number_of_threads_gives_the_same_bytes(dtype, options, monkeypatch):
    real, fake = real_and_fake(400, 360, dtype, colour=True)
    results = []
    monkeypatch.setattr(_compiled, "WORTH_THREADS", 0)
    for cores in (1, 2, 3, 16):
        monkeypatch.setattr(_compiled, "cores", lambda cores=cores: cores)
        monkeypatch.setattr(_ssim, "cores", lambda cores=cores: cores)
        comparison = compare_images(real, fake, data_range=white(real), **options)
        results.append((comparison.ssim, comparison.ssim_map.tobytes(), comparison.difference.tobytes()))
    assert len(set(results)) == 1


def test_many_threads_may_compare_at_once():
    real, fake = real_and_fake(200, 200)
    expected = ssim_map(real, fake).tobytes()
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(ssim_map(real, fake).tobytes())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


def test_an_error_in_a_thread_reaches_the_caller(monkeypatch):
    monkeypatch.setattr(_compiled, "WORTH_THREADS", 0)
    monkeypatch.setattr(_compiled, "cores", lambda: 2)

    def work(start: int, stop: int) -> None:
        if start:
            raise RuntimeError(f"rows {start} to {stop}")

    with pytest.raises(RuntimeError, match="rows 64 to 100"):
        _compiled.over_strips(work, (100, 10))


def test_kernels_are_compiled_even_where_nothing_can_be_kept_on_disk(monkeypatch):
    import numba

    compile_ = numba.njit

    def without_a_folder(*args, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return compile_(*args, **options)

    monkeypatch.setattr(numba, "njit", without_a_folder)

    def double(x):
        return 2 * x

    assert _compiled.kernel(double)(21) == 42


def test_cores_are_those_that_this_process_may_use(monkeypatch):
    assert _compiled.cores() >= 1
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert _compiled.cores() == 1


def peak_bytes(function) -> int:
    """Return the most memory that NumPy and Python held at once during a call, results included."""
    function()
    tracemalloc.start()
    function()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_memory_is_the_map_and_one_picture_and_none_for_a_score():
    real, fake = np.zeros((1080, 1920), np.uint8), np.ones((1080, 1920), np.uint8)
    picture, full = real.nbytes, 4 * real.nbytes
    a_little = 0.05 * full  # column sums and strips of rows
    assert peak_bytes(lambda: compare_images(real, fake)) <= full + picture + a_little
    assert peak_bytes(lambda: ssim_map(real, fake)) <= full + a_little
    assert peak_bytes(lambda: ssim(real, fake)) <= a_little
    assert peak_bytes(lambda: mse(real, fake)) <= a_little
