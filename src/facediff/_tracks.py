"""Regions through time: which of one frame is which of the next, and the spans in which anything was changed.

All of it works on boxes, frame by frame, when the clip is over: a box that a frame alone would not have dared to name
is held by those before and after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from facediff.regions import Box

# Frames that make a track: coding noise passes the test in one frame of a hundred, and not three times in one place.
_FEWEST = 3
# A track may be unseen for so long, in seconds and in frames: whichever is longer.
_UNSEEN, _UNSEEN_FRAMES = 0.5, 3
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
        return f"Track from frame {self.start} to {self.stop}, seen in {self.presence:.0%} of them, halfway {middle}"


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
        return f"frames {self.start} to {self.stop} ({self.start_time:.2f} to {self.stop_time:.2f} s)"


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
        fewer were compared.
    """
    patience = max(_UNSEEN_FRAMES, round(_UNSEEN / interval) if interval > 0 else 0)
    open_tracks: list[_Open] = []
    ended: list[_Open] = []
    for place, sightings in enumerate(seen):
        ended += [track for track in open_tracks if place - track.places[-1] > patience]
        open_tracks = [track for track in open_tracks if place - track.places[-1] <= patience]
        new: list[_Open] = []
        before = [(track, track.boxes[-1], place - track.places[-1]) for track in open_tracks]
        for sighting in sightings:
            box = sighting.box
            near = [(box.iou(last), track) for track, last, passed in before if _shared(box, last, passed) >= _SHARED]
            if near:  # of several the likest: a small one that was here before lies within all that passes over it
                _extend(max(near, key=lambda each: each[0])[1], place, sighting)
            else:
                new.append(_Open([place], [box], [sighting.strength], [sighting.sure]))
        open_tracks += new
    found = [_close(track, frames, min(_FEWEST, len(seen))) for track in _united(ended + open_tracks)]
    return tuple(sorted((track for track in found if track), key=lambda track: (track.start, track.boxes[0])))


def segments(tracks: Iterable[Track], times: npt.NDArray[np.float64], frames: npt.NDArray[np.int64]) -> list[Segment]:
    """Return the spans that the tracks cover together; tracks that meet or overlap are one."""
    spans: list[list[int]] = []
    for start, stop in sorted((track.start, track.stop) for track in tracks):
        if spans and start <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], stop)
        else:
            spans.append([start, stop])
    found = []
    for start, stop in spans:
        first, last = np.searchsorted(frames, [start, stop - 1])
        step = times[last] - times[last - 1] if last else (times[1] - times[0] if times.size > 1 else 0.0)
        found.append(Segment(start, stop, float(times[first]), float(times[last] + step)))
    return found


def _shared(box: Box, last: Box, passed: int) -> float:
    """Return the share of the smaller box that lies in the other, the last one let out for the time that passed."""
    x, y = (round(_LET_OUT * passed * side) for side in (last.width, last.height))
    width = min(box.right, last.right + x) - max(box.left, last.left - x)
    height = min(box.bottom, last.bottom + y) - max(box.top, last.top - y)
    return max(width, 0) * max(height, 0) / min(box.area, last.area)


def _united(tracks: list[_Open]) -> list[_Open]:
    """Unite tracks that are one thing: parts of it that were seen side by side, or in turn."""
    kept: list[_Open] = []
    for track in sorted(tracks, key=lambda each: -len(each.places)):
        same = [other for other in kept if _alike(track, other)]
        for other in same:
            kept.remove(other)
            track = _both(track, other)
        kept.append(track)
    return kept


def _alike(track: _Open, other: _Open) -> bool:
    """Say whether the two lie in one another, on average over the frames of the one in which the other lasts."""
    near = []
    for place, box in zip(track.places, track.boxes, strict=True):
        if other.places[0] <= place <= other.places[-1]:
            at = int(np.searchsorted(other.places, place))
            at = min((max(at - 1, 0), at), key=lambda each: abs(other.places[each] - place))
            near.append(_shared(box, other.boxes[at], 0))
    return len(near) > 0 and float(np.mean(near)) >= _SHARED


def _both(track: _Open, other: _Open) -> _Open:
    united = _Open([], [], [], [])
    sightings = [
        (place, Sighting(box, strength, sure))
        for each in (track, other)
        for place, box, strength, sure in zip(each.places, each.boxes, each.strengths, each.sure, strict=True)
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
    """Return a track from its first to its last sure frame, or None if it has too few of them."""
    sure = np.flatnonzero(track.sure)
    if sure.size < fewest:
        return None
    kept = slice(sure[0], sure[-1] + 1)
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
