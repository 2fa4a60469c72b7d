"""Regions through time: which of one frame is which of the next, and the spans in which anything was changed.

All of it works on boxes, frame by frame, when the clip is over: a box that a frame alone would not have dared to name
is held by those before and after it.
"""

from __future__ import annotations

import functools
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from facediff.regions import Box

# Frames that make a track: coding noise passes the test in one frame of a hundred, and not three times in one place.
_FEWEST = 3
# A track is over if it is not seen again within so many seconds and so many frames: whichever is longer.
_PATIENCE, _PATIENCE_FRAMES = 0.5, 3
# Of the smaller of two boxes, what must lie in the other for both to be the same thing; and by which share of its
# sides a box is let out for each frame that passed, since faces move.
_SHARED, _LET_OUT = 0.3, 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """The same changed region through time; frozen, its arrays read-only.

    Attributes
    ----------
    start, stop : int
        Its first frame, and the one after its last: indexes in the real clip, half-open.
    frames : ndarray of int64, (n,)
        Indexes of the frames in which it was seen.
    boxes : tuple of Box
        Its bounds in each of them: all parts of it in one box.
    presence : float
        Share of the compared frames from start to stop in which it was seen.
    strength : float
        Mean over its frames of the strength of its regions.
    """

    start: int
    stop: int
    frames: npt.NDArray[np.int64] = field(repr=False)
    boxes: tuple[Box, ...] = field(repr=False)
    presence: float
    strength: float

    def __str__(self) -> str:
        """Span, presence and place in one line."""
        middle = self.boxes[len(self.boxes) // 2]
        return (
            f"Track from frame {self.start} to {self.stop - 1}, seen in {self.presence:.0%} of them, halfway {middle}"
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """A span in which a clip is manipulated.

    Attributes
    ----------
    start, stop : int
        Its first frame, and the one after its last: indexes in the real clip, half-open.
    start_time, stop_time : float
        When the first of its frames is shown, and when the last of them ends, in seconds.
    """

    start: int
    stop: int
    start_time: float
    stop_time: float

    def __str__(self) -> str:
        """Frames and seconds in one line."""
        return f"frames {self.start} to {self.stop - 1} ({self.start_time:.2f} to {self.stop_time:.2f} s)"


class Sighting(NamedTuple):
    """A region in one frame."""

    box: Box
    strength: float
    sure: bool  # whether it passed the test by itself


@dataclass(slots=True)
class _Open:
    """A track that may go on."""

    places: list[int]  # of the frames among those compared
    boxes: list[Box]
    strengths: list[float]
    sure: list[bool]


def link(seen: Sequence[Sequence[Sighting]], frames: npt.NDArray[np.int64], *, interval: float) -> tuple[Track, ...]:
    """Link the regions of the compared frames to tracks, in order of their beginning.

    Parameters
    ----------
    seen : sequence of sequence of Sighting
        The regions of every compared frame.
    frames : ndarray of int64
        The frames' indexes.
    interval : float
        Seconds from one compared frame to the next.

    Returns
    -------
    tuple of Track
        A track begins and ends with a frame that passed the test by itself, and holds three such frames, or all if
        fewer were compared. What comes out where it was within the patience is a part of it.
    """
    patience = max(_PATIENCE_FRAMES, _whole(_PATIENCE / interval) if interval > 0 else 0)
    open_tracks: list[_Open] = []
    ended: list[_Open] = []
    for place, unordered in enumerate(seen):
        # Of pairs that are as like the first is taken: strongest first, so that the order they came in changes nothing.
        sightings = sorted(unordered, key=lambda each: (-each.strength, each.box))
        ended += [track for track in open_tracks if place - track.places[-1] > patience]
        open_tracks = [track for track in open_tracks if place - track.places[-1] <= patience]
        new: list[_Open] = []
        for sighting, track in zip(sightings, _continued(sightings, open_tracks, place, patience), strict=True):
            if track is not None:
                _extend(track, place, sighting)
            elif sighting.sure:
                new.append(_Open([place], [sighting.box], [sighting.strength], [True]))
        open_tracks += new
    found = [_close(track, frames, min(_FEWEST, len(seen))) for track in _united(ended + open_tracks)]
    return tuple(sorted((track for track in found if track), key=lambda track: (track.start, track.boxes)))


def _whole(frames: float) -> int:
    """Round to whole frames; half a second at 25 frames a second is 12, however its times are rounded."""
    return round(round(frames, 6))


def segments(tracks: Iterable[Track], times: npt.NDArray[np.float64], frames: npt.NDArray[np.int64]) -> list[Segment]:
    """Return the spans that the tracks cover together; tracks that meet or overlap are one.

    Parameters
    ----------
    tracks : iterable of Track
        From `link`.
    times : ndarray of float64
        When the compared frames are shown, in seconds.
    frames : ndarray of int64
        Their indexes.

    Returns
    -------
    list of Segment
        In order. One that ends with the only compared frame ends when that is shown: how long it lasts is not known.
    """
    spans: list[list[int]] = []  # first and last place among those compared
    for first, last in sorted(np.searchsorted(frames, (track.start, track.stop - 1)).tolist() for track in tracks):
        if spans and first <= spans[-1][1] + 1:
            spans[-1][1] = max(spans[-1][1], last)
        else:
            spans.append([first, last])
    return [
        Segment(int(frames[first]), int(frames[last]) + 1, float(times[first]), _end(last, times, frames))
        for first, last in spans
    ]


def _end(place: int, times: npt.NDArray[np.float64], frames: npt.NDArray[np.int64]) -> float:
    """Return when a compared frame ends: with the next one or, after the last, as late as the one before it did.

    Where frames are left out, all from one compared frame to the next are taken to last alike.
    """
    step = slice(place, place + 2) if place + 1 < times.size else slice(max(place - 1, 0), place + 1)
    lasting = np.diff(times[step]) / np.diff(frames[step])
    return float(times[place] + lasting.sum())


def _sides(boxes: Iterable[Box]) -> npt.NDArray[np.int64]:
    """Return left, top, right and bottom of each box, (n, 4)."""
    return np.array([box.xyxy for box in boxes], np.int64).reshape(-1, 4)


def _area(sides: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.asarray((sides[..., 2] - sides[..., 0]) * (sides[..., 3] - sides[..., 1]))


def _smaller(sides: npt.NDArray[np.int64], others: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the area of the smaller of two boxes."""
    return np.minimum(_area(sides), _area(others))


def _common(sides: npt.NDArray[np.int64], others: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return how many pixels boxes have in common."""
    shared = np.minimum(sides[..., 2:], others[..., 2:]) - np.maximum(sides[..., :2], others[..., :2])
    return np.asarray(np.maximum(shared, 0).prod(axis=-1))


def _continued(sightings: Sequence[Sighting], tracks: list[_Open], place: int, patience: int) -> list[_Open | None]:
    """Return the track that each region of a frame goes on, or None.

    Of several it is the likest: a small one that was here before lies within all that passes over it. Every track goes
    on with one region before any gets a second one as a further part: two that pass each other stay two.
    """
    if not sightings or not tracks:
        return [None] * len(sightings)
    boxes = _sides(sighting.box for sighting in sightings)[:, None]
    last = _sides(track.boxes[-1] for track in tracks)
    let_out = _LET_OUT * (place - np.array([track.places[-1] for track in tracks]))[:, None]
    margin = np.rint(let_out * (last[:, 2:] - last[:, :2])).astype(np.int64)
    passed = last + np.concatenate([-margin, margin], axis=1)
    near = _common(boxes, passed) >= _SHARED * _smaller(boxes, last)
    common = _common(boxes, last)
    iou = common / (_area(boxes) + _area(last) - common)
    away = np.abs(boxes[..., :2] + boxes[..., 2:] - last[:, :2] - last[:, 2:]).sum(axis=-1)
    pairs = _likest_first(near, iou - 1e-6 * away)  # of those that share nothing the nearest
    going_on: dict[int, int] = {}  # region of each track
    for region, track in pairs:
        if region not in going_on.values():
            going_on.setdefault(track, region)
    owners = {region: track for track, region in going_on.items()}
    for region, track in pairs:
        owners.setdefault(region, track)
    # What comes out where a track was lately is a part of it that something hid.
    new = [region for region, sighting in enumerate(sightings) if sighting.sure and region not in owners]
    if new:
        lately = _sides(_lately(track, place - patience) for track in tracks)
        share = _common(boxes[new], lately) / _smaller(boxes[new], lately)
        for at, track in _likest_first(share >= _SHARED, share):
            owners.setdefault(new[at], track)
    return [tracks[owners[region]] if region in owners else None for region in range(len(sightings))]


def _likest_first(near: npt.NDArray[np.bool_], likeness: npt.NDArray[np.float64]) -> list[list[int]]:
    """Return the places of all that is near, the likest first."""
    return np.argwhere(near)[np.argsort(-likeness[near], kind="stable")].tolist()  # type: ignore[no-any-return]


def _lately(track: _Open, since: int) -> Box:
    """Return the bounds of all that a track held from a frame on; it holds one at least."""
    first = bisect_left(track.places, since)
    return functools.reduce(Box.union, track.boxes[first:])


def _united(tracks: list[_Open]) -> list[_Open]:
    """Unite tracks that are one thing: parts of it that were seen side by side, or in turn."""
    tracks = sorted(tracks, key=lambda track: (-len(track.places), track.places, track.boxes))
    courses = [(np.array(track.places), _sides(track.boxes)) for track in tracks]
    # Where each begins and ends in time, from left to right and from top to bottom: few of many ever meet.
    low = np.array([[places[0], *sides[:, :2].min(axis=0)] for places, sides in courses]).reshape(-1, 3)
    high = np.array([[places[-1] + 1, *sides[:, 2:].max(axis=0)] for places, sides in courses]).reshape(-1, 3)
    group = np.arange(len(tracks))
    for at, course in enumerate(courses):
        meeting = (low[:at] < high[at]) & (low[at] < high[:at])
        for longer in np.flatnonzero(meeting.all(axis=1)):
            if group[longer] != group[at] and _alike(course, courses[longer]):
                group[group == group[at]] = group[longer]
    return [_one([tracks[part] for part in np.flatnonzero(group == each)]) for each in np.unique(group)]


_Course = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]  # places, and the sides of the box in each


def _alike(track: _Course, longer: _Course) -> bool:
    """Say whether the two lie in one another, on average over the frames of the one in which the longer lasts."""
    (places, sides), (others, other_sides) = track, longer
    lasting = (others[0] <= places) & (places <= others[-1])
    if not lasting.any():
        return False
    places, sides = places[lasting], sides[lasting]
    after = np.searchsorted(others, places)
    before = np.maximum(after - 1, 0)
    nearest = other_sides[np.where(places - others[before] <= others[after] - places, before, after)]
    return float(np.mean(_common(sides, nearest) / _smaller(sides, nearest))) >= _SHARED


def _one(tracks: list[_Open]) -> _Open:
    """Return several tracks as one."""
    united = _Open([], [], [], [])
    sightings = [
        (place, Sighting(box, strength, sure))
        for track in tracks
        for place, box, strength, sure in zip(track.places, track.boxes, track.strengths, track.sure, strict=True)
    ]
    for place, sighting in sorted(sightings, key=lambda each: each[0]):
        _extend(united, place, sighting)
    return united


def _extend(track: _Open, place: int, sighting: Sighting) -> None:
    """Add a region to a track: a further part in a frame that it has already, or the next frame."""
    if track.places and track.places[-1] == place:
        track.boxes[-1] = track.boxes[-1].union(sighting.box)
        track.strengths[-1] = max(track.strengths[-1], sighting.strength)
        track.sure[-1] |= sighting.sure
    else:
        track.places.append(place)
        track.boxes.append(sighting.box)
        track.strengths.append(sighting.strength)
        track.sure.append(sighting.sure)


def _close(track: _Open, frames: npt.NDArray[np.int64], fewest: int) -> Track | None:
    """Return a track up to its last sure frame (its first is one), or None if it has too few of them."""
    sure = np.flatnonzero(track.sure)
    if sure.size < fewest:
        return None
    kept = slice(0, sure[-1] + 1)
    places = track.places[kept]
    seen = frames[places]
    seen.flags.writeable = False
    return Track(
        start=int(seen[0]),
        stop=int(seen[-1]) + 1,
        frames=seen,
        boxes=tuple(track.boxes[kept]),
        presence=len(places) / (places[-1] - places[0] + 1),
        strength=float(np.mean(track.strengths[kept])),
    )
