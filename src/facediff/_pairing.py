"""Which frames of one clip or two are taken, and yielding them, decoded ahead."""

from __future__ import annotations

from collections.abc import Generator

from facediff._ahead import ahead
from facediff._arrays import check_whole
from facediff._clips import Frame, FramePair
from facediff._container import Source, open_clip
from facediff._fit import check_found_lengths, check_sizes
from facediff._frames import Decoded, decode_clip


def check_span(start: object, stop: object, every: object) -> tuple[int, int | None, int]:
    """Let in which frames to take: the first, the one before which to stop, and the step."""
    first = 0 if start is None else check_whole(start, "start")
    last = None if stop is None else check_whole(stop, "stop")
    step = check_whole(every, "every")
    if first < 0:
        raise ValueError(f"start must be a frame from 0 on, got {first}; frames are counted from the beginning only")
    if last is not None and last <= first:
        raise ValueError(f"stop must be above start, got stop={last} and start={first}")
    if step < 1:
        raise ValueError(f"every must be at least 1, got {step}; 1 takes every frame")
    return first, last, step


def open_both(real: str, fake: str) -> tuple[Source, Source]:
    """Open two clips, or neither."""
    opened = open_clip(real)
    try:
        return opened, open_clip(fake)
    except BaseException:
        opened.close()
        raise


def frames_of(source: Source, start: int, stop: int | None, every: int) -> Generator[Frame, None, None]:
    """Yield the frames asked for, decoded ahead."""
    decoded = ahead(decode_clip(source, start, stop, every))
    try:
        for each in decoded:
            if each.picture is not None:
                yield Frame(each.index, each.time, each.picture)
    finally:
        decoded.close()


def pairs_of(
    sources: tuple[Source, Source],
    decoded: tuple[Generator[Decoded, None, None], Generator[Decoded, None, None]],
    offset: int,
    equal: bool,
) -> Generator[FramePair, None, None]:
    """Yield the pairs, the two clips decoded ahead at the same time."""
    reals, fakes = decoded
    index = -1
    try:
        while True:
            real, fake = next(reals, None), next(fakes, None)
            if real is None or fake is None:
                if equal and real is not fake:
                    check_found_lengths(*sources, index + 1, offset, real_ended=real is None)
                return
            index = real.index
            if real.picture is not None and fake.picture is not None:
                check_sizes(*sources, real.picture, fake.picture)
                yield FramePair(index, real.time, real.picture, fake.picture)
    finally:
        reals.close()
        fakes.close()
