"""What a result knows of one frame, for those who draw it: its boxes with their tracks, and its pictures once more."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from typing import Any, NamedTuple

import numpy as np

from facediff._clips import FramePair
from facediff.draw import Color, nth_color
from facediff.regions import Box
from facediff.timeline import VideoComparison
from facediff.video import frame_pairs

NO_TRACK: Color = (200, 200, 200)


class Mark(NamedTuple):
    """A box to draw, and the number of its track, from 1; None if it belongs to none."""

    box: Box
    number: int | None

    @property
    def color(self) -> Color:
        """The colour of its track, the same in every frame and figure."""
        return NO_TRACK if self.number is None else nth_color(self.number)


def check_result(result: object) -> VideoComparison:
    """Let in what `compare_videos` returns."""
    if not isinstance(result, VideoComparison):
        raise TypeError(
            f"result must be a VideoComparison, got {type(result).__name__}; "
            "make one with facediff.timeline.compare_videos"
        )
    return result


def marks_of(result: VideoComparison, place: int) -> tuple[Mark, ...]:
    """Return what is to be drawn into the frame at a place of the series: tracks by number, then what has none."""
    marks = []
    for number, track in enumerate(result.tracks, start=1):
        at = int(np.searchsorted(track.frames, result.index[place]))
        if at < track.frames.size and track.frames[at] == result.index[place]:
            marks.append(Mark(track.boxes[at], number))
    tracked = [mark.box for mark in marks]  # the box of a track holds all its parts
    alone = [box for box in result.boxes[place] if not any(_holds(outer, box) for outer in tracked)]
    return (*marks, *(Mark(box, None) for box in alone))


def _holds(outer: Box, box: Box) -> bool:
    return outer.left <= box.left and outer.top <= box.top and outer.right >= box.right and outer.bottom >= box.bottom


def read_again(
    result: VideoComparison, *, first: int = 0, last: int | None = None
) -> Generator[tuple[int, FramePair], None, None]:
    """Decode the compared frames once more, from the first place in the series to the last, each with its place."""
    for path in (result.real, result.fake):
        if not os.path.exists(path):
            text = "this clip was compared and is not there any more; bring it back, or compare it where it is now"
            raise FileNotFoundError(errno.ENOENT, text, path)
    reading: dict[str, Any] = {**result.reading, "start": int(result.index[first])}
    if last is not None:
        reading["stop"] = int(result.index[last]) + 1
    places = range(first, result.index.size if last is None else last + 1)
    with frame_pairs(result.real, result.fake, **reading) as pairs:
        place = first
        for place, pair in enumerate(pairs, start=first):
            if place not in places or pair.index != result.index[place] or pair.real.shape[:2] != result.shape:
                raise _changed(result)
            yield place, pair
        if place != places[-1]:
            raise _changed(result)


def _changed(result: VideoComparison) -> ValueError:
    return ValueError(
        f"{result.real} and {result.fake} must be as they were compared, got other frames; compare them anew"
    )
