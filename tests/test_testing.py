"""Assertions: each law holds where it should, breaks where it should, and says what would pass. That is then tried."""

from __future__ import annotations

import pickle
import re
from functools import cache
from itertools import permutations

import numpy as np
import pytest
import skimage.data
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import facediff
from facediff import Box, _asserting, _assignment
from facediff.evidence import gate
from facediff.synthesis import encode
from facediff.testing import (
    PairAssertionError,
    RegionsBaseline,
    assert_identical,
    assert_manipulated,
    assert_regions_close,
    assert_unchanged,
    assert_unchanged_outside,
)

FACE = Box(190, 85, 262, 165)
SQUARE = Box(96, 64, 160, 112)  # whole blocks of 16 pixels


@cache
def portrait() -> np.ndarray:
    picture = skimage.data.astronaut()
    picture.flags.writeable = False
    return picture


@cache
def mirrored() -> np.ndarray:
    """Return the portrait with its face mirrored."""
    picture = portrait().copy()
    picture[FACE.slices] = picture[FACE.slices][:, ::-1]
    picture.flags.writeable = False
    return picture


def flat() -> tuple[np.ndarray, np.ndarray]:
    """Return a gray pair that differs by 60 in `SQUARE` and nowhere else."""
    real = np.full((256, 320), 90, np.uint8)
    fake = real.copy()
    fake[SQUARE.slices] = 150
    return real, fake


def weak() -> tuple[np.ndarray, np.ndarray]:
    """Return a noisy pair with an edit that the highest rates see and the lowest do not."""
    rng = np.random.default_rng(1)
    real = rng.integers(90, 110, (256, 256), dtype=np.uint8)
    fake = real.copy()
    fake[64:128, 64:128] += 10
    return real, (fake + rng.integers(-2, 3, fake.shape)).astype(np.uint8)


def mask_of(*boxes: Box, shape=(256, 320)) -> np.ndarray:
    mask = np.zeros(shape, bool)
    for box in boxes:
        mask[box.slices] = True
    return mask


def failure(function, *arguments, **options) -> PairAssertionError:
    with pytest.raises(PairAssertionError) as caught:
        function(*arguments, **options)
    return caught.value


def advice(error: PairAssertionError) -> dict[str, object]:
    """Return the arguments that a message says would pass, one of each broken law."""
    found = re.findall(r"(\w+)=((?:Box\([^)]*\))|[\d.e-]+)(?: would pass|$)", str(error), re.MULTILINE)
    return {name: eval(value, {"Box": Box}) for name, value in found}


# --- assert_identical ----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(1, 1), (2, 5, 3), (64, 48, 3)])
def test_a_picture_is_identical_to_its_copy(dtype, shape):
    picture = np.ones(shape, dtype)
    assert assert_identical(picture, picture.copy(), data_range=1.0) is None


@given(st.integers(0, 11), st.integers(0, 9), st.integers(1, 255), st.sampled_from(["gray", "RGB"]))
@settings(deadline=None)  # the first call compiles or imports
def test_one_pixel_by_one_level_is_seen_anywhere(x, y, change, kind):
    real = np.zeros((10, 12) if kind == "gray" else (10, 12, 3), np.uint8)
    fake = real.copy()
    fake[(y, x) if kind == "gray" else (y, x, 2)] = change
    error = failure(assert_identical, real, fake)
    assert f"largest:    {change} at ({x}, {y}): " in str(error)
    assert_identical(real, fake, outside=Box(x, y, x + 1, y + 1))
    assert error.comparison.difference.max() == change


def test_the_message_about_pictures_that_are_not_identical():
    real = np.full((20, 30, 3), 90, np.uint8)
    fake = real.copy()
    fake[4:6, 10:13, 0] = 100
    fake[5, 11, 1] = 60
    error = failure(assert_identical, real, fake)
    assert str(error) == (
        "real and fake are not identical\n"
        "\n"
        "broken:     identical, got 6 of 600 px that differ, within 3x2 at (10, 4); "
        "outside=Box(left=10, top=4, right=13, bottom=6) would pass\n"
        "largest:    30 at (11, 5): real (90, 90, 90), fake (100, 60, 90)\n"
        "first:      (10, 4): real (90, 90, 90), fake (100, 90, 90)\n"
        "            (11, 4): real (90, 90, 90), fake (100, 90, 90)\n"
        "            (12, 4): real (90, 90, 90), fake (100, 90, 90)"
    )
    assert error.found is None
    assert_identical(real, fake, **advice(error))


