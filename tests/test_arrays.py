"""The door: what is let in, what is refused, and in which words."""

from __future__ import annotations

import re

import numpy as np
import pytest

import facediff
from facediff._arrays import (
    check_choice,
    check_number,
    check_odd,
    check_pair,
    check_path,
    check_picture,
    check_whole,
)
from facediff.compare import ssim

GRAY = np.zeros((16, 16), np.uint8)
RGB = np.zeros((16, 16, 3), np.uint8)
FLOAT = np.zeros((16, 16))


def refuses(error: type[Exception], text: str):
    return pytest.raises(error, match=re.escape(text))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(7, 9), (7, 9, 3)])
def test_pictures_are_let_in_without_a_copy(dtype, shape):
    real, fake = np.zeros(shape, dtype), np.ones(shape, dtype)
    pair = check_pair(real, fake, data_range=1.0)
    assert np.shares_memory(pair.real, real)
    assert np.shares_memory(pair.fake, fake)
    assert not pair.real.flags.writeable
    assert real.flags.writeable
    assert pair.shape == (7, 9)


def test_read_only_sliced_and_reversed_arrays_are_let_in():
    whole = np.arange(20 * 30 * 3, dtype=np.uint16).reshape(20, 30, 3)
    whole.flags.writeable = False
    for view in (whole[::2, ::-1], whole[..., ::-1], whole[3:, 5:], np.asfortranarray(whole)):
        pair = check_pair(view, view)
        assert pair.real.flags.c_contiguous
        np.testing.assert_array_equal(pair.real, view)


def test_foreign_byte_order_is_turned_into_native_order():
    big = np.arange(64, dtype=">u2").reshape(8, 8)
    pair = check_pair(big, big.astype("<u2"))
    assert pair.real.dtype.isnative
    np.testing.assert_array_equal(pair.real, big)


def test_data_range_is_the_dtypes_for_integers_unless_stated():
    assert check_pair(GRAY, GRAY).data_range == 255
    assert check_pair(GRAY.astype(np.uint16), GRAY.astype(np.uint16)).data_range == 65535
    assert check_pair(GRAY.astype(np.uint16), GRAY.astype(np.uint16), data_range=1023).data_range == 1023


@pytest.mark.parametrize(
    ("picture", "error", "text"),
    [
        ([[1, 2]], TypeError, "must be a NumPy array, got list; read a file with facediff.read_image"),
        ("a.png", TypeError, "must be a NumPy array, got str"),
        (None, TypeError, "must be a NumPy array, got NoneType"),
        (np.ma.masked_array(GRAY), TypeError, "must be a plain NumPy array, got a masked one"),
        (GRAY.astype(bool), TypeError, "must be uint8, uint16, float32 or float64, got bool; convert it"),
        (GRAY.astype(np.int32), TypeError, "got int32"),
        (GRAY.astype(np.float16), TypeError, "got float16"),
        (GRAY.astype(complex), TypeError, "got complex128"),
        (GRAY.astype(object), TypeError, "got object"),
        (np.uint8(3), TypeError, "must be a NumPy array, got uint8"),
        (np.array(3, np.uint8), ValueError, "must be (H, W) gray or (H, W, 3) RGB, got shape (); reshape it"),
        (GRAY[0], ValueError, "got shape (16,); reshape it"),
        (GRAY[..., None], ValueError, "got shape (16, 16, 1); pass "),
        (np.zeros((16, 16, 4), np.uint8), ValueError, "got shape (16, 16, 4); drop the alpha channel with "),
        (np.zeros((3, 16, 16), np.uint8), ValueError, "got shape (3, 16, 16); move the channels last with "),
        (np.zeros((2, 16, 16, 3), np.uint8), ValueError, "got shape (2, 16, 16, 3); pass one picture at a time"),
        (np.zeros((1, 1, 1, 1, 1), np.uint8), ValueError, "got shape (1, 1, 1, 1, 1); reshape it"),
        (GRAY[:0], ValueError, "must hold at least one pixel, got shape (0, 16); check how it was cropped"),
        (RGB[:, :0], ValueError, "got shape (16, 0, 3)"),
    ],
)
def test_what_is_no_picture_is_refused_on_either_side(picture, error, text):
    with refuses(error, text) as caught:
        check_pair(picture, GRAY)
    assert str(caught.value).startswith("real must ")
    with refuses(error, text) as caught:
        check_pair(GRAY, picture)
    assert str(caught.value).startswith("fake must ")
    with refuses(error, text) as caught:
        check_picture(picture)
    assert str(caught.value).startswith("picture must ")


