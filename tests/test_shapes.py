"""Masks by hand, by their laws, and beside SciPy and scikit-image."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage
from skimage import measure, morphology

from facediff import _shapes

masks = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24))
EIGHT = np.ones((3, 3), bool)


def drawn(text: str) -> np.ndarray:
    """Return the mask that a drawing shows: # = True."""
    return np.array([[letter == "#" for letter in row] for row in text.split()])


# --- grow, shrink --------------------------------------------------------------------------------


def test_grow_and_shrink_by_hand():
    dot = drawn("..... ..... ..#.. ..... .....")
    square = drawn("..... .###. .###. .###. .....")
    np.testing.assert_array_equal(_shapes.grow(dot, 1), square)
    np.testing.assert_array_equal(_shapes.shrink(square, 1), dot)
    assert _shapes.grow(dot, 2).all()
    assert not _shapes.shrink(square, 2).any()


def test_the_pictures_border_is_no_rim():
    assert _shapes.shrink(np.ones((4, 5), bool), 3).all()
    np.testing.assert_array_equal(_shapes.shrink(drawn("##.. ##.. ##.. ...."), 1), drawn("#... #... .... ...."))


@settings(max_examples=50, deadline=None)
@given(masks, st.integers(0, 4))
def test_shrinking_a_mask_is_growing_what_is_not_in_it(mask, pixels):
    grown = _shapes.grow(mask, pixels)
    np.testing.assert_array_equal(_shapes.shrink(~mask, pixels), ~grown)
    square = np.ones((2 * pixels + 1, 2 * pixels + 1), bool)
    np.testing.assert_array_equal(grown, ndimage.binary_dilation(mask, square))


@settings(max_examples=50, deadline=None)
@given(masks, st.integers(0, 3), st.integers(0, 3))
def test_growing_twice_adds_up(mask, first, second):
    np.testing.assert_array_equal(_shapes.grow(_shapes.grow(mask, first), second), _shapes.grow(mask, first + second))


# --- close_gaps ----------------------------------------------------------------------------------


@pytest.mark.parametrize("radius", [1, 2, 3, 5])
def test_a_gap_of_twice_the_radius_is_closed_and_a_wider_one_is_not(radius):
    for gap in range(1, 4 * radius):
        mask = np.ones((40, 40), bool)
        mask[:, 10 : 10 + gap] = False
        closed = _shapes.close_gaps(mask, radius)
        # Rows well away from the border: there is nothing outside the picture that could close a gap.
        middle = closed[2 * radius : -2 * radius]
        if gap <= 2 * radius:
            assert middle.all()
        else:
            np.testing.assert_array_equal(middle, mask[2 * radius : -2 * radius])


def test_closing_turns_no_corner_round_and_moves_no_outer_edge():
    mask = np.zeros((40, 50), bool)
    mask[8:30, 10:40] = True
    np.testing.assert_array_equal(_shapes.close_gaps(mask, 4), mask)
    half = np.zeros((40, 50), bool)
    half[:, 20:] = True  # it ends at the border
    np.testing.assert_array_equal(_shapes.close_gaps(half, 4), half)
    assert not _shapes.close_gaps(np.zeros((9, 9), bool), 3).any()
    assert _shapes.close_gaps(np.ones((9, 9), bool), 3).all()


@settings(max_examples=60, deadline=None)
@given(masks, st.integers(1, 4))
def test_closing_only_adds_and_only_between(mask, radius):
    before = mask.copy()
    closed = _shapes.close_gaps(mask, radius)
    np.testing.assert_array_equal(mask, before)
    assert closed[mask].all()
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    inside = np.zeros_like(mask)
    if mask.any():
        inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    assert not closed[~inside].any()


# OpenCV's 5x5 distance mask has the steps 1, 1.4 and 2.1969 (G. Borgefors, "Distance transformations in digital
# images", 1986): distances up to 2 % short of the true ones or past them. A pixel may fall on the other side of the
# radius, first in growing and then in shrinking, if its distance lies within that of the radius.
OFF = 0.021


@settings(max_examples=60, deadline=None)
@given(masks, st.integers(1, 6))
def test_closing_is_that_of_a_disk_within_the_distances_approximation(mask, radius):
    padded = np.pad(mask, 2 * radius + 2)
    inner = (slice(2 * radius + 2, -2 * radius - 2),) * 2

    def by_distance(grow_by: float, shrink_by: float) -> np.ndarray:
        if not mask.any():
            return mask
        near = ndimage.distance_transform_edt(~padded) <= grow_by
        return ((ndimage.distance_transform_edt(near) > shrink_by) | padded)[inner]

    # Growing less and shrinking more gives a smaller mask, the reverse a larger one: the truth lies between.
    least = by_distance(radius * (1 - OFF), radius * (1 + OFF))
    most = by_distance(radius * (1 + OFF), radius * (1 - OFF))
    closed = _shapes.close_gaps(mask, radius)
    assert closed[least].all()
    assert not closed[~most].any()
    if radius <= 2:  # no distance between pixels comes that close to the radius: nothing is left to approximate
        np.testing.assert_array_equal(closed, morphology.isotropic_closing(padded, radius)[inner] | mask)


# --- fill_holes ----------------------------------------------------------------------------------


def test_holes_are_filled_up_to_a_share_of_what_is_around_them():
    ring = np.ones((5, 5), bool)
    ring[2, 2] = False  # one pixel in 24
    picture = np.pad(ring, 1)
    assert _shapes.fill_holes(picture, share=1 / 24)[3, 3]
    assert not _shapes.fill_holes(picture, share=0.99 / 24)[3, 3]
    assert _shapes.fill_holes(picture, share=1 / 24).sum() == 25


