"""Drawing lies on the pixels it claims, on a copy, at every size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facediff import Box, Region, draw_regions
from facediff.draw import VERMILION, rgb8

BLACK = (0, 0, 0)
GRAY = 120


def plain(height: int = 40, width: int = 60) -> np.ndarray[Any, Any]:
    return np.full((height, width, 3), GRAY, np.uint8)


def painted(drawn: np.ndarray[Any, Any], color: tuple[int, int, int] = VERMILION) -> np.ndarray[Any, Any]:
    return (drawn == np.array(color, np.uint8)).all(axis=2)


def changed(drawn: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return (drawn != GRAY).any(axis=2)


def diamond(x: int, y: int, reach: int) -> Region:
    contour = np.array([[x, y - reach], [x - reach, y], [x, y + reach], [x + reach, y]], np.int32)
    contour.flags.writeable = False
    return Region(Box(x - reach, y - reach, x + reach + 1, y + reach + 1), 25, contour, 1.0, 1.0, 0.5, 0.0, (0.0, 0.0))


def ring(box: Box, shape: tuple[int, int]) -> np.ndarray[Any, Any]:
    """Return a box's own border pixels, worked out pixel by pixel."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    inside = (x >= box.left) & (x < box.right) & (y >= box.top) & (y < box.bottom)
    on_edge = (x == box.left) | (x == box.right - 1) | (y == box.top) | (y == box.bottom - 1)
    return inside & on_edge


def test_a_thin_line_covers_the_border_pixels_of_a_box_and_no_others() -> None:
    box = Box(10, 5, 30, 20)
    drawn = draw_regions(plain(), [box], thickness=1)
    np.testing.assert_array_equal(painted(drawn), ring(box, (40, 60)))


@given(
    left=st.integers(-20, 70),
    top=st.integers(-20, 50),
    width=st.integers(1, 90),
    height=st.integers(1, 70),
)
@settings(max_examples=150, deadline=None)
def test_a_box_that_reaches_outside_is_clipped_and_not_moved(left: int, top: int, width: int, height: int) -> None:
    box = Box.from_xywh(left, top, width, height)
    drawn = draw_regions(plain(), [box], thickness=1)
    np.testing.assert_array_equal(painted(drawn), ring(box, (40, 60)))


@given(box=st.builds(Box.from_xywh, *(st.integers(-9, 60), st.integers(-9, 40), *[st.integers(1, 50)] * 2)))
@settings(max_examples=100, deadline=None)
def test_the_halo_touches_the_line_and_leaves_the_rest_alone(box: Box) -> None:
    drawn = draw_regions(plain(), [box], thickness=1)
    own = np.pad(ring(box, (40, 60)), 1)
    near = np.zeros((40, 60), bool)
    for dy in range(3):
        for dx in range(3):
            near |= own[dy : dy + 40, dx : dx + 60]
    np.testing.assert_array_equal(changed(drawn), near)
    np.testing.assert_array_equal(painted(drawn, BLACK), near & ~ring(box, (40, 60)))


def test_a_thicker_line_grows_outwards() -> None:
    drawn = draw_regions(plain(), [Box(20, 10, 40, 30)], thickness=3)
    expected = np.zeros((40, 60), bool)
    expected[8:32, 18:42] = True
    expected[11:29, 21:39] = False
    np.testing.assert_array_equal(painted(drawn), expected)


def test_a_thicker_line_grows_inwards_where_the_picture_ends() -> None:
    drawn = draw_regions(plain(), [Box(0, 0, 60, 40)], thickness=3)
    expected = np.ones((40, 60), bool)
    expected[3:-3, 3:-3] = False
    np.testing.assert_array_equal(painted(drawn), expected)


@pytest.mark.parametrize("box", [Box(-9, 5, 0, 9), Box(60, 5, 70, 9), Box(5, -9, 9, 0), Box(5, 40, 9, 50)])
def test_nothing_of_a_box_outside_is_seen_neither_halo_nor_label(box: Box) -> None:
    drawn = draw_regions(plain(), [box], thickness=8, labels=True)
    np.testing.assert_array_equal(drawn, plain())


@pytest.mark.parametrize(("height", "width", "line"), [(64, 90, 1), (480, 854, 2), (1920, 1080, 4), (2160, 3840, 8)])
def test_lines_scale_with_the_shorter_side(height: int, width: int, line: int) -> None:
    drawn = draw_regions(np.zeros((height, width), np.uint8), [Box(30, 30, 60, 60)])
    assert int(painted(drawn)[45].sum()) == 2 * line


def test_contours_are_drawn_through_their_points() -> None:
    drawn = draw_regions(plain(), [diamond(30, 20, 6)], boxes=False, contours=True, thickness=1)
    expected = np.zeros((40, 60), bool)
    y, x = np.mgrid[:40, :60]
    expected[abs(x - 30) + abs(y - 20) == 6] = True
    np.testing.assert_array_equal(painted(drawn), expected)