@pytest.mark.parametrize("place", [Box(10, 4, 12, 6), mask_of(Box(10, 4, 12, 6), shape=(20, 30))])
def test_what_lies_outside_is_told_from_what_may_differ(place):
    real = np.full((20, 30), 0.5)
    fake = real.copy()
    fake[4:6, 10:13] = 0.75
    error = failure(assert_identical, real, fake, outside=place, data_range=1.0)
    name = "2x2 at (10, 4)" if isinstance(place, Box) else "a mask of 4 px in 2x2 at (10, 4)"
    assert str(error) == (
        f"real and fake are not identical outside {name}\n"
        "\n"
        f"broken:     identical outside {name}, got 2 of 596 px that differ, within 1x2 at (12, 4); "
        "outside=Box(left=10, top=4, right=13, bottom=6) would pass\n"
        "largest:    0.25 at (12, 4): real 0.5, fake 0.75\n"
        "first:      (12, 4): real 0.5, fake 0.75\n"
        "            (12, 5): real 0.5, fake 0.75"
    )
    assert error.comparison.where.sum() == 596
    assert_identical(real, fake, data_range=1.0, **advice(error))


@pytest.mark.parametrize(
    ("shape", "outside", "window", "counted"),
    [
        ((1, 9), None, None, None),  # too thin for any window
        ((3, 9), None, 3, None),
        ((6, 9), None, 5, None),
        ((9, 9), None, 7, None),
        ((9, 9), Box(1, 1, 9, 9), 7, None),  # only the border counts, where no window fits
        ((9, 9), Box(5, 5, 9, 9), 7, 65),
    ],
)
def test_a_failure_carries_a_comparison_if_a_window_fits(shape, outside, window, counted):
    real = np.zeros(shape, np.uint8)
    fake = real.copy()
    fake[0, 0] = 9
    comparison = failure(assert_identical, real, fake, outside=outside).comparison
    if window is None:
        assert comparison is None
    else:
        assert comparison.window_size == window
        assert (None if comparison.where is None else comparison.where.sum()) == counted


# --- assert_unchanged ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["astronaut", "camera", "coffee"])
@pytest.mark.parametrize("code", [("jpeg", 90), ("jpeg", 20), ("webp", 50)])
def test_coding_is_no_change(name, code):
    picture = getattr(skimage.data, name)()
    assert assert_unchanged(picture, encode(picture, *code)) is None


def test_identical_pictures_are_unchanged():
    assert_unchanged(portrait(), portrait().copy(), drift=0)


def test_the_message_about_a_manipulated_pair():
    real, fake = flat()
    error = failure(assert_unchanged, real, fake)
    (region,) = error.found.regions
    # 12 blocks of 16x16 pixels are lighter by 60 throughout, of 320 blocks: 60 sqrt(12 / 320) = 11.62.
    assert str(error) == (
        "real and fake differ by more than coding explains\n"
        "\n"
        f"broken:     false_alarm_rate=0.01: evidence of at most 12, got {12 * error.found.margin:.4g}; "
        "no false_alarm_rate would pass\n"
        "            drift=4: local means moved by at most 4 of 255 levels, got 11.62; drift=11.7 would pass\n"
        f"found:      {error.found}\n"
        f"            {region}\n"
        "largest:    60 at (96, 64): real 90, fake 150"
    )


def test_places_that_differ_weakly_pass_at_a_lower_rate_which_is_named():
    real, fake = weak()
    error = failure(assert_unchanged, real, fake)
    named = advice(error)["false_alarm_rate"]
    assert 0.0001 <= named < 0.01
    assert_unchanged(real, fake, false_alarm_rate=named)


@pytest.mark.parametrize(
    "fake",
    [
        np.ascontiguousarray(portrait()[::-1]),
        np.minimum(portrait(), 250) + np.uint8(5),
        np.ascontiguousarray(portrait()[..., ::-1]),
        np.zeros_like(portrait()) + portrait().mean(axis=(0, 1)).astype(np.uint8),
    ],
    ids=["upside down", "brighter", "blue faces", "one colour"],
)
def test_what_is_done_to_the_whole_picture_is_a_change(fake):
    error = failure(assert_unchanged, portrait(), fake)
    assert "drift=4: local means moved by at most 4 of 255 levels, got " in str(error)


def test_what_is_done_to_the_whole_picture_passes_at_the_drift_that_the_message_names():
    fake = np.minimum(portrait(), 250) + np.uint8(5)
    error = failure(assert_unchanged, portrait(), fake)
    assert_unchanged(portrait(), fake, false_alarm_rate=0.0001, drift=advice(error)["drift"])


def test_another_picture_passes_at_no_drift():
    error = failure(assert_unchanged, portrait(), np.ascontiguousarray(portrait()[::-1]), drift=255)
    assert "evidence of at most " in str(error)
    assert "1 region changed, 100.00% of the picture" in str(error)