def test_each_hole_is_measured_by_the_component_around_it():
    mask = np.zeros((12, 24), bool)
    mask[1:11, 1:11] = True  # 100 - 4 pixels around a hole of 4
    mask[5:7, 5:7] = False
    mask[3:9, 14:20] = True  # 36 - 4 pixels around a hole of 4
    mask[5:7, 16:18] = False
    filled = _shapes.fill_holes(mask, share=0.1)
    assert filled[5:7, 5:7].all()
    assert not filled[5:7, 16:18].any()
    assert filled.sum() == mask.sum() + 4


def test_what_leaks_at_a_side_is_no_hole_and_what_touches_corners_is():
    assert _shapes.fill_holes(drawn("### #.. ###"), share=9).sum() == 7
    diamond = drawn("..... ..#.. .#.#. ..#.. .....")
    assert _shapes.fill_holes(diamond, share=0.25)[2, 2]


def test_an_island_in_a_hole_stays_and_the_hole_around_it_is_filled():
    mask = drawn("####### #.....# #.....# #..#..# #.....# #.....# #######")
    assert _shapes.fill_holes(mask, share=1).all()  # 24 around 24
    np.testing.assert_array_equal(_shapes.fill_holes(mask, share=0.99), mask)


@settings(max_examples=80, deadline=None)
@given(masks)
def test_with_no_limit_all_holes_are_filled_as_by_scipy(mask):
    before = mask.copy()
    np.testing.assert_array_equal(_shapes.fill_holes(mask, share=np.inf), ndimage.binary_fill_holes(mask))
    np.testing.assert_array_equal(_shapes.fill_holes(mask, share=0), mask)
    np.testing.assert_array_equal(mask, before)


@settings(max_examples=80, deadline=None)
@given(hnp.arrays(np.bool_, (12, 14), elements=st.sampled_from([True, True, True, False])), st.floats(0.01, 1))
def test_holes_of_any_share_are_those_of_a_slow_implementation(mask, share):
    holes, count = ndimage.label(np.pad(~mask, 1, constant_values=True))
    owners, _ = ndimage.label(np.pad(mask, 1), EIGHT)
    expected = np.pad(mask, 1)
    for hole in range(1, count + 1):
        inside = holes == hole
        if inside[0, 0]:
            continue
        # Of the components that touch a hole, the one around it reaches farthest up.
        touching = np.unique(owners[ndimage.binary_dilation(inside) & ~inside])
        around = min(touching, key=lambda label: np.flatnonzero((owners == label).any(axis=1))[0])
        if inside.sum() <= share * (owners == around).sum():
            expected |= inside
    np.testing.assert_array_equal(_shapes.fill_holes(mask, share=share), expected[1:-1, 1:-1])


# --- components, connected_to, outlines ----------------------------------------------------------


def test_hysteresis_by_hand():
    weak = drawn("##..# ##..# ....# #.... .#...")
    seeds = drawn("#.... ..... ..... .#... .#...")
    # Corners connect; a seed outside the weak mask (next to the lower left part) reaches nothing by itself.
    np.testing.assert_array_equal(_shapes.connected_to(seeds, weak), drawn("##... ##... ..... #.... .#..."))
    seeds[4, 1] = False
    np.testing.assert_array_equal(_shapes.connected_to(seeds, weak), drawn("##... ##... ..... ..... ....."))


@settings(max_examples=80, deadline=None)
@given(masks.flatmap(lambda weak: st.tuples(hnp.arrays(np.bool_, weak.shape), st.just(weak))))
def test_hysteresis_is_scikit_images_reconstruction(pair):
    seeds, weak = pair
    expected = morphology.reconstruction((seeds & weak).astype(np.uint8), weak.astype(np.uint8), footprint=EIGHT)
    found = _shapes.connected_to(seeds, weak)
    np.testing.assert_array_equal(found, expected.astype(bool))
    np.testing.assert_array_equal(_shapes.connected_to(seeds, found), found)


@settings(max_examples=80, deadline=None)
@given(masks)
def test_components_are_scikit_images(mask):
    count, labels = _shapes.components(mask)
    expected = measure.label(mask, connectivity=2)
    assert count == expected.max() == labels.max()
    np.testing.assert_array_equal(labels > 0, mask)
    # The same parts, whatever their numbers.
    assert len(np.unique(np.stack([labels, expected]).reshape(2, -1), axis=1).T) == count + (not mask.all())


@settings(max_examples=80, deadline=None)
@given(masks)
def test_outlines_are_those_of_the_components_without_holes(mask):
    contours, labels = _shapes.outlines(mask)
    outside = measure.label(np.pad(~mask, 1, constant_values=True), connectivity=1)
    hull = (outside != outside[0, 0])[1:-1, 1:-1]  # all that the background cannot flow into
    expected = measure.label(hull, connectivity=2)
    assert len(contours) == expected.max()
    np.testing.assert_array_equal(labels > 0, hull)
    assert len(np.unique(np.stack([labels, expected]).reshape(2, -1), axis=1).T) == len(contours) + (not hull.all())
    for number, contour in enumerate(contours, start=1):
        assert (labels[contour[:, 0, 1], contour[:, 0, 0]] == number).all()


def test_the_outline_of_a_square_is_its_corners():
    (contour,), labels = _shapes.outlines(drawn("..... .###. .#.#. .###. ....."))
    assert {tuple(point) for point in contour[:, 0].tolist()} == {(1, 1), (3, 1), (3, 3), (1, 3)}
    np.testing.assert_array_equal(labels, np.pad(np.ones((3, 3), int), 1))
    contours, labels = _shapes.outlines(np.zeros((4, 5), bool))
    assert contours == []
    assert not labels.any()