def test_unequal_pictures_are_refused_with_both_numbers():
    with refuses(
        ValueError,
        "real and fake must have the same shape, got (480, 640, 3) and (480, 641, 3); crop or align them first",
    ):
        check_pair(np.zeros((480, 640, 3), np.uint8), np.zeros((480, 641, 3), np.uint8))
    with refuses(ValueError, "got (16, 16) and (16, 16, 3)"):
        check_pair(GRAY, RGB)
    with refuses(TypeError, "real and fake must have the same dtype, got uint8 and uint16; convert one"):
        check_pair(GRAY, GRAY.astype(np.uint16))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused_with_their_place(bad):
    broken = FLOAT.copy()
    broken[3, 5] = bad
    with refuses(ValueError, "real must be finite, got 1 NaN or infinite values, the first at (3, 5); replace them"):
        check_pair(broken, FLOAT, data_range=1)
    with refuses(ValueError, "fake must be finite"):
        check_pair(FLOAT, broken, data_range=1)
    where = np.ones(FLOAT.shape, bool)
    with refuses(ValueError, "real must be finite, got 1 NaN"):
        check_pair(broken, FLOAT, data_range=1, where=where)
    where[3, 5] = False
    assert check_pair(broken, FLOAT, data_range=1, where=where).where is not None


def test_values_outside_the_data_range_are_refused():
    with refuses(ValueError, "fake must lie in [0, data_range] = [0, 1], got values from 0 to 2; scale or clip it"):
        check_pair(FLOAT, FLOAT + np.eye(16) * 2, data_range=1.0)
    with refuses(ValueError, "real must lie in [0, data_range] = [0, 1], got values from -0.5 to 0"):
        check_pair(FLOAT - np.eye(16) / 2, FLOAT, data_range=1.0)
    with refuses(ValueError, "real must lie in [0, data_range] = [0, 1023], got values from 4000 to 4000"):
        check_pair(np.full((8, 8), 4000, np.uint16), np.zeros((8, 8), np.uint16), data_range=1023)


@pytest.mark.parametrize(
    ("data_range", "error", "text"),
    [
        (None, ValueError, "data_range is needed for float64 pictures, got none; pass the value of white"),
        (0, ValueError, "data_range must be above 0 and finite, got 0"),
        (-1.0, ValueError, "data_range must be above 0 and finite, got -1.0"),
        (np.nan, ValueError, "data_range must be above 0 and finite, got nan"),
        (np.inf, ValueError, "data_range must be above 0 and finite, got inf"),
        (1e-300, ValueError, "data_range must lie between 1e-30 and 1e+30, got 1e-300; scale the pictures"),
        (1e300, ValueError, "data_range must lie between 1e-30 and 1e+30, got 1e+300; scale the pictures"),
        ("1", TypeError, "data_range must be a number, got str; pass the value of white"),
        (True, TypeError, "data_range must be a number, got bool"),
        ((0, 1), TypeError, "data_range must be a number, got tuple"),
    ],
)
def test_data_range_is_never_guessed(data_range, error, text):
    with refuses(error, text):
        check_pair(FLOAT, FLOAT, data_range=data_range)


def test_data_range_of_integers_ends_with_their_dtype():
    with refuses(ValueError, "data_range must be above 0 and at most 255 for uint8, got 256"):
        check_pair(GRAY, GRAY, data_range=256)


