"""Regions through time: what is one thing is one track, what was seen by chance is none, and the spans of both."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facediff import Box
from facediff._tracks import Segment, Sighting, Track, link, segments

FACE, OTHER = Box(100, 100, 200, 220), Box(400, 100, 500, 220)
RATE = 10  # frames a second: the patience of half a second is five frames


def at(*boxes, sure=True, strength=1.0):
    """Return one frame in which these boxes are seen."""
    return [Sighting(box, strength, sure) for box in boxes]


def faint(*boxes):
    return at(*boxes, sure=False)


def tracks_of(seen, *, every=1, first=0, rate=RATE):
    frames = np.arange(first, first + every * len(seen), every)
    return link(seen, frames, interval=every / rate)


def only(tracks):
    (track,) = tracks
    return track


def moved(box, right, down=0):
    return Box(box.left + right, box.top + down, box.right + right, box.bottom + down)


# What is one thing


def test_what_stands_still_is_one_track():
    track = only(tracks_of([at(FACE, strength=strength) for strength in (1.0, 2.0, 3.0, 6.0)], first=7))
    assert (track.start, track.stop) == (7, 11)
    np.testing.assert_array_equal(track.frames, [7, 8, 9, 10])
    assert track.boxes == (FACE,) * 4
    assert (track.presence, track.strength) == (1.0, 3.0)
    assert str(track) == "Track from frame 7 to 10, seen in 100% of them, halfway 100x120 at (100, 100)"


def test_a_track_is_frozen():
    track = only(tracks_of([at(FACE)] * 3))
    with pytest.raises(ValueError, match="read-only"):
        track.frames[0] = 5
    with pytest.raises(AttributeError, match="start"):
        track.start = 5


def test_two_far_apart_are_two_in_order_of_their_beginning():
    first, second = tracks_of([at(OTHER)] * 2 + [at(FACE, OTHER)] * 6)
    assert (first.start, first.boxes[0]) == (0, OTHER)
    assert (second.start, second.boxes[0]) == (2, FACE)
    beside = tracks_of([at(OTHER, FACE)] * 3)
    assert [track.boxes[0] for track in beside] == [FACE, OTHER]  # of those that begin together, from the left


def test_what_moves_is_one_track():
    course = [moved(FACE, 30 * n, 10 * n) for n in range(20)]
    track = only(tracks_of([at(box) for box in course]))
    assert track.boxes == tuple(course)


@pytest.mark.parametrize(("passed", "leap", "count"), [(1, 78, 1), (1, 82, 2), (4, 100, 1), (4, 112, 2)])
def test_how_far_a_thing_may_go_until_it_is_seen_again(passed, leap, count):
    # Three tenths of its width must lie in where it was, let out by a tenth for each frame that passed.
    seen = [at(FACE)] * 3 + [[]] * (passed - 1) + [at(moved(FACE, leap))] * 3
    assert len(tracks_of(seen)) == count


@pytest.mark.parametrize(("left", "nearer"), [(102, 0), (104, 1)])
def test_a_part_between_two_belongs_to_the_nearer(left, nearer):
    two, part = (Box(0, 0, 100, 100), Box(110, 0, 210, 100)), Box(left, 0, left + 4, 100)
    tracks = tracks_of([at(*two)] * 3 + [at(*two, part)] + [at(*two)] * 3)
    expected = list(two)
    expected[nearer] = two[nearer].union(part)
    assert [track.boxes[3] for track in tracks] == expected


def test_a_whole_unites_its_parts():
    forehead, mouth = Box(100, 100, 200, 140), Box(100, 180, 200, 220)
    seen = [at(forehead, mouth, FACE)] * 6 + [at(forehead, mouth)] * 6
    assert only(tracks_of(seen)).boxes == (FACE,) * 12
    assert len(tracks_of([at(forehead, mouth)] * 12)) == 2


def test_what_leaps_is_another_thing():
    first, second = tracks_of([at(FACE)] * 4 + [at(OTHER)] * 4)
    assert (first.stop, second.start) == (4, 4)


@pytest.mark.parametrize("unseen", [1, 2, 3, 4])
def test_a_gap_within_half_a_second_is_bridged_and_presence_says_so(unseen):
    track = only(tracks_of([at(FACE)] * 5 + [[]] * unseen + [at(FACE)] * 5))
    assert (track.start, track.stop) == (0, 10 + unseen)
    assert track.presence == 10 / (10 + unseen)
    assert len(track.boxes) == track.frames.size == 10


def test_a_longer_gap_is_the_end():
    first, second = tracks_of([at(FACE)] * 5 + [[]] * 5 + [at(FACE)] * 5)
    assert (first.start, first.stop, second.start, second.stop) == (0, 5, 10, 15)


@pytest.mark.parametrize(("every", "unseen", "count"), [(5, 2, 1), (5, 3, 2), (60, 2, 1), (60, 3, 2)])
def test_three_compared_frames_are_waited_for_however_far_apart(every, unseen, count):
    assert len(tracks_of([at(FACE)] * 3 + [[]] * unseen + [at(FACE)] * 3, every=every)) == count


@pytest.mark.parametrize("rate", [23.976, 24, 25, 29.97, 30, 50, 59.94, 60])
def test_the_patience_does_not_hang_on_how_times_are_rounded(rate):
    for unseen in range(9, 33):
        seen = [at(FACE)] * 3 + [[]] * unseen + [at(FACE)] * 3
        counts = {
            len(link(seen, np.arange(len(seen)), interval=interval))
            for interval in (1 / rate, np.nextafter(1 / rate, 0), np.nextafter(1 / rate, 1))
        }
        assert len(counts) == 1


def test_an_interval_of_nothing_leaves_the_frames():
    assert len(link([at(FACE)] * 3 + [[]] * 2 + [at(FACE)] * 3, np.arange(8), interval=0.0)) == 1
    assert len(link([at(FACE)] * 3 + [[]] * 3 + [at(FACE)] * 3, np.arange(9), interval=0.0)) == 2


def test_parts_side_by_side_that_overlap_are_one():
    left, right = Box(100, 100, 160, 220), Box(140, 100, 200, 220)
    track = only(tracks_of([at(left, right)] * 4))
    assert track.boxes == (FACE,) * 4


def test_parts_of_what_was_one_are_one():
    left, right = Box(100, 100, 140, 220), Box(160, 100, 200, 220)
    track = only(tracks_of([at(FACE), at(left, right), at(FACE), at(left, right)]))
    assert track.boxes == (FACE,) * 4


def test_what_is_seen_in_turn_is_one():
    # A small part in the middle while the whole is not seen: neither follows from the other, both lie in one place.
    small = Box(190, 210, 240, 260)
    large = Box(100, 100, 240, 260)
    track = only(tracks_of([at(large), at(large, small), at(small), at(large)] * 3))
    assert (track.start, track.stop, track.presence) == (0, 12, 1.0)


def test_two_in_one_place_after_one_another_in_time_are_two():
    assert len(tracks_of([at(FACE)] * 5 + [[]] * 20 + [at(FACE)] * 5)) == 2


def test_faces_that_do_not_overlap_stay_two_while_one_passes_the_other():
    standing = Box(300, 100, 400, 220)
    passing = [Box(40 * n, 240, 40 * n + 100, 360) for n in range(20)]
    first, second = tracks_of([at(standing, box) for box in passing])
    assert {first.boxes, second.boxes} == {(standing,) * 20, tuple(passing)}


def test_a_face_that_passes_before_another_leaves_it_its_track():
    standing = Box(300, 100, 400, 220)
    passing = [Box(40 * n, 110, 40 * n + 100, 230) for n in range(20)]  # in front of it in a quarter of the frames
    tracks = tracks_of([at(standing, box) for box in passing])
    assert len(tracks) == 2
    assert sorted(track.frames.size for track in tracks) == [20, 20]


def test_a_small_one_stays_its_own_while_a_large_one_passes_over_it():
    # While it is covered, it lies wholly in the other: it goes on what it was, not what it lies in.
    small = Box(300, 150, 330, 190)
    passing = [Box(30 * n, 100, 30 * n + 100, 220) for n in range(30)]
    tracks = tracks_of([at(small, box) for box in passing])
    assert {track.boxes for track in tracks} == {(small,) * 30, tuple(passing)}


def through_a_gap(box, frame):
    """Return what is seen of a box while something 20 pixels wide passes before it, by 10 pixels a frame."""
    left, right = max(box.right - 10 * frame, box.left), min(box.right - 10 * frame + 20, box.right)
    parts = [(box.left, left), (right, box.right)]
    return [Box(a, box.top, b, box.bottom) for a, b in parts if b > a]


def test_what_something_hides_in_passing_stays_one():
    # What comes out behind it lies beside all that is left of the rest, and was a part of it a moment ago.
    seen = [at(FACE)] * 5 + [at(*through_a_gap(FACE, frame)) for frame in range(13)] + [at(FACE)] * 5
    track = only(tracks_of(seen))
    assert (track.start, track.stop, track.presence) == (0, 23, 1.0)


def test_what_comes_where_another_was_long_ago_is_another():
    standing = [at(moved(FACE, 30 * frame)) for frame in range(10)]
    coming = [at(moved(FACE, 30 * frame), FACE) for frame in range(10, 15)]
    assert [(track.start, track.stop) for track in tracks_of(standing + coming)] == [(0, 15), (10, 15)]


def test_faint_regions_begin_nothing_that_others_go_on():
    # Had it begun a track, what is sure later would go on that, and not on the one that it is a part of.
    left, right = Box(100, 100, 160, 220), Box(180, 100, 200, 220)
    seen = [at(FACE)] * 3 + [at(left), at(left) + faint(right)] + [at(left, right)] * 3
    assert only(tracks_of(seen)).boxes[-1] == FACE


def test_what_shares_a_corner_and_no_frame_stays_two():
    # The second is seen only between frames of the first.
    first, second = Box(100, 100, 200, 200), Box(180, 180, 280, 280)
    seen = [[] for _ in range(11)]
    for frame in (0, 5, 10):
        seen[frame] += at(first)
    for frame in (6, 7, 8, 9):
        seen[frame] += at(second)
    assert [track.frames.tolist() for track in tracks_of(seen)] == [[0, 5, 10], [6, 7, 8, 9]]


# What is sure, and what is not


def test_faint_sightings_alone_make_no_track():
    assert tracks_of([faint(FACE)] * 50) == ()


def test_faint_sightings_hold_a_track_between_sure_ones():
    track = only(tracks_of([at(FACE)] + [faint(FACE)] * 20 + [at(FACE)] * 2))
    assert (track.start, track.stop, track.presence) == (0, 23, 1.0)


def test_faint_sightings_do_not_lengthen_a_track():
    track = only(tracks_of([faint(FACE)] * 4 + [at(FACE)] * 3 + [faint(FACE)] * 4))
    assert (track.start, track.stop) == (4, 7)
    np.testing.assert_array_equal(track.frames, [4, 5, 6])
    assert len(track.boxes) == 3


def test_strength_and_presence_are_those_of_the_frames_that_are_kept():
    seen = [faint(FACE)] * 4 + [at(FACE, strength=s) for s in (2.0, 4.0, 6.0)] + [faint(FACE)] * 2
    track = only(tracks_of(seen))
    assert (track.presence, track.strength) == (1.0, 4.0)


def test_a_frame_is_sure_if_one_part_is():
    left, right = Box(100, 100, 160, 220), Box(140, 100, 200, 220)
    parts = [Sighting(left, 1.0, False), Sighting(right, 5.0, True)]
    track = only(tracks_of([parts, parts[::-1], parts]))
    assert (track.boxes, track.strength) == ((right, FACE, FACE), 5.0)  # what is faint holds, and begins nothing


@pytest.mark.parametrize("sure", [0, 1, 2])
def test_fewer_than_three_sure_frames_make_no_track(sure):
    assert tracks_of([at(FACE)] * sure + [faint(FACE)] * 5 + [[]] * 5) == ()


@pytest.mark.parametrize("count", [1, 2])
def test_in_a_shorter_clip_all_frames_must_be_sure(count):
    track = only(tracks_of([at(FACE)] * count))
    assert (track.start, track.stop) == (0, count)
    assert tracks_of([at(FACE)] * (count - 1) + [faint(FACE)]) == ()


def test_without_frames_or_sightings_there_is_no_track():
    assert tracks_of([]) == ()
    assert tracks_of([[]] * 10) == ()


# Whatever is seen

# Things that are drawn at random: what Hypothesis would draw box by box is mostly noise, and it would go for those
# few where two tracks are exactly as likely.
clips = st.integers(0, 2**32 - 1).map(lambda seed: a_clip(np.random.default_rng(seed)))


def a_clip(rng):
    """Return the sightings of some things that move, vanish, fall apart and come again, and of chance."""
    things = rng.uniform((0, 0, 20, 20, -20, -20), (900, 900, 200, 200, 20, 20), (rng.integers(1, 5), 6))
    seen = []
    for frame in range(rng.integers(1, 40)):
        boxes = [
            Box.from_xywh(*(int(value) for value in (x + frame * dx, y + frame * dy, w + rng.uniform(0, 9), h)))
            for x, y, w, h, dx, dy in things
            if rng.random() < 0.7
        ]
        boxes += [Box.from_xywh(*chance.tolist()) for chance in rng.integers(20, 400, (rng.integers(3), 4))]
        seen.append([Sighting(box, float(rng.uniform(1, 9)), bool(rng.random() < 0.6)) for box in boxes])
    return seen


def described(tracks):
    return sorted((track.start, track.stop, track.frames.tolist(), track.boxes, track.strength) for track in tracks)


@settings(max_examples=40, deadline=None)
@given(clips)
def test_a_track_holds_nothing_but_what_was_seen(seen):
    tracks = tracks_of(seen)
    assert [track.start for track in tracks] == sorted(track.start for track in tracks)
    for track in tracks:
        assert (track.start, track.stop) == (track.frames[0], track.frames[-1] + 1)
        assert (np.diff(track.frames) > 0).all()
        assert track.presence == track.frames.size / (track.stop - track.start)
        for frame, box in zip(track.frames, track.boxes, strict=True):
            within = [each for each in seen[frame] if each.box.union(box) == box]
            assert {side for each in within for side in enumerate(each.box.xyxy)} >= set(enumerate(box.xyxy))
        for end in (0, -1):
            assert any(
                each.sure and each.box.union(track.boxes[end]) == track.boxes[end] for each in seen[track.frames[end]]
            )


@settings(max_examples=40, deadline=None)
@given(clips, st.integers(0, 99))
def test_the_order_within_a_frame_changes_nothing(seen, seed):
    rng = np.random.default_rng(seed)
    shuffled = [[sightings[each] for each in rng.permutation(len(sightings))] for sightings in seen]
    assert described(tracks_of(shuffled)) == described(tracks_of(seen))


@settings(max_examples=40, deadline=None)
@given(clips, st.integers(-3000, 3000), st.integers(-3000, 3000))
def test_mirroring_and_shifting_move_the_tracks_and_change_nothing_else(seen, right, down):
    def moved_and_mirrored(box):
        return Box(right - box.right, down + box.top, right - box.left, down + box.bottom)

    other = [[each._replace(box=moved_and_mirrored(each.box)) for each in sightings] for sightings in seen]
    expected = [
        (track.start, track.stop, track.frames.tolist(), tuple(map(moved_and_mirrored, track.boxes)), track.strength)
        for track in tracks_of(seen)
    ]
    assert described(tracks_of(other)) == sorted(expected)


@settings(max_examples=25, deadline=None)
@given(clips)
def test_what_lies_far_away_changes_nothing(seen):
    far = moved(FACE, 100_000)
    alone = described(tracks_of(seen))
    count = len(seen)
    with_far = described(tracks_of([[*sightings, Sighting(far, 1.0, True)] for sightings in seen]))
    added = (0, count, list(range(count)), (far,) * count, 1.0)
    assert with_far == sorted([*alone, added])


# Segments


def a_track(start, stop):
    return Track(start, stop, np.arange(start, stop), (FACE,) * (stop - start), 1.0, 1.0)


def spans(tracks, *, times=None, frames=None):
    frames = np.arange(100) if frames is None else np.asarray(frames)
    times = frames / RATE if times is None else np.asarray(times, np.float64)
    return segments(tracks, times, frames)


def test_a_segment_by_hand():
    (segment,) = spans([a_track(20, 40)])
    assert (segment.start, segment.stop) == (20, 40)
    assert (segment.start_time, segment.stop_time) == pytest.approx((2.0, 4.0))
    assert str(segment) == "frames 20 to 39 (2.00 to 4.00 s)"
    assert segment == Segment(20, 40, segment.start_time, segment.stop_time)


def test_no_track_no_segment():
    assert spans([]) == []


@pytest.mark.parametrize(
    ("tracks", "expected"),
    [
        ([(30, 40), (10, 20)], [(10, 20), (30, 40)]),
        ([(10, 20), (20, 30)], [(10, 30)]),
        ([(10, 20), (21, 30)], [(10, 20), (21, 30)]),
        ([(10, 40), (15, 20), (18, 50)], [(10, 50)]),
        ([(10, 40), (15, 20), (38, 40)], [(10, 40)]),
    ],
)
def test_tracks_that_meet_or_overlap_share_a_segment(tracks, expected):
    found = spans([a_track(*each) for each in tracks])
    assert [(segment.start, segment.stop) for segment in found] == expected


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=6), st.integers(1, 7))
def test_segments_cover_what_the_tracks_cover(pieces, every):
    frames = np.arange(3, 3 + 40 * every, every)
    tracks = [a_track(frames[first], frames[first + count - 1] + 1) for first, count in pieces]
    covered = [any(track.start <= frame < track.stop for track in tracks) for frame in frames]
    found = spans(tracks, frames=frames, times=frames / RATE)
    assert covered == [any(segment.start <= frame < segment.stop for segment in found) for frame in frames]
    # Between two there is a compared frame that is in none.
    for before, after in pairwise(found):
        assert np.searchsorted(frames, after.start) > np.searchsorted(frames, before.stop - 1) + 1


def test_where_the_rate_varies_a_segment_ends_when_the_next_frame_is_shown():
    times = [0.0, 0.1, 0.2, 1.2, 1.3, 3.3]
    first, second = spans([a_track(1, 3), a_track(4, 5)], times=times, frames=range(6))
    assert (first.start_time, first.stop_time) == pytest.approx((0.1, 1.2))
    assert (second.start_time, second.stop_time) == pytest.approx((1.3, 3.3))


def test_the_last_frame_lasts_as_long_as_the_one_before_it():
    (segment,) = spans([a_track(1, 3)], times=[0.0, 0.1, 0.4], frames=range(3))
    assert segment.stop_time == pytest.approx(0.4 + 0.3)


@pytest.mark.parametrize(("stop", "end"), [(6, 0.6), (11, 1.1), (16, 1.6)])
def test_of_frames_left_out_a_segment_takes_none(stop, end):
    # Every fifth at ten a second: frame 5 is shown from 0.5 to 0.6 s, whatever comes next; so is the last.
    (segment,) = spans([a_track(0, stop)], frames=range(0, 20, 5))
    assert (segment.start, segment.stop) == (0, stop)
    assert segment.stop_time == pytest.approx(end)


def test_the_end_of_an_only_frame_is_not_known():
    (segment,) = spans([a_track(7, 8)], frames=[7], times=[0.7])
    assert (segment.start, segment.stop, segment.start_time, segment.stop_time) == (7, 8, 0.7, 0.7)
