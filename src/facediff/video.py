"""Clips: read frame by frame, real and fake side by side."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Generic, Self, TypeVar

from facediff._ahead import ahead
from facediff._arrays import Picture, check_choice, check_path, check_whole
from facediff._container import Source, open_clip
from facediff._frames import Decoded, decode_clip

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One frame of a clip."""

    index: int
    time: float
    picture: Picture = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class FramePair:
    """A real frame and the fake one that belongs to it."""

    index: int
    time: float
    real: Picture = field(repr=False)
    fake: Picture = field(repr=False)


class Reader(Generic[T]):
    """Frames or pairs, decoded as they are asked for."""

    def __init__(self, items: Generator[T, None, None]) -> None:
        self._items = items

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        return next(self._items)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop decoding and close the files."""
        self._items.close()


def read_frames(
    path: str | os.PathLike[str], *, start: int | None = None, stop: int | None = None, every: int = 1
) -> Reader[Frame]:
    """Read a clip frame by frame."""
    name = check_path(path, "path")
    first, last, step = _check_span(start, stop, every)
    source = open_clip(name)

    def frames() -> Generator[Frame, None, None]:
        decoded = ahead(decode_clip(source, first, last, step))
        try:
            for each in decoded:
                if each.picture is not None:
                    yield Frame(each.index, each.time, each.picture)
        finally:
            decoded.close()

    return Reader(frames())


def frame_pairs(
    real: str | os.PathLike[str],
    fake: str | os.PathLike[str],
    *,
    start: int | None = None,
    stop: int | None = None,
    every: int = 1,
    offset: int = 0,
    length: str = "equal",
    rate: str = "equal",
) -> Reader[FramePair]:
    """Read a real and a fake clip side by side."""
    names = check_path(real, "real"), check_path(fake, "fake")
    first, last, step = _check_span(start, stop, every)
    offset = check_whole(offset, "offset")
    check_choice(length, "length", ("equal", "shortest"))
    check_choice(rate, "rate", ("equal", "any"))
    a = open_clip(names[0])
    try:
        b = open_clip(names[1])
    except BaseException:
        a.close()
        raise

    def pairs() -> Generator[FramePair, None, None]:
        begin = max(first, -offset)
        reals = ahead(decode_clip(a, begin, last, step))
        fakes = ahead(decode_clip(b, begin + offset, None if last is None else last + offset, step))
        try:
            while True:
                x, y = next(reals, None), next(fakes, None)
                if x is None or y is None:
                    return
                if x.picture is not None and y.picture is not None:
                    yield FramePair(x.index, x.time, x.picture, y.picture)
        finally:
            reals.close()
            fakes.close()

    return Reader(pairs())


def _check_span(start: object, stop: object, every: object) -> tuple[int, int | None, int]:
    first = 0 if start is None else check_whole(start, "start")
    last = None if stop is None else check_whole(stop, "stop")
    step = check_whole(every, "every")
    if first < 0:
        raise ValueError(f"start must be a frame from 0 on, got {first}; a clip is read forwards")
    if last is not None and last <= first:
        raise ValueError(f"stop must be above start, got stop={last} and start={first}")
    if step < 1:
        raise ValueError(f"every must be at least 1, got {step}; 1 takes every frame")
    return first, last, step