def test_a_shifted_picture_is_changed():
    error = failure(assert_unchanged, portrait(), np.roll(portrait(), 3, axis=1), drift=255)
    assert str(error).startswith(
        "real and fake differ by more than coding explains\n\n"
        "broken:     real and fake must be aligned within 0.5 px, got a shift of (+3.00, "
    )
    assert "; no argument would pass\nlargest:    " in str(error)
    assert error.found is None
    assert error.comparison is not None


@given(st.integers(1, 40), st.integers(1, 40), st.integers(-100, 100), st.sampled_from(["uint8", "float64"]))
@settings(deadline=None)  # the first call compiles or imports
def test_drift_of_one_value_throughout_is_that_value(height, width, change, dtype):
    assume(height >= 7)
    assume(width >= 7)
    real = np.full((height, width, 3), 120)
    fake = real + np.array([0, change, change // 2])
    unit = 1 if dtype == "uint8" else 255
    comparison = facediff.compare_images(
        (real / unit).astype(dtype), (fake / unit).astype(dtype), data_range=255 / unit
    )
    assert _asserting.drift(comparison) == pytest.approx(abs(change), abs=1e-4)
    half = np.zeros((height, width), bool)
    half[: height // 2] = True
    assert _asserting.drift(comparison, half) == pytest.approx(abs(change), abs=1e-4)
    assert _asserting.drift(comparison, np.zeros_like(half)) == 0


def test_drift_does_not_see_what_averages_out_in_a_block():
    real = np.full((64, 64), 100, np.uint8)
    fake = real + (np.indices(real.shape).sum(axis=0) % 2 * 40 - 20).astype(np.uint8)
    assert _asserting.drift(facediff.compare_images(real, fake)) == 0


@given(st.floats(5, 60))
@settings(deadline=None)  # the first call compiles or imports
def test_rates_that_are_named_are_on_the_right_side_of_the_gate(peak):
    passing, firing = _asserting.highest_rate_that_passes(peak), _asserting.lowest_rate_that_fires(peak)
    if passing is None:
        assert gate(0.0001) < peak
    else:
        assert gate(passing) >= peak or passing == 0.1
    if firing is None:
        assert gate(0.1) >= peak
    else:
        assert gate(firing) < peak
        # Rounded to two digits, the two are neighbours around the rate whose gate this is.
        assert passing is None or passing == 0.1 or passing <= firing <= 1.2 * passing


# --- assert_unchanged_outside --------------------------------------------------------------------


def test_a_change_within_its_place_is_none_outside():
    assert assert_unchanged_outside(portrait(), mirrored(), FACE) is None
    assert_unchanged_outside(portrait(), mirrored(), mask_of(FACE, shape=(512, 512)))
    assert_unchanged_outside(portrait(), portrait(), FACE)
    assert_unchanged_outside(portrait(), encode(portrait(), "jpeg", 50), FACE)


def test_coding_spreads_a_change_within_the_tolerance_that_is_documented():
    coded = encode(mirrored(), "jpeg", 75)
    assert_unchanged_outside(portrait(), coded, FACE, tolerance=18)
    error = failure(assert_unchanged_outside, encode(portrait(), "jpeg", 75), coded, FACE)
    assert advice(error)["tolerance"] <= 18
    assert_unchanged_outside(encode(portrait(), "jpeg", 75), coded, FACE, **advice(error))


def test_the_message_about_a_change_outside_its_place():
    real, fake = flat()
    place = Box(110, 70, 170, 110)
    error = failure(assert_unchanged_outside, real, fake, place)
    (region,) = error.found.regions
    # 64x48 changed pixels, of which 50x40 lie in the place; 14 columns on the left do not, 6 rows above and 2 below.
    first, _, rest = str(error).partition("\n")
    assert first == "real and fake differ outside 60x40 at (110, 70) by more than coding explains"
    assert rest.startswith(
        "\nbroken:     tolerance=0: nothing found more than 0 px beyond 60x40 at (110, 70), got 1072 px, up to 14 px; "
        "tolerance=14 would pass\n"
    )
    assert rest.endswith(
        f"\nfound:      {error.found}\n            {region}\nlargest:    60 at (96, 64): real 90, fake 150"
    )
    assert_unchanged_outside(real, fake, place, tolerance=14)
    error = failure(assert_unchanged_outside, real, fake, place, tolerance=13)
    # The column that is left of the place by 14, and 48 high.
    assert "nothing found more than 13 px beyond 60x40 at (110, 70), got 48 px, up to 14 px; tolerance=14" in str(error)


@given(st.tuples(st.integers(-20, 20), st.integers(-20, 20), st.integers(-20, 20), st.integers(-20, 20)))
@settings(deadline=None)  # the first call compiles or imports
def test_steps_beyond_a_box_are_how_much_it_must_grow_on_every_side(offsets):
    place = Box(*(side + offset for side, offset in zip(SQUARE.xyxy, offsets, strict=True)))
    steps = _asserting.steps_beyond(mask_of(SQUARE), mask_of(place))
    needed = max(
        place.left - SQUARE.left, place.top - SQUARE.top, SQUARE.right - place.right, SQUARE.bottom - place.bottom
    )
    assert (steps.max() if steps.size else 0) == max(needed, 0)
    assert steps.size == np.count_nonzero(mask_of(SQUARE) & ~mask_of(place))


def test_a_change_of_the_whole_is_one_outside_a_place_too():
    brighter = np.minimum(portrait(), 249) + np.uint8(6)
    error = failure(assert_unchanged_outside, portrait(), brighter, FACE)
    assert str(error).startswith(
        "real and fake differ outside 72x80 at (190, 85) by more than coding explains\n\nbroken:"
    )
    assert "drift=4: local means moved by at most 4 of 255 levels, got 5.9" in str(error)


# --- assert_manipulated --------------------------------------------------------------------------


def test_what_is_promised_is_found():
    real, fake = flat()
    assert assert_manipulated(real, fake) is None
    assert_manipulated(real, fake, inside=SQUARE, iou=1, count=1)
    assert_manipulated(real, fake, inside=mask_of(SQUARE), iou=1, count=1)
    assert_manipulated(real, fake, inside=Box(0, 0, 320, 256))
    assert_manipulated(real / 255, fake / 255, data_range=1.0, inside=SQUARE)
    assert_manipulated(portrait(), np.roll(mirrored(), 2, axis=1), align=True, false_alarm_rate=0.001, min_area=100)


def test_the_message_about_other_regions_than_were_promised():
    real, fake = flat()
    place = Box(110, 70, 170, 110)
    error = failure(assert_manipulated, real, fake, inside=place, tolerance=2, iou=0.75, count=2)
    (region,) = error.found.regions
    # Shared with the place: 50x40, IoU 2000 / 3472; with the place grown by 2: 52x44, so that 784 px are left.
    assert str(error) == (
        "real and fake are manipulated, but not as promised\n"
        "\n"
        "broken:     count=2, got 1; count=1 would pass\n"
        "            tolerance=2: nothing found more than 2 px beyond 60x40 at (110, 70), got 784 px, up to 14 px; "
        "tolerance=14 would pass\n"
        "            iou=0.75: IoU of at least 0.75 with 60x40 at (110, 70), got 0.576; iou=0.57 would pass\n"
        f"found:      {error.found}\n"
        f"            {region}\n"
        "largest:    60 at (96, 64): real 90, fake 150"
    )
    assert_manipulated(real, fake, inside=place, **advice(error))


def test_a_mask_is_compared_with_the_pixels_that_were_found():
    real, fake = flat()
    corner = Box(0, 0, 16, 12)
    error = failure(assert_manipulated, real, fake, inside=mask_of(SQUARE, corner), iou=0.99)
    # 64x48 found, and 16x12 besides in the mask: 3072 / 3264.
    assert "with a mask of 3264 px in 160x112 at (0, 0), got 0.9412; iou=0.94 would pass" in str(error)
    nowhere = failure(assert_manipulated, real, fake, inside=corner, iou=0.01)
    assert "IoU of at least 0.01 with 16x12 at (0, 0), got 0; no iou above 0 would pass" in str(nowhere)


@pytest.mark.parametrize("recipe", ["noise-aware", "otsu"])
def test_the_message_about_identical_pictures(recipe):
    error = failure(assert_manipulated, portrait(), portrait(), recipe=recipe)
    assert str(error) == (
        "real and fake are not manipulated\n"
        "\n"
        "broken:     manipulated, got nothing changed; no argument would pass\n"
        f"found:      {error.found}"
    )
    assert str(error).endswith(": the pictures are identical")


def test_the_message_about_too_little_evidence():
    coded = encode(portrait(), "jpeg", 90)
    error = failure(assert_manipulated, portrait(), coded)
    assert str(error).startswith(
        "real and fake are not manipulated\n"
        "\n"
        "broken:     manipulated at false_alarm_rate=0.01, got evidence of at most "
        f"{error.found.margin:.3g} of what coding alone may reach; no false_alarm_rate would pass\n"
    )


def test_weak_evidence_passes_at_a_higher_rate_which_is_named_if_it_does():
    real, fake = weak()
    error = failure(assert_manipulated, real, fake, false_alarm_rate=0.0001)
    named = advice(error)["false_alarm_rate"]
    assert 0.0001 < named <= 0.1
    assert_manipulated(real, fake, false_alarm_rate=named)
    # Evidence is not all: a region must also be large enough.
    error = failure(assert_manipulated, real, fake, false_alarm_rate=0.0001, min_area=10**6)
    assert "; no false_alarm_rate would pass\n" in str(error)


def test_many_regions_are_listed_up_to_five():
    real = np.full((256, 320), 90, np.uint8)
    fake = real.copy()
    for left in range(8, 320, 44):
        fake[100:124, left : left + 24] = 200
    error = failure(assert_manipulated, real, fake, count=1)
    lines = str(error).splitlines()
    assert sum(line.strip().startswith("Region ") for line in lines) == 5
    assert f"            and {len(error.found.regions) - 5} more" in lines


# --- assert_regions_close ------------------------------------------------------------------------

boxes = st.lists(
    st.builds(Box.from_xywh, st.integers(0, 9), st.integers(0, 9), st.integers(1, 9), st.integers(1, 9)), max_size=4
)


@given(boxes, boxes)
@settings(deadline=None)  # the first call compiles or imports
def test_overlaps_are_those_of_the_boxes(actual, expected):
    table = _assignment.overlaps(actual, expected)
    assert table.shape == (len(actual), len(expected))
    for a, row in zip(actual, table, strict=True):
        assert row == pytest.approx([a.iou(b) for b in expected])


@given(boxes, boxes, st.sampled_from([0.05, 0.2, 0.5, 0.9]))
@settings(deadline=None)  # the first call compiles or imports
def test_as_many_pairs_as_any_order_gives_and_none_below_the_least(actual, expected, least):
    table = _assignment.overlaps(actual, expected)
    pairs = _assignment.pair_up(table, least)
    assert len(set(pairs.values())) == len(pairs)
    assert all(table[a, b] >= least for b, a in pairs.items())
    # The oracle tries all ways to put the smaller side into the larger one.
    smaller, larger = sorted([len(actual), len(expected)])
    wide = table if len(actual) == smaller else table.T
    tries = permutations(range(larger), smaller)
    most = max(sum(wide[i, j] >= least for i, j in enumerate(order)) for order in tries)
    assert len(pairs) == most


@given(boxes, st.permutations(range(4)))
@settings(deadline=None)  # the first call compiles or imports
def test_boxes_are_close_to_themselves_in_any_order(found, order):
    assert_regions_close(found, [found[i] for i in order if i < len(found)], iou=1)


@given(boxes, boxes)
@settings(deadline=None)  # the first call compiles or imports
def test_the_iou_that_is_named_passes_and_no_more_does(actual, expected):
    assume(sorted(actual) != sorted(expected))
    error = failure(assert_regions_close, actual, expected, iou=1)
    assert error.comparison is None
    named = advice(error).get("iou", 0)
    if named:
        assert_regions_close(actual, expected, iou=named)
    failure(assert_regions_close, actual, expected, iou=named + 0.01 + 1e-9)


def test_the_best_pair_is_not_taken_where_it_costs_another_its_only_partner():
    # The first found box lies best on the first expected one, but the second found box lies on that one only.
    expected = [Box(0, 0, 10, 10), Box(0, 0, 10, 6)]
    actual = [Box(0, 0, 10, 9), Box(0, 2, 10, 12)]
    assert_regions_close(actual, expected, iou=0.6)


def test_regions_are_taken_by_their_boxes():
    real, fake = flat()
    found = facediff.find_regions(facediff.compare_images(real, fake))
    assert assert_regions_close(found.regions, [SQUARE], iou=1) is None
    assert_regions_close(iter([SQUARE]), found.regions)


def test_the_message_about_other_regions():
    actual = [Box(0, 0, 10, 10), Box(40, 40, 50, 50), Box(80, 0, 90, 10)]
    expected = [Box(0, 0, 10, 12), Box(45, 40, 55, 50), Box(200, 200, 210, 210)]
    assert str(failure(assert_regions_close, actual, expected)) == (
        "the regions are not those expected: 1 of 3 expected came at iou=0.5, 2 unexpected\n"
        "\n"
        "expected:   10x12 at (0, 0): came as 10x10 at (0, 0), IoU 0.83\n"
        "            10x10 at (45, 40): missing, nearest 10x10 at (40, 40), IoU 0.33\n"
        "            10x10 at (200, 200): nothing came there\n"
        "unexpected: 10x10 at (40, 40)\n"
        "            10x10 at (80, 0)\n"
        "would pass: no iou above 0"
    )
    assert str(failure(assert_regions_close, [], expected[:1])) == (
        "the regions are not those expected: 0 of 1 expected came at iou=0.5, 0 unexpected\n"
        "\n"
        "expected:   10x12 at (0, 0): nothing came there\n"
        "unexpected: no region\n"
        "would pass: no iou, since 0 came and 1 were expected"
    )
    assert "expected:   no region\n" in str(failure(assert_regions_close, actual, []))


# --- the error -----------------------------------------------------------------------------------


def test_the_error_is_an_assertion_error_that_survives_pickling():
    error = failure(assert_unchanged, *flat())
    assert isinstance(error, AssertionError)
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)
    assert copy.comparison.mse == error.comparison.mse
    assert copy.found.margin == error.found.margin
    assert np.shares_memory(error.comparison.real, error.comparison.real)


# --- bad input -----------------------------------------------------------------------------------

ALL = (assert_identical, assert_unchanged, assert_manipulated)


@pytest.mark.parametrize("function", ALL)
def test_pictures_go_through_the_door(function):
    real, fake = flat()
    with pytest.raises(ValueError, match=r"^real and fake must have the same shape, got "):
        function(real, fake[1:])
    with pytest.raises(ValueError, match=r"^data_range is needed for float64 pictures, got none"):
        function(real / 255, fake / 255)
    with pytest.raises(TypeError, match=r"^fake must be a NumPy array, got list"):
        function(real, fake.tolist())


OUTSIDE = (
    (assert_identical, "outside"),
    (assert_manipulated, "inside"),
    (lambda real, fake, *, place: assert_unchanged_outside(real, fake, place), "place"),
)


@pytest.mark.parametrize(("function", "name"), OUTSIDE)
@pytest.mark.parametrize(
    ("place", "kind", "text"),
    [
        (Box(-1, 0, 5, 5), ValueError, "must lie within the pictures of 320x256, got 6x5 at (-1, 0); check its"),
        (Box(300, 0, 321, 5), ValueError, "must lie within the pictures of 320x256, got 21x5 at (300, 0)"),
        (Box(0, 250, 9, 257), ValueError, "must lie within the pictures of 320x256, got 9x7 at (0, 250)"),
        (Box(0, -1, 9, 7), ValueError, "must lie within the pictures of 320x256, got 9x8 at (0, -1)"),
        (np.ones((3, 4), bool), ValueError, "must have the pictures' height and width (256, 320), got (3, 4)"),
        (np.zeros((256, 320), bool), ValueError, "must hold at least one pixel, got none"),
        (np.ones((256, 320), np.uint8), TypeError, "must be a Box or a bool array, got uint8 array; pass for"),
        ((0, 0, 5, 5), TypeError, "must be a Box or a bool array, got tuple; pass for example Box(*xyxy) or mask > 0"),
    ],
)
def test_a_place_must_be_one(function, name, place, kind, text):
    with pytest.raises(kind, match=f"^{name} {re.escape(text)}"):
        function(*flat(), **{name: place})


@pytest.mark.parametrize(("function", "name"), [OUTSIDE[0], OUTSIDE[2]])
def test_a_place_must_leave_something_outside(function, name):
    with pytest.raises(ValueError, match=f"^{name} must leave a pixel outside, got all of the picture"):
        function(*flat(), **{name: Box(0, 0, 320, 256)})


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"tolerance": -1, "inside": SQUARE}, ValueError, "tolerance must be 0 pixels or more, got -1"),
        ({"tolerance": 1.5, "inside": SQUARE}, TypeError, "tolerance must be a whole number, got 1.5 (float)"),
        ({"iou": 0, "inside": SQUARE}, ValueError, "iou must be above 0, got 0, which any two regions reach"),
        ({"iou": 1.5, "inside": SQUARE}, ValueError, "iou must lie between 0 and 1, got 1.5"),
        ({"iou": "1", "inside": SQUARE}, TypeError, "iou must be a number, got '1' (str)"),
        ({"iou": 0.5}, ValueError, "tolerance and iou are about a place, got none; pass inside="),
        ({"tolerance": 2}, ValueError, "tolerance and iou are about a place, got none; pass inside="),
        ({"count": 0}, ValueError, "count must be at least 1 region, got 0; assert_unchanged says that there is none"),
        ({"count": 1.0}, TypeError, "count must be a whole number, got 1.0 (float)"),
        ({"recipe": "best"}, ValueError, "recipe must be one of "),
        ({"recipe": "otsu", "false_alarm_rate": 0.01}, ValueError, "recipe 'otsu' has no test and takes no false_"),
    ],
)
def test_what_is_promised_must_make_sense(options, kind, text):
    with pytest.raises(kind, match=f"^{re.escape(text)}"):
        assert_manipulated(*flat(), **options)


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"drift": -1}, ValueError, "drift must lie between 0 and 255, got -1"),
        ({"drift": None}, TypeError, "drift must be a number, got None (NoneType)"),
        ({"false_alarm_rate": 0.5}, ValueError, "false_alarm_rate must lie between 0.0001 and 0.1, got 0.5"),
    ],
)
def test_limits_must_make_sense(options, kind, text):
    for function, place in ((assert_unchanged, ()), (assert_unchanged_outside, (SQUARE,))):
        with pytest.raises(kind, match=f"^{re.escape(text)}"):
            function(*flat(), *place, **options)


