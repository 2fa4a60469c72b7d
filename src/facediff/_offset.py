"""By how many frames a fake clip runs behind a real one, from small gray copies of their frames."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from facediff._container import Source, load_av
from facediff._frames import decode_frames
from facediff._turn import Turn, read_turn

_SIDE = 48  # coding noise averages out in cells of this many to a side, and motion does not
_LEAST = 3  # frames that must overlap: fewer have no course through time


def small_frames(source: Source, most: int) -> npt.NDArray[np.float32]:
    """Return up to `most` frames from the first on as small gray pictures, (frames, _SIDE, _SIDE)."""
    load_av()
    from av.video.reformatter import VideoReformatter

    reformatter = VideoReformatter()
    found: list[npt.NDArray[np.uint8]] = []
    turn: Turn | None = None
    try:
        for frame in decode_frames(source):
            turn = turn or read_turn(frame, source.at(0))
            gray = reformatter.reformat(frame, width=_SIDE, height=_SIDE, format="gray", interpolation="AREA")
            found.append(turn.upright(gray.to_ndarray()))
            if len(found) == most:
                break
    finally:
        source.close()
    return np.stack(found).astype(np.float32)


def unlikeness(real: npt.NDArray[np.float32], fake: npt.NDArray[np.float32], offset: int) -> float | None:
    """Return how unlike the courses of two clips are at an offset: 0 if alike, about 1 if unrelated; None if too short.

    What stays as it is through time, such as another logo or another colour matrix, does not count: it is the variance
    of the difference through time, over the variances of the two.
    """
    a, b = real[max(0, -offset) :], fake[max(0, offset) :]
    common = min(len(a), len(b))
    if common < _LEAST:
        return None
    a, b = a[:common], b[:common]
    motion = float(a.var(axis=0, dtype=np.float64).sum() + b.var(axis=0, dtype=np.float64).sum())
    if motion == 0:
        return 1.0
    return float((a - b).var(axis=0, dtype=np.float64).sum()) / motion
