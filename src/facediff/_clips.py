"""The values of clips: a frame, a pair of frames, what a clip states, an offset; and the reader that yields them."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from types import TracebackType
from typing import Generic, Self, TypeVar

from facediff._arrays import Picture
from facediff._container import Source

T = TypeVar("T")

_UNSURE = 1.1


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One frame of a clip.

    Attributes
    ----------
    index : int
        Its number in the clip, from 0.
    time : float
        When it is shown, in seconds, as the clip states it (the first frame need not be at 0). In a clip without
        times, the index over the frame rate.
    picture : ndarray of uint8, (H, W, 3)
        RGB, read-only.
    """

    index: int
    time: float
    picture: Picture = field(repr=False)

    def __str__(self) -> str:
        return f"Frame {self.index} at {self.time:.3f} s, {self.picture.shape[1]}x{self.picture.shape[0]}"


@dataclass(frozen=True, slots=True, eq=False)
class FramePair:
    """A real frame and the fake one that belongs to it.

    Attributes
    ----------
    index : int
        The number of the real frame in its clip, from 0.
    time : float
        When the real frame is shown, in seconds, as its clip states it.
    real, fake : ndarray of uint8, (H, W, 3)
        RGB, read-only, of one size.
    """

    index: int
    time: float
    real: Picture = field(repr=False)
    fake: Picture = field(repr=False)

    def __str__(self) -> str:
        return f"FramePair {self.index} at {self.time:.3f} s, {self.real.shape[1]}x{self.real.shape[0]}"


@dataclass(frozen=True, slots=True)
class ClipInfo:
    """What a clip states about itself.

    Attributes
    ----------
    path : str
        The file.
    width, height : int
        In pixels, as displayed: after turning.
    rotation : int
        By how many degrees a player turns the stored picture clockwise: 0, 90, 180 or 270. A mirrored clip has the
        one that FFmpeg reads off its display matrix.
    rate : Fraction or None
        Frames per second; the average, where the rate varies. None if not stated.
    frames : int or None
        How many frames it has; None if not stated, or if an edit list leaves out some of those stored.
    duration : float or None
        In seconds; None if not stated.
    codec, pixel_format : str
        In FFmpeg's words, such as ``"h264"`` and ``"yuv420p"``.
    """

    path: str
    width: int
    height: int
    rotation: int
    rate: Fraction | None
    frames: int | None
    duration: float | None
    codec: str
    pixel_format: str

    def __str__(self) -> str:
        turned = f", turned by {self.rotation} degrees" if self.rotation else ""
        rate = "unknown rate" if self.rate is None else f"{float(self.rate):.6g} frames/s"
        frames = "unknown length" if self.frames is None else f"{self.frames} frames"
        lasting = "" if self.duration is None else f" in {self.duration:.3f} s"
        return (
            f"{self.path}: {self.width}x{self.height}{turned}, {frames}{lasting}, {rate}, {self.codec} "
            f"{self.pixel_format}"
        )


@dataclass(frozen=True, slots=True)
class Offset:
    """By how many frames a fake clip runs behind the real one, as measured.

    Attributes
    ----------
    frames : int
        Index of a fake frame minus index of the real frame it shows: what `frame_pairs` takes as ``offset=``.
    margin : float
        How many times worse the runner-up fits, from 1 up: near 1 is a guess, as for clips without motion.
    unlikeness : float
        How unlike the two clips run at this offset: 0 alike, about 1 unrelated.
    """

    frames: int
    margin: float
    unlikeness: float

    @property
    def sure(self) -> bool:
        """Whether the runner-up fits clearly worse, by a tenth at least."""
        return self.margin >= _UNSURE

    def __str__(self) -> str:
        doubt = "" if self.sure else "unsure (the clips hardly move, or are unrelated): "
        rest = "no other fits" if math.isinf(self.margin) else f"the runner-up fits {self.margin:.2f} times worse"
        return f"Offset: {self.frames:+d} frames; {doubt}{rest}"


class Reader(Generic[T]):
    """Frames or pairs, decoded as they are asked for: an iterator, and a context manager that closes it.

    A loop that runs to the end closes the clips by itself; ``with`` closes them also when it is left early.
    """

    def __init__(self, items: Generator[T, None, None], *sources: Source) -> None:
        self._items = items
        self._sources = sources

    def __iter__(self) -> Iterator[T]:
        """Return itself: it is gone through once."""
        return self

    def __next__(self) -> T:
        """Return the next item."""
        return next(self._items)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Stop decoding, end its threads and close the files; what was read stays valid."""
        self._items.close()
        for source in self._sources:
            source.close()
