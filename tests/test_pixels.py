"""Luma and the largest difference, pixel by pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from facediff import _pixels

colours = st.sampled_from([np.uint8, np.uint16]).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40).map(lambda s: (*s, 3)))
)


@settings(deadline=None)
@given(colours)
def test_luma_of_whole_numbers_is_bt601_rounded(picture):
    exact = picture @ np.array([0.299, 0.587, 0.114])
    # The weights in 1/16384 are off by at most 1/32768 each, three of them at full scale; then half for rounding.
    tolerance = 0.5 + 3 * float(np.iinfo(picture.dtype).max) / 32768
    assert np.abs(_pixels.luma(picture) - exact).max() <= tolerance
    assert _pixels.luma(picture).dtype == picture.dtype


def test_luma_is_the_one_that_opencv_documents():
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    theirs = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    # OpenCV's own roundings differ between its versions by one level in rare pixels.
    assert np.abs(_pixels.luma(picture).astype(int) - theirs).max() <= 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_luma_of_floats_is_not_rounded(dtype):
    picture = np.random.default_rng(0).random((9, 5, 3)).astype(dtype)
    expected = picture.astype(float) @ np.array([0.299, 0.587, 0.114])
    found = _pixels.luma(picture)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("level", [0, 1, 127, 255])
def test_gray_in_three_channels_keeps_its_level(level):
    assert (_pixels.luma(np.full((3, 3, 3), level, np.uint8)) == level).all()


def test_a_gray_picture_is_its_own_luma():
    gray = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert _pixels.luma(gray) is gray


def test_difference_by_hand():
    real = np.array([[[10, 20, 30], [0, 255, 0]]], np.uint8)
    fake = np.array([[[13, 20, 25], [255, 0, 1]]], np.uint8)
    np.testing.assert_array_equal(_pixels.difference(real, fake), [[5, 255]])


@settings(deadline=None)
@given(colours, st.integers(0, 2**32 - 1))
def test_difference_is_the_largest_over_the_channels(real, seed):
    fake = np.random.default_rng(seed).integers(0, np.iinfo(real.dtype).max, real.shape, dtype=real.dtype)
    expected = np.abs(real.astype(int) - fake.astype(int)).max(axis=2)
    found = _pixels.difference(real, fake)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(found, _pixels.difference(fake, real))
    gray = _pixels.difference(np.ascontiguousarray(real[..., 0]), np.ascontiguousarray(fake[..., 0]))
    np.testing.assert_array_equal(gray, np.abs(real[..., 0].astype(int) - fake[..., 0].astype(int)))


def test_sums_of_labels_by_hand():
    labels = np.array([[1, 0], [2, 2]], np.int32)
    values = np.array([[0.5, 9], [1, 2]], np.float32)
    real = np.array([[[10, 20, 30], [0, 0, 0]], [[255, 0, 0], [0, 0, 0]]], np.uint8)
    fake = np.array([[[11, 18, 33], [9, 9, 9]], [[0, 0, 1], [0, 0, 2]]], np.uint8)
    found = _pixels.sums_of_labels(labels, 2, values, -values, real, fake)
    np.testing.assert_array_equal(found, [[0] * 6, [1, 0.5, -0.5, 1, -2, 3], [2, 3, -3, -255, 0, 3]])


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3)])
def test_sums_of_labels_are_those_of_each_label_alone(shape, dtype):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, shape[:2], dtype=np.int32)
    evidence, ssim_map = rng.random((2, *shape[:2])).astype(np.float32)
    real, fake = (rng.integers(0, 256, shape).astype(dtype) for _ in range(2))
    found = _pixels.sums_of_labels(labels, 5, evidence, ssim_map, real, fake)
    for label in range(1, 6):
        of = labels == label
        change = np.ravel((fake[of].astype(np.float64) - real[of]).sum(axis=0))
        expected = [of.sum(), evidence[of].sum(dtype=np.float64), ssim_map[of].sum(dtype=np.float64), *change]
        np.testing.assert_allclose(found[label], expected, rtol=1e-12)


def test_the_largest_of_labels_by_hand():
    labels = np.array([[0, 0, 1], [2, 0, 1]], np.int32)
    cells = np.array([[5, 7], [1, 9]], np.float32)
    # From row 1, column 0, with cells of two pixels: the labels' rows lie in the upper and the lower cells.
    found = _pixels.largest_of_labels(labels, 3, cells, cell=2, top=1, left=0)
    np.testing.assert_array_equal(found, [0, 9, 1, 0])