def test_a_shift_that_alignment_was_not_asked_for_is_refused():
    with pytest.raises(ValueError, match=re.escape("pass align=True to register the fake onto the real first")):
        assert_manipulated(portrait(), np.roll(mirrored(), 3, axis=1))


@pytest.mark.parametrize(
    ("regions", "text"),
    [
        (SQUARE, "must be an iterable of Region or Box, got Box; pass for example found.regions"),
        (7, "must be an iterable of Region or Box, got int"),
        ("boxes", "must be an iterable of Region or Box, got str"),
        ([(1, 2, 3, 4)], "must hold Region or Box, got tuple; make boxes with Box(*xyxy)"),
    ],
)
def test_regions_must_be_some(regions, text):
    with pytest.raises(TypeError, match=f"^actual {re.escape(text)}"):
        assert_regions_close(regions, [])
    with pytest.raises(TypeError, match=f"^expected {re.escape(text)}"):
        assert_regions_close([], regions)


# --- baselines -----------------------------------------------------------------------------------


@pytest.fixture
def found():
    return facediff.find_regions(facediff.compare_images(*flat()))


def test_a_baseline_needs_a_path():
    with pytest.raises(TypeError, match=r"path must be a path, a str or an os.PathLike such as pathlib.Path, got int"):
        RegionsBaseline(3)


