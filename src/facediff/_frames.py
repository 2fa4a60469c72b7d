"""From an open clip to its pictures, in order, upright and RGB; and whether all that it states has come."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from facediff._arrays import Picture
from facediff._container import Source, load_av
from facediff._turn import Turn, read_turn

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from av.video.reformatter import VideoReformatter


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """One frame; its picture only if it was asked for."""

    index: int
    time: float
    picture: Picture | None


def decode_clip(
    source: Source, start: int = 0, stop: int | None = None, every: int = 1
) -> Generator[Decoded, None, None]:
    """Yield the frames from `start` to before `stop`, converting every `every`-th; close the source at the end."""
    from av.video.reformatter import VideoReformatter

    reformatter = VideoReformatter()  # one for all frames: its tables are made once
    turn: Turn | None = None
    shape: tuple[int, ...] | None = None
    count = 0
    try:
        for index, frame in enumerate(decode_frames(source)):
            count = index + 1
            if index < start:
                continue
            picture = None
            if (index - start) % every == 0:
                if turn is None or turn.angle != frame.rotation:
                    turn = read_turn(frame, source.at(index))
                picture = _to_picture(frame, reformatter, turn)
                if shape not in (None, picture.shape):
                    raise ValueError(
                        f"{source.at(index, _time(frame, source, index))}: the picture changes from {_size(shape)} to "
                        f"{_size(picture.shape)}; cut the clip there and read the parts one by one"
                    )
                shape = picture.shape
            yield Decoded(index, _time(frame, source, index), picture)
            if count == stop:
                return
        if count <= start:
            raise ValueError(f"{source.name}: start must lie within the clip, got {start} for {count} frames")
    finally:
        source.close()


def decode_frames(source: Source) -> Iterator[VideoFrame]:
    """Yield every frame, or raise where the clip is damaged or ends too early."""
    av = load_av()
    given, packets, seen = 0, 0, -1.0
    try:
        for packet in source.container.demux(source.stream):
            if packet.is_corrupt:
                raise ValueError(_damaged(source, given, "its data is cut short or was damaged on the way"))
            if packet.pts is not None:
                seen = max(seen, float((packet.pts + (packet.duration or 0)) * packet.time_base))
            if packet.size or packet.dts is not None:
                packets += 1
            else:  # PyAV's last one, which empties the decoder
                _check_end(source, packets, seen, given)
            if (
                not packet.size and packet.dts is not None
            ):  # "the same picture once more": to PyAV it would mean the end
                continue
            for frame in packet.decode():
                yield _checked(frame, source, given)
                given += 1
    except av.FFmpegError as error:
        raise ValueError(_damaged(source, given, str(error.strerror))) from error
    if not given:
        raise ValueError(f"{source.name} holds no frame that can be decoded, of {packets} packets; get it again")


def _checked(frame: VideoFrame, source: Source, index: int) -> VideoFrame:
    if frame.is_corrupt:
        raise ValueError(_damaged(source, index, "the decoder had to make up a part of the picture"))
    return frame


def _damaged(source: Source, index: int, what: str) -> str:
    return f"{source.at(index)}: the clip is damaged here ({what}); {_cure(index)}"


def _cure(whole: int) -> str:
    return "get it again" + (f", or pass stop={whole} to read what is whole" if whole else "")


def _check_end(source: Source, packets: int, seen: float, given: int) -> None:
    """Refuse a clip that ends before its container says so; the last frames are still in the decoder."""
    short = source.frames is not None and packets < source.frames
    found = f"{packets} of {source.frames} frames"
    if source.end is not None and source.rate:
        reached = seen - float((source.stream.start_time or 0) * (source.stream.time_base or 0))
        late = reached >= source.end - 0.5 / float(source.rate)
        if source.frames is None:
            short, found = not late, f"{max(reached, 0):.3f} of {source.end:.3f} s"
        else:  # an edit list leaves frames out, and then it is the time that counts
            short = short and not late
    if short:
        raise ValueError(
            f"{source.at(given)}: the clip ends early, after {found} that its container states; {_cure(given)}"
        )


def _time(frame: VideoFrame, source: Source, index: int) -> float:
    if frame.pts is not None and source.stream.time_base:  # the frame's own is missing on the last ones
        return float(frame.pts * source.stream.time_base)
    if source.rate:
        return index / float(source.rate)
    raise ValueError(
        f"{source.at(index)}: the clip states neither times nor a rate; put it into a container that does, with "
        f"ffmpeg -r 25 -i {source.name} -c copy timed.mp4"
    )


def _to_picture(frame: VideoFrame, reformatter: VideoReformatter, turn: Turn) -> Picture:
    plane = reformatter.reformat(frame, format="rgb24").planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)  # type: ignore[call-overload]
    stored = rows[:, : 3 * plane.width].reshape(plane.height, plane.width, 3)
    picture: Picture = np.ascontiguousarray(turn.upright(stored))
    picture.flags.writeable = False
    return picture


def _size(shape: tuple[int, ...] | None) -> str:
    return "nothing" if shape is None else f"{shape[1]}x{shape[0]}"
