"""Maps of cells: smoothed, and divided by the noise of their texture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from facediff import _planes

RNG = np.random.default_rng(0)


def test_smoothing_by_hand():
    dot = np.zeros((1, 3, 4), np.float32)
    dot[0, 1, 0] = 16
    # The border cell is repeated: what the dot would send over the edge comes back.
    np.testing.assert_array_equal(_planes.smooth(dot)[0], [[3, 1, 0, 0], [6, 2, 0, 0], [3, 1, 0, 0]])


@settings(deadline=None)
@given(st.integers(1, 3), st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_smoothing_is_that_of_scipy(count, height, width, seed):
    planes = np.random.default_rng(seed).normal(0, 100, (count, height, width)).astype(np.float32)
    weights = np.outer([1, 2, 1], [1, 2, 1]) / 16
    expected = [ndimage.correlate(plane.astype(np.float64), weights, mode="nearest") for plane in planes]
    # Five additions in single precision, of values up to the largest.
    tolerance = 5 * np.finfo(np.float32).eps * np.abs(planes).max()
    np.testing.assert_allclose(_planes.smooth(planes), expected, rtol=0, atol=tolerance)


def test_what_is_even_stays_and_nothing_is_written_to():
    even = np.full((2, 9, 5), 7, np.float32)
    even.flags.writeable = False
    np.testing.assert_array_equal(_planes.smooth(even), even)


def test_the_largest_ratio_by_hand():
    planes = np.array([[[-8, 2]], [[3, 9]]], np.float32)
    index = np.array([[0, 1]], np.uint8)
    tables = np.ones((2, 256), np.float32)
    tables[0, 0], tables[1, 1] = 4, 2
    np.testing.assert_array_equal(_planes.largest_over(planes, index, tables), [[3, 4.5]])


@pytest.mark.parametrize("shape", [(1, 1), (7, 33), (300, 500)])
def test_the_largest_ratio_is_that_of_the_planes_one_by_one(shape):
    planes = RNG.normal(0, 5, (3, *shape)).astype(np.float32)
    index = RNG.integers(0, 256, shape, dtype=np.uint8)
    tables = RNG.uniform(0.5, 4, (3, 256)).astype(np.float32)
    expected = np.max([np.abs(plane) / table[index] for plane, table in zip(planes, tables, strict=True)], axis=0)
    # The inverse is rounded, and then the product.
    np.testing.assert_allclose(_planes.largest_over(planes, index, tables), expected, rtol=2e-7)