def test_a_baseline_is_small_json_with_a_region_a_line(tmp_path, found):
    path = tmp_path / "new" / "mosaic.json"
    baseline = RegionsBaseline(path, update=True)
    assert baseline.check(found) is None
    assert baseline.written == [path]
    assert path.read_text() == (
        "{\n"
        '  "schema": 1,\n'
        '  "picture": [320, 256],\n'
        '  "recipe": "noise-aware",\n'
        f'  "recipe_version": {found.recipe_version},\n'
        '  "parameters": {"false_alarm_rate": 0.01, "align": false, "min_area": 12},\n'
        '  "regions": [\n'
        '    {"box": [96, 64, 160, 112], "area": 3072}\n'
        "  ]\n"
        "}\n"
    )
    assert [each.name for each in path.parent.iterdir()] == ["mosaic.json"]
    RegionsBaseline(path).check(found, iou=1)


def test_an_update_leaves_a_file_alone_that_says_the_same(tmp_path, found):
    path = tmp_path / "mosaic.json"
    RegionsBaseline(path, update=True).check(found)
    again = RegionsBaseline(path, update=True)
    again.check(found)
    assert again.written == []


def test_nothing_changed_is_a_baseline_too(tmp_path):
    nothing = facediff.find_regions(facediff.compare_images(portrait(), portrait()))
    path = tmp_path / "nothing.json"
    RegionsBaseline(path, update=True).check(nothing)
    assert path.read_text().endswith('  "regions": []\n}\n')
    RegionsBaseline(path).check(nothing)


