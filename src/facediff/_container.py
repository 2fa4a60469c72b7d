"""Clip files: opened or refused in words, and what they state about themselves without being decoded."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from av.container import InputContainer
    from av.video.stream import VideoStream

# These conceal damage without marking the frame unless they are told to stop at it. H.264 and HEVC mark it, and told
# to stop they would refuse every clip that was cut out of a longer one between two keyframes.
_STOP_AT_DAMAGE = ("mjpeg", "mpeg4")


def load_av() -> ModuleType:
    """Return PyAV, or say how to get it."""
    try:
        import av
    except ImportError as error:
        raise ImportError('clips need PyAV, which is not installed; pip install "facediff[video]"') from error
    module: ModuleType = av
    return module


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """An open clip: its container, its video stream, and what these state."""

    name: str
    container: InputContainer
    stream: VideoStream
    rate: Fraction | None
    frames: int | None  # how many packets of video it should hold
    end: float | None  # how many seconds the video should last
    edited: bool  # its edit list leaves out some of the frames

    def close(self) -> None:
        """Close the file."""
        self.container.close()

    def at(self, index: int, time: float | None = None) -> str:
        """Return the words for a place in the clip."""
        if time is None and self.rate:
            time = index / float(self.rate)
        return f"{self.name}, frame {index}" + ("" if time is None else f" ({time:.3f} s)")


def open_clip(name: str) -> Source:
    """Open a clip file for decoding."""
    av = load_av()
    _check_file(name)
    try:
        # The prefix keeps FFmpeg from taking a name for an address; what a playlist names stays on this machine, too.
        container = av.open(f"file:{name}", options={"protocol_whitelist": "file"})
    except av.FFmpegError as error:
        raise ValueError(
            f"{name} cannot be opened as a clip ({_reason(error)}); it is no video, or damaged or cut short in its "
            "header: check what it is, or get it again"
        ) from error
    try:
        stream = _video_stream(container, name)
    except BaseException:
        container.close()
        raise
    return _describe(name, container, stream)


def _check_file(name: str) -> None:
    if os.path.isdir(name):
        raise IsADirectoryError(errno.EISDIR, "this is a folder, not a clip; name a file in it", name)
    try:
        with open(name, "rb") as file:
            empty = not file.read(1)
    except FileNotFoundError:
        text = "there is no such clip; check the name, and the folder that it is relative to"
        raise FileNotFoundError(errno.ENOENT, text, name) from None
    except PermissionError:
        text = "this clip may not be read; ask for the right to, or run as another user"
        raise PermissionError(errno.EACCES, text, name) from None
    if empty:
        raise ValueError(f"{name} is empty (0 bytes); get it again")


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _video_stream(container: InputContainer, name: str) -> VideoStream:
    from av.stream import Disposition

    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:  # the cover of a song is no clip
            if stream.codec_context is None or not stream.codec_context.width:
                raise ValueError(
                    f"{name} holds video that FFmpeg cannot decode here; convert it to H.264, with "
                    f"ffmpeg -i {os.path.basename(name)} -crf 16 converted.mp4"
                )
            return stream
    kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
    raise ValueError(
        f"{name} holds no video ({container.format.long_name}, with {kinds} in it); name another file, or get it again "
        "if it was cut short in its header"
    )


def _describe(name: str, container: InputContainer, stream: VideoStream) -> Source:
    stream.thread_type = "AUTO"
    if stream.codec_context.name in _STOP_AT_DAMAGE:
        stream.codec_context.options = {"err_detect": "explode"}
    rate = stream.average_rate or stream.guessed_rate
    tags = {key.partition("-")[0]: value for key, value in stream.metadata.items()}  # NUMBER_OF_FRAMES-eng
    frames = stream.frames or int(tags.get("NUMBER_OF_FRAMES", 0)) or None
    end, edited = None, False
    if "matroska" in container.format.name:
        end = _seconds(tags.get("DURATION", ""))
    elif "mov" in container.format.name and stream.duration and stream.time_base:
        end = float(stream.duration * stream.time_base)
        edited = bool(frames and rate and abs(frames / rate - end) * rate > 1)
    elif "avi" in container.format.name and frames and rate:
        end = float(frames / rate)
    return Source(name, container, stream, rate, frames, end, edited)


def _seconds(text: str) -> float | None:
    """Return the seconds of Matroska's hours:minutes:seconds."""
    try:
        hours, minutes, seconds = text.split(":")
        return 3600 * int(hours) + 60 * int(minutes) + float(seconds)
    except ValueError:
        return None
