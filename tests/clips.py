"""Clips made on the spot, without the code under test: by PyAV alone."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT = 96, 64
# Flat blocks of 8 pixels, so that a codec keeps them, that move by a row of blocks with every frame.
_WALL = np.random.default_rng(3).integers(30, 220, (120, WIDTH // 8, 3), np.uint8)


def pictures(count, *, first=0, width=WIDTH, height=HEIGHT):
    """Return different pictures, alike enough to be a clip."""
    wall = _WALL.repeat(8, axis=0).repeat(8, axis=1)
    return [np.ascontiguousarray(wall[8 * n : 8 * n + height, :width]) for n in range(first, first + count)]


def make_clip(
    path: Path,
    frames,
    *,
    codec="libx264",
    pixel_format="yuv420p",
    rate=25,
    times=None,
    rotation=0,
    mirrored=False,
    options=None,
    container_options=None,
    form=None,
    metadata=None,
):
    """Write pictures as a clip; `times` are the frames' numbers, unless they come one after another."""
    if path.suffix == ".mp4" and container_options is None:
        container_options = {"movflags": "faststart"}
    with av.open(str(path), "w", format=form, options=container_options or {}) as file:
        stream = file.add_stream(codec, rate=rate)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt, stream.thread_count = pixel_format, 1
        stream.options = options or {}
        stream.metadata.update(metadata or {})
        if rotation or mirrored:
            stream.set_display_rotation(-rotation, hflip=mirrored)
        for number, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24" if picture.ndim == 3 else "gray")
            frame.pts = times[number] if times else number
            frame.time_base = 1 / Fraction(rate)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


LOSSLESS = {"codec": "ffv1", "pixel_format": "bgr0"}


def cut(path: Path, share: float) -> Path:
    """Keep only the beginning of a file, under another name."""
    data = path.read_bytes()
    short = path.with_name(f"cut-{path.name}")
    short.write_bytes(data[: int(len(data) * share)])
    return short
