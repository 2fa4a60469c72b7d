"""Run-length codes: COCO's own, bit for bit; what is damaged is said to be."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_masks

from export_values import coco_mask, masks
from facediff._runs import _compress, _decompress, coco_rle, runs_of
from facediff.export import decode_rle, encode_rle


def test_a_code_by_hand():
    # Down the columns: 1 False, 3 True, 2 False; a character is 48 + the number while it is below 16.
    mask = np.array([[False, True, False], [True, True, False]])
    assert encode_rle(mask) == {"size": [2, 3], "counts": "132"}


def test_the_ends_of_the_scale():
    assert encode_rle(np.zeros((2, 3), bool))["counts"] == "6"
    assert encode_rle(np.ones((2, 3), bool))["counts"] == "06"


@given(masks)
@settings(deadline=None)
def test_the_code_is_that_of_pycocotools_and_both_read_it(mask):
    code = encode_rle(mask)
    theirs = coco_masks.encode(np.asfortranarray(mask.astype(np.uint8)))
    assert code == {"size": theirs["size"], "counts": theirs["counts"].decode()}
    np.testing.assert_array_equal(coco_mask(code), mask)
    np.testing.assert_array_equal(decode_rle(code), mask)


@given(st.lists(st.integers(1, 3_000_000), min_size=1, max_size=12), st.booleans())
@settings(deadline=None)
def test_long_runs_take_several_characters_as_in_pycocotools(runs, marked):
    counts = [0, *runs] if marked else runs
    size = [sum(counts), 1]
    theirs = coco_masks.frPyObjects({"size": size, "counts": counts}, *size)["counts"].decode()
    # Our own code without the picture, which would be too large for a test.
    assert _compress(np.array(counts, np.int64)) == theirs
    assert _decompress(theirs) == counts


@given(masks, st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))
@settings(deadline=None)
def test_a_crop_is_coded_as_the_whole_picture_around_it(crop, left, top, right, bottom):
    whole = np.pad(crop, ((top, bottom), (left, right)))
    assert coco_rle(crop, left=left, top=top, shape=whole.shape) == encode_rle(whole)
    runs = runs_of(crop, left=left, top=top, shape=whole.shape)
    assert (np.repeat(np.arange(runs.size) % 2, runs).reshape(whole.shape) == whole).all()
    assert (runs[1:] > 0).all()


def test_counts_may_be_a_list():
    assert decode_rle({"size": [2, 3], "counts": [1, 3, 2]}).tolist() == [[False, True, False], [True, True, False]]


@pytest.mark.parametrize(
    ("mask", "kind", "match"),
    [
        (
            np.zeros((2, 2), np.uint8),
            TypeError,
            r"mask must be a bool mask, got a uint8 array; pass mask > 127 for a mask in 8 bits",
        ),
        ([[True]], TypeError, r"mask must be a bool mask, a plain NumPy array, got list"),
        (
            np.zeros((2, 2, 3), bool),
            ValueError,
            r"mask must be \(H, W\) of at least one pixel, got shape \(2, 2, 3\)",
        ),
        (np.zeros((0, 4), bool), ValueError, r"got shape \(0, 4\)"),
    ],
)
def test_what_is_no_mask_is_refused(mask, kind, match):
    with pytest.raises(kind, match=match):
        encode_rle(mask)


@pytest.mark.parametrize(
    ("rle", "message"),
    [
        ({"counts": "22"}, "rle['size'] must be height and width, two whole numbers above 0, got None"),
        (
            {"size": [2, 0], "counts": "22"},
            "rle['size'] must be height and width, two whole numbers above 0, got [2, 0]",
        ),
        ({"size": [2, 2.0], "counts": "22"}, "got [2, 2.0]"),
        ({"size": [2, 2]}, "rle['counts'] must be a str or a list of whole numbers from 0 on; the code is damaged"),
        ({"size": [2, 2], "counts": [5, -1]}, "rle['counts'] must be a str or a list of whole numbers from 0 on"),
        ({"size": [2, 2], "counts": "23"}, "rle['counts'] must add up to 2 x 2 = 4 pixels, got 5; the code is damaged"),
        ({"size": [2, 2], "counts": "2 "}, "rle['counts'] must hold characters from '0' to 'o', got ' '"),
        ({"size": [2, 2], "counts": "2R"}, "rle['counts'] must not end within a number; the code is cut short"),
    ],
)
def test_a_damaged_code_is_refused(rle, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        decode_rle(rle)


def test_a_code_is_a_dict():
    with pytest.raises(TypeError, match=r"^rle must be a dict of size and counts, got str$"):
        decode_rle("22")
