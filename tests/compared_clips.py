"""Results of comparing clips, made by hand: what they hold is known without comparing anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from facediff import Box
from facediff._versions import versions
from facediff.timeline import Highlight, Segment, Track, VideoComparison

RATE = 25
_BOX = Box(10, 12, 40, 44)


def made(count: int, **changes: Any) -> VideoComparison:
    """Return a result of so many frames in which nothing was found, but for the changes."""
    values: dict[str, Any] = {
        "real": "real.mp4",
        "fake": "fake.mp4",
        "index": np.arange(count),
        "time": np.arange(count) / RATE,
        "mse": np.full(count, 4.0),
        "psnr": np.full(count, 42.0),
        "ssim": np.full(count, 0.95),
        "margin": np.full(count, 0.5),
        "manipulated": np.zeros(count, np.bool_),
        "area": np.zeros(count, np.int64),
        "boxes": ((),) * count,
        "refused": (),
        "tracks": (),
        "segments": (),
        "highlights": (highlight(0),),
        "mean_evidence": None,
        "shape": (64, 96),
        "reading": {"start": None, "stop": None, "every": 1, "offset": 0, "length": "equal", "rate": "equal"},
        "recipe": "noise-aware",
        "recipe_version": 1,
        "parameters": {"false_alarm_rate": 0.01},
        "versions": versions(),
    }
    if changes.get("recipe", "noise-aware") != "noise-aware":
        values |= {"parameters": {}, "margin": np.full(count, np.nan)}
    return VideoComparison(**{**values, **changes})


def track(frames: Sequence[int], box: Box = _BOX) -> Track:
    """Return a track that was seen in the frames, always in the same place."""
    seen = np.array(frames)
    start, stop = int(seen[0]), int(seen[-1]) + 1
    return Track(start, stop, seen, (box,) * seen.size, seen.size / (stop - start), 3.0)


def segment(start: int, stop: int) -> Segment:
    """Return a segment of frames at the usual rate."""
    return Segment(start, stop, start / RATE, stop / RATE)


def highlight(index: int, height: int = 64, width: int = 96) -> Highlight:
    """Return a highlight whose fake picture is of one gray: its index."""
    pictures = (np.full((height, width, 3), level, np.uint8) for level in (200, index))
    return Highlight(index, index / RATE, 1.0, *pictures, ())
