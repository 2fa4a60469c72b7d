"""The strips above and below the pictures of an annotated clip: which picture is which, and the numbers of a frame.

Every field of the lower strip keeps its place through the clip, and has the room of its longest text in any frame; what
does not fit into one line goes into further ones. So nothing jumps, nothing is clipped, and no picture is written over.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import cv2
import numpy as np

from facediff._arrays import Picture
from facediff.draw import Color
from facediff.timeline import VideoComparison

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_LETTER_SHARE, _LETTER = 32, 22  # the shorter side over the height of a capital letter, and that at font scale 1
_SMALLEST = 0.5  # font scale: capital letters of 11 pixels
_PAPER: Final[Color] = (24, 24, 24)
_INK: Final[Color] = (255, 255, 255)
_ALARM: Final[Color] = (255, 176, 0)


class _Slot(NamedTuple):
    """Where a field stands: its left end, and its line."""

    left: int
    line: int


class Caption:
    """The strips of one clip, laid out once for all its frames."""

    def __init__(self, result: VideoComparison, lefts: Sequence[int], width: int) -> None:
        """Lay out strips for pictures that begin at `lefts` and end at `width`; the last of them is the fake."""
        self._result = result
        self._lefts = lefts
        scale = max(min(result.shape) / _LETTER_SHARE / _LETTER, _SMALLEST)
        self._scale, self._stroke = scale, max(1, round(1.8 * scale))
        # OpenCV 5 writes in another font than OpenCV 4: its height is asked for.
        (_, self._ascent), descent = cv2.getTextSize("Mg", _FONT, scale, self._stroke)
        self._pad, self._lead = round(12 * scale), round(5 * scale)
        self._line = self._ascent + descent + 2 * self._lead
        widest = [max(map(self._width, texts)) for texts in zip(*map(_alike, self._all_fields()), strict=True)]
        self._slots = self._place(widest, width)
        height = result.shape[0]
        self._top = self._line
        lines = self._slots[-1].line + 1
        tall = self._top + height + lines * self._line + self._pad // 2
        wide = max(width, max(widest) + 2 * self._pad, lefts[-1] + self._width("Fake") + 2 * self._pad)
        # H.264 has even sizes only.
        self._sheet = np.full((tall + tall % 2, wide + wide % 2, 3), _PAPER, np.uint8)
        for left, title in zip(reversed(lefts), ("Fake", "Real"), strict=False):
            self._write(self._sheet, title, left + self._pad, 0, _INK)
        self._lower = self._top + height

    def under(self, pictures: Sequence[Picture], place: int) -> Picture:
        """Return one frame: the pictures between the strips, with the numbers at a place of the series."""
        sheet = self._sheet.copy()
        for picture, left in zip(pictures, self._lefts, strict=True):
            height, width = picture.shape[:2]
            sheet[self._top : self._top + height, left : left + width] = picture
        color = _ALARM if self._result.manipulated[place] else _INK
        for text, slot in zip(fields(self._result, place), self._slots, strict=True):
            last = slot is self._slots[-1] and self._result.recipe is not None
            self._write(sheet, text, slot.left, self._lower + slot.line * self._line, color if last else _INK)
        return sheet

    def _all_fields(self) -> list[tuple[str, ...]]:
        return [fields(self._result, place) for place in range(self._result.index.size)]

    def _width(self, text: str) -> int:
        (width, _), _ = cv2.getTextSize(text, _FONT, self._scale, self._stroke)
        return int(width)

    def _place(self, widths: list[int], width: int) -> list[_Slot]:
        """Give every field its slot, line by line."""
        slots: list[_Slot] = []
        left, line = self._pad, 0
        for wide in widths:
            if slots and left + wide + self._pad > width:
                left, line = self._pad, line + 1
            slots.append(_Slot(left, line))
            left += wide + 2 * self._pad
        return slots

    def _write(self, sheet: Picture, text: str, left: int, top: int, color: Color) -> None:
        cv2.putText(
            sheet, text, (left, top + self._lead + self._ascent), _FONT, self._scale, color, self._stroke, cv2.LINE_AA
        )


def fields(result: VideoComparison, place: int) -> tuple[str, ...]:
    """Return what is written about the frame at a place of the series; as many texts for every frame of a clip."""
    known = (f"frame {result.index[place]}", f"{result.time[place]:.3f} s", f"SSIM {result.ssim[place]:.4f}")
    if result.recipe is None:
        return known
    refused = any(index == result.index[place] for index, _ in result.refused)
    verdict = "manipulated" if result.manipulated[place] else "refused: shifted" if refused else "not manipulated"
    if "false_alarm_rate" not in result.parameters:
        return (*known, verdict)
    margin = result.margin[place]
    number = "-" if math.isnan(margin) else f"{margin:.2f}" if margin < 100 else f"{margin:.0f}"
    return (*known, f"margin {number}", verdict)


def _alike(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Put the widest digit for every digit, so that a text is as wide as any of its kind."""
    return tuple(re.sub(r"\d", "0", text) for text in texts)