def test_the_contour_of_a_box_is_the_box() -> None:
    boxes = [Box(10, 5, 30, 20), Box(3, 3, 9, 9)]
    outlined = draw_regions(plain(), boxes, boxes=False, contours=True)
    np.testing.assert_array_equal(outlined, draw_regions(plain(), boxes))


def test_a_region_is_drawn_as_its_box_unless_told_otherwise() -> None:
    region = diamond(30, 20, 6)
    np.testing.assert_array_equal(draw_regions(plain(), [region]), draw_regions(plain(), [region.box]))
    both = draw_regions(plain(), [region], contours=True, thickness=1)
    assert painted(both)[14, 30]
    assert painted(both)[14, 24]


def test_the_strongest_region_comes_to_lie_on_top() -> None:
    drawn = draw_regions(plain(), [Box(10, 10, 30, 30), Box(20, 5, 40, 25)], thickness=1)
    assert painted(drawn)[10, 10:30].all()
    assert not painted(drawn)[5:25, 20].all()


@given(
    box=st.builds(Box.from_xywh, *(st.integers(-30, 140), st.integers(-30, 90), *[st.integers(1, 60)] * 2)),
    text=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=12),
)
@settings(max_examples=60, deadline=None)
def test_a_label_is_never_clipped(box: Box, text: str) -> None:
    drawn = draw_regions(plain(100, 150), [box], boxes=False, labels=[text])
    rows, columns = np.nonzero(changed(drawn))
    if box.right <= 0 or box.bottom <= 0 or box.left >= 150 or box.top >= 100:
        assert rows.size == 0
        return
    plate = drawn[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert changed(plate).all()
    for edge in (plate[0], plate[-1], plate[:, 0], plate[:, -1]):
        assert (edge == VERMILION).all()


@pytest.mark.parametrize("text", ["8", "a", "Wgjy()"])
def test_a_label_can_be_read(text: str) -> None:
    drawn = draw_regions(plain(480, 640), [Box(200, 200, 300, 300)], boxes=False, labels=[text])
    dark = drawn[changed(drawn)].max(axis=1) < 60
    assert dark.sum() > 10 * len(text)


def test_a_label_lies_above_its_box_or_inside_if_there_is_no_room() -> None:
    above = draw_regions(plain(480, 640), [Box(200, 200, 300, 300)], boxes=False, labels=True)
    assert not changed(above)[199:].any()
    assert changed(above)[:199, 200:300].any()
    inside = draw_regions(plain(480, 640), [Box(200, 3, 300, 300)], boxes=False, labels=True)
    rows, columns = np.nonzero(changed(inside))
    assert (rows.min(), columns.min()) >= (3, 199)
    assert rows.max() < 300


def test_letters_scale_with_the_picture() -> None:
    heights = []
    for height, width in ((480, 640), (1920, 2560)):
        drawn = draw_regions(plain(height, width), [Box(200, 200, 300, 300)], boxes=False, labels=True)
        heights.append(np.ptp(np.nonzero(changed(drawn))[0]))
    assert heights[1] / heights[0] == pytest.approx(4, rel=0.15)


def test_a_long_text_shrinks_to_fit_and_one_that_cannot_is_left_out() -> None:
    drawn = draw_regions(plain(100, 150), [Box(20, 50, 30, 60)], boxes=False, labels=["as long as this"])
    assert 0 < np.ptp(np.nonzero(changed(drawn))[1]) < 150
    tiny = draw_regions(plain(3, 3), [Box(0, 0, 2, 2)], boxes=False, labels=["as long as this"])
    np.testing.assert_array_equal(tiny, plain(3, 3))


def test_true_numbers_the_regions_from_one() -> None:
    boxes = [Box(10, 30, 20, 35), Box(40, 30, 50, 35)]
    np.testing.assert_array_equal(
        draw_regions(plain(), boxes, labels=True), draw_regions(plain(), boxes, labels=["1", "2"])
    )
    assert (draw_regions(plain(), boxes, labels=True) != draw_regions(plain(), boxes)).any()


@pytest.mark.parametrize(("color", "halo"), [((255, 255, 0), BLACK), ((0, 0, 128), (255, 255, 255))])
def test_the_halo_contrasts_with_the_color(color: tuple[int, int, int], halo: tuple[int, int, int]) -> None:
    drawn = draw_regions(plain(), [Box(10, 10, 30, 30)], color=color, thickness=1)
    assert painted(drawn, color)[10, 15]
    assert painted(drawn, halo)[9, 15]
    assert painted(drawn, halo)[11, 15]


@pytest.mark.parametrize(
    ("picture", "data_range"),
    [
        (np.arange(256, dtype=np.uint8).reshape(16, 16), None),
        (np.arange(200, dtype=np.uint8).reshape(10, 20), 200),
        (np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16), None),
        (np.arange(1024, dtype=np.uint16).reshape(32, 32), 1023),
        (np.linspace(0, 1, 192, dtype=np.float32).reshape(8, 8, 3), 1.0),
        (np.linspace(0, 7.5, 192).reshape(8, 8, 3), 7.5),
    ],
)
def test_every_dtype_is_scaled_from_black_to_white(picture: np.ndarray[Any, Any], data_range: float | None) -> None:
    drawn = draw_regions(picture, [], data_range=data_range)
    white = data_range or float(np.iinfo(picture.dtype).max)
    exact = picture.astype(np.float64) / white * 255
    assert drawn.dtype == np.uint8
    assert drawn.shape == (*picture.shape[:2], 3)
    exact = exact if exact.ndim == 3 else exact[..., None]
    assert np.abs(drawn - exact).max() <= 0.5 + 1e-4


