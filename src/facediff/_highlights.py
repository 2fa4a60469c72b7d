"""The frames of a clip that differ most: a few, apart from each other in time, with small pictures to show."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from facediff._arrays import Picture, frozen
from facediff._frame_comparison import FrameComparison
from facediff.regions import Box

_FRAMES = 5
_APART = 0.5  # seconds: what is nearer shows the same
_SIDE = 320  # pixels: the longer side of a picture that is kept


@dataclass(frozen=True, slots=True, eq=False)
class Highlight:
    """A frame worth a look.

    Attributes
    ----------
    index : int
        The number of the real frame in its clip.
    time : float
        When it is shown, in seconds.
    score : float
        Why it was chosen: its margin over what coding may reach or, without a test, 1 - SSIM. More = stronger change.
    real, fake : ndarray of uint8, (h, w, 3)
        Small copies of the pictures, at most 320 pixels a side.
    boxes : tuple of Box
        The regions' bounds, in the pixels of the small copies.
    """

    index: int
    time: float
    score: float
    real: Picture = field(repr=False)
    fake: Picture = field(repr=False)
    boxes: tuple[Box, ...]

    def __str__(self) -> str:
        """Frame and score in one line."""
        return f"Frame {self.index} at {self.time:.3f} s, score {self.score:.3g}"


class Highlights:
    """Gathers them as the frames go by."""

    def __init__(self) -> None:
        self._kept: list[Highlight] = []

    def offer(self, frame: FrameComparison) -> None:
        """Keep a frame if it differs more than those kept, in place of one that is near."""
        score = 1 - frame.ssim if math.isnan(frame.margin) else frame.margin
        near = [kept for kept in self._kept if abs(kept.time - frame.time) < _APART]
        others = [kept for kept in self._kept if kept not in near]
        rivals = near or (others if len(others) == _FRAMES else [])
        if any(kept.score >= score for kept in near) or (rivals and score <= min(kept.score for kept in rivals)):
            return
        others.append(_small(frame, score))
        self._kept = sorted(others, key=lambda kept: -kept.score)[:_FRAMES]

    def strongest_first(self) -> tuple[Highlight, ...]:
        """Return those kept."""
        return tuple(self._kept)


def _small(frame: FrameComparison, score: float) -> Highlight:
    height, width = frame.real.shape[:2]
    scale = min(_SIDE / max(height, width), 1)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    real, fake = (
        frozen(np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA)))
        for picture in (frame.real, frame.fake)
    )
    boxes = tuple(
        Box(
            int(box.left * scale),
            int(box.top * scale),
            min(math.ceil(box.right * scale), size[0]),
            min(math.ceil(box.bottom * scale), size[1]),
        )
        for box in (region.box for region in frame.regions)
    )
    return Highlight(frame.index, frame.time, score, real, fake, boxes)