@pytest.mark.parametrize(
    ("where", "error", "text"),
    [
        (
            np.ones((16, 16), np.uint8),
            TypeError,
            "where must be a bool array, got uint8 array; pass for example mask > 0",
        ),
        ([[True]], TypeError, "where must be a bool array, got list"),
        (np.ones((16, 15), bool), ValueError, "where must have the pictures' height and width (16, 16), got (16, 15)"),
        (np.ones((16, 16, 3), bool), ValueError, "where must have the pictures' height and width (16, 16)"),
        (np.zeros((16, 16), bool), ValueError, "where must hold at least one pixel, got none"),
    ],
)
def test_where_must_be_a_mask_of_the_picture(where, error, text):
    with refuses(error, text):
        check_pair(RGB, RGB, where=where)


def test_small_values_are_checked_in_the_same_words():
    assert check_whole(np.int64(4), "n") == 4
    with refuses(TypeError, "n must be a whole number, got 4.0 (float)"):
        check_whole(4.0, "n")
    with refuses(TypeError, "n must be a whole number, got True (bool)"):
        check_whole(True, "n")
    assert check_odd(5, "n", largest=5) == 5
    with refuses(ValueError, "n must be an odd number of at least 3, got 4"):
        check_odd(4, "n", largest=9)
    with refuses(ValueError, "n must be an odd number of at least 3, got 1"):
        check_odd(1, "n", largest=9)
    with refuses(ValueError, "n must be at most the picture's shorter side, got 7 for 5 pixels"):
        check_odd(7, "n", largest=5)
    for number in (0, 1, 0.5, np.float32(0.5), np.int64(1)):
        checked = check_number(number, "n", low=0, high=1)
        assert checked == number
        assert type(checked) is float
    for number, text in ((1.5, "1.5"), (-1, "-1"), (np.nan, "nan"), (np.inf, "inf")):
        with refuses(ValueError, f"n must lie between 0.001 and 1, got {text}"):
            check_number(number, "n", low=0.001, high=1)
    for number, text in (("1", "'1' (str)"), (True, "True (bool)"), (None, "None (NoneType)"), (1j, "1j (complex)")):
        with refuses(TypeError, f"n must be a number, got {text}"):
            check_number(number, "n", low=0, high=1)
    assert check_choice("a", "word", ("a", "b")) == "a"
    with refuses(ValueError, "word must be one of 'a', 'b', got 'c'"):
        check_choice("c", "word", ("a", "b"))
    with refuses(TypeError, "word must be one of 'a', 'b', got 3"):
        check_choice(3, "word", ("a", "b"))


@pytest.mark.parametrize(
    "function",
    [
        facediff.compare_images,
        *(getattr(facediff.compare, name) for name in ("mse", "psnr", "ssim", "ssim_map")),
    ],
)
def test_every_public_function_stands_behind_the_door(function):
    with refuses(TypeError, "real must be a NumPy array"):
        function([1], GRAY)
    with refuses(ValueError, "data_range is needed"):
        function(FLOAT, FLOAT)
    with refuses(ValueError, "where must hold at least one pixel"):
        function(GRAY, GRAY, where=np.zeros((16, 16), bool))


@pytest.mark.parametrize("power", [-99, 99])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_ssim_is_the_same_at_either_end_of_the_data_ranges(power, dtype):
    real = (np.arange(256).reshape(16, 16) / 255).astype(dtype)
    fake = real[::-1].copy()
    scale = 2.0**power  # exact in binary: nothing is rounded by it
    scaled = ssim(real * dtype(scale), fake * dtype(scale), data_range=scale)
    assert scaled == pytest.approx(ssim(real, fake, data_range=1.0), abs=1e-12)


def test_a_masked_mask_is_refused():
    where = np.ma.masked_array(np.ones((16, 16), bool))
    with refuses(TypeError, "where must be a plain bool array, got a masked one; pass where.filled(False)"):
        check_pair(GRAY, GRAY, where=where)


def test_no_file_is_called_by_a_null_character():
    with refuses(ValueError, "path must hold no null character, got 'a\\x00.png'; no file can be called that"):
        check_path("a\0.png", "path")