def test_the_message_about_a_baseline_that_differs(tmp_path, found):
    path = tmp_path / "mosaic.json"
    path.write_text('{"schema": 1, "picture": [320, 256], "regions": [{"box": [96, 64, 160, 124]}]}')
    comparison = facediff.compare_images(*flat())
    error = failure(RegionsBaseline(path, command="make again").check, found, comparison=comparison)
    assert str(error) == (
        f"the regions are not those of the baseline {path}: 0 of 1 expected came at iou=0.9, 1 unexpected\n"
        "\n"
        "expected:   64x60 at (96, 64): missing, nearest 64x48 at (96, 64), IoU 0.80\n"
        "unexpected: 64x48 at (96, 64)\n"
        "would pass: iou=0.8\n"
        "to renew:   make again"
    )
    assert error.comparison is comparison
    assert error.found is found
    RegionsBaseline(path).check(found, iou=0.8)


def test_the_message_about_a_baseline_of_another_size(tmp_path, found):
    path = tmp_path / "mosaic.json"
    path.write_text('{"schema": 1, "picture": [640, 512], "regions": []}')
    assert str(failure(RegionsBaseline(path).check, found)) == (
        f"the pictures are not of the size of the baseline {path}\n"
        "\n"
        "expected:   640x512\n"
        "found:      320x256\n"
        "to renew:   RegionsBaseline(update=True)"
    )


