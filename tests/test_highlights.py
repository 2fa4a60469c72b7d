"""The frames worth a look: the strongest, apart in time, as small pictures; whatever the length of the clip."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st

from facediff import Box
from facediff._frame_comparison import FrameComparison
from facediff._highlights import Highlights

SMALL = np.zeros((8, 8, 3), np.uint8)


def frame(time, margin, *, index=None, ssim=1.0, real=SMALL, fake=SMALL, boxes=()):
    return FrameComparison(
        index=round(time * 1000) if index is None else index,
        time=time,
        mse=0.0,
        psnr=math.inf,
        ssim=ssim,
        manipulated=bool(boxes),
        regions=tuple(SimpleNamespace(box=box) for box in boxes),
        margin=margin,
        refused="",
        real=real,
        fake=fake,
        evidence=None,
    )


def of(frames):
    highlights = Highlights()
    for each in frames:
        highlights.offer(each)
    return highlights.strongest_first()


def only(highlights):
    (highlight,) = highlights
    return highlight


# Which frames


def test_nothing_offered_nothing_kept():
    assert of([]) == ()


def test_the_strongest_first():
    found = of(frame(time, margin) for time, margin in [(0, 2.0), (1, 5.0), (2, 3.0)])
    assert [(each.time, each.score) for each in found] == [(1, 5.0), (2, 3.0), (0, 2.0)]
    assert str(found[0]) == "Frame 1000 at 1.000 s, score 5"


def test_five_at_most():
    assert [each.score for each in of(frame(n, float(n)) for n in range(30))] == [29.0, 28.0, 27.0, 26.0, 25.0]


def test_of_frames_within_half_a_second_the_strongest():
    found = of(frame(time, margin) for time, margin in [(0.0, 1.0), (0.2, 3.0), (0.4, 2.0)])
    assert only(found).time == 0.2


def test_half_a_second_apart_is_apart_enough():
    assert [each.time for each in of([frame(0.2, 2.0), frame(0.7, 1.0)])] == [0.2, 0.7]
    assert [each.time for each in of([frame(0.4, 2.0), frame(0.7, 1.0)])] == [0.4]


def test_a_score_that_keeps_rising_does_not_drive_out_all_before_it():
    # Each frame is better than the one before, which lies too near.
    found = of(frame(n / 25, float(n)) for n in range(150))
    assert [each.time for each in found] == [5.96, 4.96, 3.96, 2.96, 1.96]


def test_of_equals_the_earlier_and_early_ones():
    found = of(frame(n / 10, 1.0) for n in range(200))
    assert [each.time for each in found] == [0.0, 0.5, 1.0, 1.5, 2.0]


def test_times_below_zero_are_times():
    assert [each.time for each in of([frame(-0.3, 1.0), frame(0.3, 2.0)])] == [0.3, -0.3]


def test_without_a_test_what_is_least_alike_counts():
    found = of([frame(0, math.nan, ssim=0.75), frame(1, math.nan, ssim=0.5)])
    assert [(each.time, each.score) for each in found] == [(1, 0.5), (0, 0.25)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.04, 0.21, 0.7]))
def test_they_are_those_that_a_search_through_the_whole_clip_takes(seed, interval):
    rng = np.random.default_rng(seed)
    scores = rng.permutation(200) + 1.0
    times = np.arange(200) * interval
    found = of(
        frame(float(time), float(score), index=n) for n, (time, score) in enumerate(zip(times, scores, strict=True))
    )
    # The best of each half second; of these the best, then the best that is apart from it, and so on.
    slots = times // 0.5
    best = [np.flatnonzero(slots == slot)[scores[slots == slot].argmax()] for slot in np.unique(slots)]
    expected = []
    for index in sorted(best, key=lambda each: -scores[each]):
        if len(expected) < 5 and all(abs(times[index] - times[other]) > 0.499999 for other in expected):
            expected.append(index)
    assert [each.index for each in found] == expected


# As small pictures


def test_a_large_picture_becomes_320_pixels_a_side_and_its_boxes_follow():
    real = np.repeat(np.repeat(skimage.data.astronaut()[:360], 2, axis=0), 2, axis=1)[:, :960]  # 960x720: a third
    fake = 255 - real
    highlight = only(of([frame(0, 1.0, real=real, fake=fake, boxes=[Box(0, 0, 960, 720), Box(300, 90, 600, 180)])]))
    assert highlight.real.shape == highlight.fake.shape == (240, 320, 3)
    assert highlight.boxes == (Box(0, 0, 320, 240), Box(100, 30, 200, 60))
    # A third of the size, by area: each pixel is the mean of nine.
    means = real.reshape(240, 3, 320, 3, 3).mean(axis=(1, 3))
    assert np.abs(highlight.real - means).max() <= 0.5 + 1e-9
    assert np.abs(highlight.fake - (255 - means)).max() <= 0.5 + 1e-9


def test_a_small_picture_stays_as_it_is():
    real = skimage.data.astronaut()[:100, :120]
    box = Box(3, 5, 30, 50)
    highlight = only(of([frame(0, 1.0, real=real, fake=real, boxes=[box])]))
    np.testing.assert_array_equal(highlight.real, real)
    assert not np.shares_memory(highlight.real, real)  # the frame itself is let go
    assert highlight.boxes == (box,)


def test_a_highlight_is_frozen():
    highlight = only(of([frame(0, 1.0)]))
    for picture in (highlight.real, highlight.fake):
        with pytest.raises(ValueError, match="read-only"):
            picture[0, 0] = 1
    with pytest.raises(AttributeError, match="score"):
        highlight.score = 2


def test_a_region_at_the_edge_that_scaling_would_round_away_keeps_a_pixel():
    # 101 rows become 25, and the last row alone would lie beyond them.
    real = np.zeros((101, 1280, 3), np.uint8)
    highlight = only(of([frame(0, 1.0, real=real, fake=real, boxes=[Box(1279, 100, 1280, 101)])]))
    assert highlight.boxes == (Box(319, 24, 320, 25),)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_scaled_box_holds_all_of_its_region_within_the_small_picture(data):
    width, height = data.draw(st.integers(1, 2000)), data.draw(st.integers(1, 2000))
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    right, bottom = data.draw(st.integers(left + 1, width)), data.draw(st.integers(top + 1, height))
    picture = np.broadcast_to(np.uint8(0), (height, width, 3))
    highlight = only(of([frame(0, 1.0, real=picture, fake=picture, boxes=[Box(left, top, right, bottom)])]))
    h, w = highlight.real.shape[:2]
    assert max(h, w) == min(max(width, height), 320)
    (box,) = highlight.boxes
    # In exact fractions, and to less than a pixel.
    assert 0 <= box.left <= left * w / width < box.left + 1
    assert 0 <= box.top <= top * h / height < box.top + 1
    assert w >= box.right >= right * w / width > box.right - 1
    assert h >= box.bottom >= bottom * h / height > box.bottom - 1
