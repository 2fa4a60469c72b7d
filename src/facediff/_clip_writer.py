"""Pictures into a clip: H.264 for browsers by PyAV, animated WebP and GIF by Pillow."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from facediff._arrays import Picture, check_picture
from facediff._clips import Frame
from facediff._container import load_av

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import OutputContainer
    from av.video.stream import VideoStream

# The bytes x264 makes depend on the number of its threads: with a fixed one they are the same on every machine.
_THREADS = 4
_BT709 = 1  # one code for the matrix, the primaries and the transfer


def check_clip_rate(rate: object) -> Fraction:
    """Let in the frames per second of a clip to write."""
    if isinstance(rate, (bool, np.bool_)) or not isinstance(rate, (int, float, Fraction, np.integer, np.floating)):
        raise TypeError(f"rate must be a number of frames per second, got {rate!r} ({type(rate).__name__})")
    if not 0 < rate <= 1000:
        raise ValueError(f"rate must be above 0 and at most 1000 frames per second, got {rate}")
    # 29.97 is meant as 30000/1001, and so are its kin.
    exact = Fraction(float(rate)).limit_denominator(1001)
    return max(exact, Fraction(1, 1001))


def check_frames(frames: object) -> None:
    """Let in something to iterate over that is not a single picture."""
    if not isinstance(frames, Iterable):
        raise TypeError(f"frames must be an iterable of pictures, got {type(frames).__name__}; pass a list of them")
    if isinstance(frames, np.ndarray) and (frames.ndim < 3 or (frames.ndim == 3 and frames.shape[2] == 3)):
        # Its rows would become frames, three pixels wide.
        raise ValueError(f"frames must be pictures, got one array of shape {frames.shape}; put a picture into a list")


def pictures_of(frames: Iterable[Picture | Frame]) -> Iterator[Picture]:
    """Yield the pictures as RGB, or say which of them does not fit."""
    shape = None
    for number, frame in enumerate(frames):
        name, picture = f"frame {number}", frame.picture if isinstance(frame, Frame) else frame
        if isinstance(picture, np.ndarray) and picture.dtype != np.uint8:
            raise TypeError(f"{name} must be uint8, got {picture.dtype.name}; scale, clip and round it first")
        picture, _ = check_picture(picture, name)
        shape = shape or picture.shape[:2]
        if picture.shape[:2] != shape:
            raise ValueError(
                f"{name} must have the size of the first, got {picture.shape[1]}x{picture.shape[0]} and "
                f"{shape[1]}x{shape[0]}; crop or scale it first"
            )
        yield picture if picture.ndim == 3 else np.stack([picture] * 3, axis=-1)
    if shape is None:
        raise ValueError("frames must hold at least one picture, got none")


class ClipFormat(NamedTuple):
    """What a clip can be written as."""

    name: str
    write: Callable[[str, Iterator[Picture], Fraction, int], None]
    qualities: tuple[int, int] | None
    usual_quality: int


def write_h264(name: str, pictures: Iterator[Picture], rate: Fraction, quality: int) -> None:
    """Write H.264, 4:2:0 in limited range and BT.709, with what a player needs first at the front."""
    av = load_av()
    first = next(pictures)
    # One chroma sample stands for two rows and columns: odd sizes get their last row and column twice.
    padding = [(0, side % 2) for side in first.shape[:2]] + [(0, 0)]
    container = av.open(f"file:{name}", "w", format="mp4", options={"movflags": "+faststart"})
    try:
        stream = _add_stream(container, first, rate, quality)
        count = 0
        for picture in _chain(first, pictures):
            frame = av.VideoFrame.from_ndarray(np.pad(picture, padding, mode="edge"), format="rgb24")
            for packet in stream.encode(_to_yuv(frame)):
                container.mux(packet)
            count += 1
        for packet in stream.encode():
            container.mux(packet)
    except BaseException:
        with suppress(av.FFmpegError):  # closing a file on a full disk fails once more
            container.close()
        raise
    container.close()
    _check_written(name, count)


def _chain(first: Picture, rest: Iterator[Picture]) -> Iterator[Picture]:
    yield first
    yield from rest


def _add_stream(container: OutputContainer, first: Picture, rate: Fraction, quality: int) -> VideoStream:
    stream = container.add_stream("libx264", rate=rate)
    stream.height, stream.width = (side + side % 2 for side in first.shape[:2])
    stream.pix_fmt = "yuv420p"
    stream.thread_count = _THREADS
    # Half the time of x264's own choice, for 0.8 dB less of PSNR.
    stream.options = {"crf": str(quality), "preset": "veryfast"}
    context = stream.codec_context
    context.color_range, context.colorspace = 1, _BT709
    context.color_primaries, context.color_trc = _BT709, _BT709
    return stream


def _to_yuv(frame: VideoFrame) -> VideoFrame:
    from av.video.reformatter import ColorRange, Colorspace, Interpolation

    exact = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP
    return frame.reformat(
        format="yuv420p",
        interpolation=exact,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
    )


def _check_written(name: str, count: int) -> None:
    """Refuse a file that lost its end: not every error of a full disk comes through when a file is closed."""
    av = load_av()
    with av.open(f"file:{name}") as container:
        whole = sum(1 for packet in container.demux(video=0) if packet.size and not packet.is_corrupt)
    if whole != count:
        raise OSError(errno.EIO, f"only {whole} of {count} frames reached the file; is the disk full?", name)


def write_webp(name: str, pictures: Iterator[Picture], rate: Fraction, quality: int) -> None:
    """Write an animated WebP that runs for ever."""
    _write_by_pillow(name, pictures, rate, unit=1, kind="WEBP", quality=quality)


def write_gif(name: str, pictures: Iterator[Picture], rate: Fraction, quality: int) -> None:  # noqa: ARG001
    """Write an animated GIF that runs for ever, each frame in 256 colours of its own."""
    _write_by_pillow(name, pictures, rate, unit=10, kind="GIF")


def _write_by_pillow(
    name: str, pictures: Iterator[Picture], rate: Fraction, *, unit: int, kind: str, quality: int | None = None
) -> None:
    from PIL import Image

    images = [Image.fromarray(picture) for picture in pictures]
    # Milliseconds, in the format's own unit: rounded one by one they would add up to another length.
    ends = [unit * round(1000 * number / rate / unit) for number in range(len(images) + 1)]
    durations = [after - before for before, after in pairwise(ends)]
    options = {} if quality is None else {"quality": quality}
    images[0].save(name, kind, save_all=True, append_images=images[1:], duration=durations, loop=0, **options)


FORMATS = {
    # From 1 on: at 0, x264 is lossless, in a profile that browsers do not play.
    ".mp4": ClipFormat("H.264", write_h264, (1, 51), 18),
    ".webp": ClipFormat("WebP", write_webp, (0, 100), 80),
    ".gif": ClipFormat("GIF", write_gif, None, 0),
}