def test_nan_turns_black_for_display() -> None:
    assert (rgb8(np.full((2, 2, 3), np.nan, np.float32), 1.0) == 0).all()


@pytest.mark.parametrize("shape", [(40, 60), (40, 60, 3)])
def test_the_input_is_never_written_to(shape: tuple[int, ...]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    before = picture.copy()
    drawn = draw_regions(picture, [Box(5, 5, 20, 20), diamond(30, 20, 6)], contours=True, labels=True)
    np.testing.assert_array_equal(picture, before)
    assert drawn.flags.writeable
    assert not np.shares_memory(drawn, picture)


def test_read_only_and_strided_pictures_are_drawn_on_alike() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (80, 120, 3), dtype=np.uint8)
    strided = picture[::2, ::-2]
    frozen = np.ascontiguousarray(strided)
    frozen.flags.writeable = False
    boxes = (box for box in [Box(5, 5, 20, 20)])
    np.testing.assert_array_equal(draw_regions(strided, boxes), draw_regions(frozen, [Box(5, 5, 20, 20)]))


BOX = Box(1, 1, 5, 5)


@pytest.mark.parametrize(
    ("regions", "options", "error", "message"),
    [
        (BOX, {}, TypeError, r"regions must be an iterable of Region or Box, got Box; pass found.regions, or a list"),
        (3, {}, TypeError, r"regions must be an iterable of Region or Box, got int"),
        ([BOX, (1, 2, 3, 4)], {}, TypeError, r"regions must hold Region or Box, got tuple at 1; make one with Box"),
        ([BOX], {"labels": "1"}, TypeError, r"labels must be True, False or a sequence of str, got str; pass a list"),
        ([BOX], {"labels": None}, TypeError, r"labels must be True, False or a sequence of str, got NoneType"),
        ([BOX], {"labels": ["a", "b"]}, ValueError, r"labels must hold one text for each region, got 2 for 1 regions"),
        ([BOX], {"labels": [1]}, TypeError, r"labels must hold str, got int at 0; convert it with str\(\)"),
        ([BOX], {"labels": ["\u00e9"]}, ValueError, r"labels must be printable ASCII, got '\u00e9' at 0; the font"),
        ([BOX], {"labels": ["a\nb"]}, ValueError, r"labels must be printable ASCII, got 'a\\nb' at 0"),
        ([BOX], {"labels": [""]}, ValueError, r"labels must be printable ASCII, got '' at 0"),
        ([BOX], {"color": "red"}, TypeError, r"color must be three whole numbers \(red, green, blue\), got 'red'"),
        ([BOX], {"color": (1, 2)}, TypeError, r"color must be three whole numbers .* got \(1, 2\)"),
        ([BOX], {"color": (0.5, 0, 0)}, TypeError, r"color must be a whole number, got 0.5 \(float\)"),
        ([BOX], {"color": (0, 256, 0)}, ValueError, r"color must lie in 0 to 255, got \(0, 256, 0\)"),
        ([BOX], {"color": (0, -1, 0)}, ValueError, r"color must lie in 0 to 255, got \(0, -1, 0\)"),
        ([BOX], {"thickness": 0}, ValueError, r"thickness must be at least 1 pixel, got 0"),
        ([BOX], {"thickness": 1.5}, TypeError, r"thickness must be a whole number, got 1.5 \(float\)"),
    ],
)
def test_bad_arguments_are_named(regions: Any, options: dict[str, Any], error: type[Exception], message: str) -> None:
    assert draw_regions(plain(), [BOX]).shape == (40, 60, 3)
    with pytest.raises(error, match=message):
        draw_regions(plain(), regions, **options)


def test_a_picture_comes_in_through_the_door() -> None:
    with pytest.raises(ValueError, match="data_range is needed for float64 pictures"):
        draw_regions(np.zeros((4, 4)), [])
    with pytest.raises(TypeError, match="picture must be a NumPy array, got list"):
        draw_regions([[0]], [])  # type: ignore[arg-type]
