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
_APART, _ROUNDING = 0.5, 1e-6  # seconds: what is nearer shows the same
# The best of each half second is a candidate; one that is chosen rules out at most the two beside it.
_CANDIDATES = 3 * (_FRAMES - 1) + 1
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
        self._best: dict[int, Highlight] = {}  # by half second

    def offer(self, frame: FrameComparison) -> None:
        """Keep a frame if it differs more than what is kept of its half second, or than the least of all that is."""
        score = 1 - frame.ssim if math.isnan(frame.margin) else frame.margin
        slot = math.floor(frame.time / _APART)
        if slot not in self._best and len(self._best) == _CANDIDATES:
            least = min(self._best, key=lambda each: self._best[each].score)
            if score <= self._best[least].score:
                return
            del self._best[least]
        if slot not in self._best or score > self._best[slot].score:
            self._best[slot] = _small(frame, score)

    def strongest_first(self) -> tuple[Highlight, ...]:
        """Return the strongest, then the strongest apart from it in time, and so on; of equals the earlier."""
        chosen: list[Highlight] = []
        for each in sorted(self._best.values(), key=lambda highlight: (-highlight.score, highlight.index)):
            if all(abs(each.time - other.time) > _APART - _ROUNDING for other in chosen):
                chosen.append(each)
        return tuple(chosen[:_FRAMES])


def _small(frame: FrameComparison, score: float) -> Highlight:
    height, width = frame.real.shape[:2]
    scale = min(_SIDE / max(height, width), 1)
    w, h = max(round(width * scale), 1), max(round(height * scale), 1)
    real, fake = (
        frozen(np.asarray(cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA)))
        for picture in (frame.real, frame.fake)
    )
    boxes = tuple(  # let out to whole pixels, in whole numbers: none becomes empty, none reaches beyond the picture
        Box(box.left * w // width, box.top * h // height, -(-box.right * w // width), -(-box.bottom * h // height))
        for box in (region.box for region in frame.regions)
    )
    return Highlight(frame.index, frame.time, score, real, fake, boxes)