def test_a_missing_baseline_fails_and_is_not_made(tmp_path, found):
    path = tmp_path / "mosaic.json"
    assert str(failure(RegionsBaseline(path, command="make it").check, found)) == (
        f"there is no baseline {path}\n\nfound:      {found}\n            {found.regions[0]}\nto make it: make it"
    )
    assert list(tmp_path.iterdir()) == []


DAMAGED = {
    "empty": "",
    "cut short": '{"schema": 1, "picture"',
    "binary": b"\xff\xfe\x00",
    "no object": "[1, 2]",
    "no schema": '{"picture": [320, 256], "regions": []}',
    "schema is no number": '{"schema": "one", "picture": [320], "regions": []}',
    "no regions": '{"schema": 1, "picture": [320, 256]}',
    "regions are no list": '{"schema": 1, "picture": [320, 256], "regions": 5}',
    "three sides": '{"schema": 1, "picture": [320, 256], "regions": [{"box": [1, 2, 3]}]}',
    "empty box": '{"schema": 1, "picture": [320, 256], "regions": [{"box": [5, 5, 5, 9]}]}',
    "half pixels": '{"schema": 1, "picture": [320, 256], "regions": [{"box": [1, 2, 3.5, 9]}]}',
    "box outside": '{"schema": 1, "picture": [320, 256], "regions": [{"box": [1, 2, 321, 9]}]}',
    "no picture": '{"schema": 1, "picture": [0, 256], "regions": []}',
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_baseline_is_refused_and_an_update_renews_it(tmp_path, found, text):
    path = tmp_path / "mosaic.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    expected = (
        f"^{re.escape(str(path))} must be a baseline of facediff, got a damaged file .*restore it, or write it anew$"
    )
    with pytest.raises(ValueError, match=expected):
        RegionsBaseline(path).check(found)
    RegionsBaseline(path, update=True).check(found)
    RegionsBaseline(path).check(found)


