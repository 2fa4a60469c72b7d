"""Boxes are half-open rectangles of whole pixels."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facediff import Box, Region

sides = st.integers(-50, 50)
sizes = st.integers(1, 60)
boxes = st.builds(Box.from_xywh, sides, sides, sizes, sizes)


def pixels(box: Box) -> set[tuple[int, int]]:
    return {(x, y) for x in range(box.left, box.right) for y in range(box.top, box.bottom)}


def test_a_box_counts_its_own_pixels():
    box = Box(2, 3, 5, 7)
    assert (box.width, box.height, box.area) == (3, 4, 12)
    assert box.xyxy == (2, 3, 5, 7)
    assert box.xywh == (2, 3, 3, 4)
    assert str(box) == "3x4 at (2, 3)"


def test_cropping_by_a_box_loses_nothing_and_adds_nothing():
    picture = np.zeros((10, 12), bool)
    box = Box(2, 3, 5, 7)
    picture[box.slices] = True
    assert {(x, y) for y, x in np.argwhere(picture)} == pixels(box)


def test_what_lies_outside_the_picture_is_left_out_of_a_crop():
    assert np.ones((10, 10))[Box(-3, -2, 4, 5).slices].shape == (5, 4)
    assert np.ones((10, 10))[Box(-3, -2, -1, -1).slices].size == 0
    assert np.ones((10, 10))[Box(8, 8, 20, 20).slices].shape == (2, 2)


@given(boxes, boxes)
def test_iou_is_that_of_the_sets_of_pixels(a, b):
    assert a.iou(b) == pytest.approx(len(pixels(a) & pixels(b)) / len(pixels(a) | pixels(b)), abs=1e-12)
    assert a.iou(b) == b.iou(a)
    assert a.iou(a) == 1
    assert 0 <= a.iou(b) <= 1
    both = a.union(b)
    assert both == b.union(a)
    assert pixels(a) | pixels(b) <= pixels(both)
    # The smallest that does: each of its sides is one of theirs.
    assert all(side in pair for side, *pair in zip(both.xyxy, a.xyxy, b.xyxy, strict=True))


@given(boxes)
def test_both_notations_name_the_same_box(box):
    assert Box(*box.xyxy) == Box.from_xywh(*box.xywh) == box
    assert hash(Box(*box.xyxy)) == hash(box)
    assert pickle.loads(pickle.dumps(box)) == box


def test_numpy_integers_become_pythons():
    box = Box(*np.array([1, 2, 3, 4]))
    assert all(type(side) is int for side in box.xyxy)


@pytest.mark.parametrize("sides", [(5, 0, 5, 9), (0, 9, 5, 9), (6, 0, 5, 9), (0, 0, 5, -9)])
def test_an_empty_box_is_refused(sides):
    with pytest.raises(ValueError, match=re.escape("a box must have right > left and bottom > top, got left=")):
        Box(*sides)


def test_boxes_are_made_of_whole_numbers_and_cannot_be_changed():
    with pytest.raises(TypeError, match=re.escape("right must be a whole number, got 2.5 (float)")):
        Box(0, 0, 2.5, 3)
    with pytest.raises(TypeError, match=re.escape("width must be a whole number, got '3' (str)")):
        Box.from_xywh(0, 0, "3", 3)
    with pytest.raises(ValueError, match="right > left"):
        Box.from_xywh(0, 0, 0, 3)
    with pytest.raises(AttributeError, match="left"):
        Box(0, 0, 1, 1).left = 5
    with pytest.raises(TypeError, match=re.escape("other must be a Box, got tuple; make one with Box(*xyxy)")):
        Box(0, 0, 1, 1).iou((0, 0, 1, 1))
    with pytest.raises(TypeError, match=re.escape("other must be a Box, got NoneType; make one with Box(*xyxy)")):
        Box(0, 0, 1, 1).union(None)


def test_a_region_says_where_and_how_much():
    region = Region(
        box=Box(0, 0, 4, 2),
        area=7,
        contour=np.zeros((4, 2), np.int32),
        strength=0.25,
        margin=1.5,
        mean_ssim=0.5,
        luma_change=-3.0,
        chroma_change=(1.0, 2.0),
    )
    assert str(region) == "Region 4x2 at (0, 0), 7 px changed, strength 0.25"
    with pytest.raises(AttributeError, match="luma_change"):
        region.luma_change = 3.0
    copy = pickle.loads(pickle.dumps(region))
    assert (copy.box, copy.mean_ssim, copy.luma_change, copy.chroma_change) == (region.box, 0.5, -3.0, (1.0, 2.0))