@pytest.mark.parametrize("update", [False, True])
def test_a_baseline_of_a_newer_facediff_is_neither_read_nor_overwritten(tmp_path, found, update):
    path = tmp_path / "mosaic.json"
    path.write_text('{"schema": 2, "boxes": "otherwise"}')
    expected = f"{path} must be a baseline of schema 1 or older, got 2; install a newer facediff"
    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        RegionsBaseline(path, update=update).check(found)
    assert path.read_text() == '{"schema": 2, "boxes": "otherwise"}'


def test_several_baselines_of_one_test_have_names(tmp_path, found):
    baseline = RegionsBaseline(tmp_path / "mosaic.json", update=True)
    baseline.check(found)
    baseline.check(found, name="left-eye_2")
    assert sorted(path.name for path in baseline.written) == ["mosaic.json", "mosaic.left-eye_2.json"]
    with pytest.raises(ValueError, match=r"^name must be new to this test, got 'left-eye_2' again; name each"):
        baseline.check(found, name="left-eye_2")
    with pytest.raises(ValueError, match=r"^name must be new to this test, got '' again"):
        baseline.check(found)
    with pytest.raises(ValueError, match=r"^name must consist of letters, digits, - and _, got '\.\./up'$"):
        baseline.check(found, name="../up")
    with pytest.raises(TypeError, match=r"^name must be a str, got 3 \(int\)$"):
        baseline.check(found, name=3)


def test_only_what_was_found_is_checked(tmp_path, found):
    with pytest.raises(
        TypeError, match=r"^found must be a Localisation, got tuple; make one with facediff\.find_regions$"
    ):
        RegionsBaseline(tmp_path / "mosaic.json").check(found.regions)
    with pytest.raises(ValueError, match=r"^iou must lie between 0 and 1, got 2$"):
        RegionsBaseline(tmp_path / "mosaic.json").check(found, iou=2)


def test_a_write_that_fails_leaves_the_old_baseline_and_nothing_else(tmp_path, found, monkeypatch):
    path = tmp_path / "mosaic.json"
    path.write_text("old")

    def refuse(*_):
        raise PermissionError("no")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(PermissionError, match=r"^no$"):
        RegionsBaseline(path, update=True).check(found)
    assert [each.name for each in tmp_path.iterdir()] == ["mosaic.json"]
    assert path.read_text() == "old"
