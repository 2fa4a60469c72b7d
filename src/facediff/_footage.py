"""Clips as data sets hold them: a file, or a folder of numbered frames.

All that data sets ask of `facediff.video` is asked here.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple

from facediff._arrays import Picture
from facediff.images import read_image


class ClipFacts(NamedTuple):
    """What a clip says of itself; None = it does not."""

    width: int
    height: int
    frames: int | None
    rate: float | None


def read_facts(path: Path) -> ClipFacts:
    """Return what a clip says of itself; a folder says its frames, and no rate."""
    if path.is_dir():
        frames = _numbered(path)
        height, width = read_image(frames[0]).shape[:2]
        return ClipFacts(width, height, len(frames), None)
    from facediff import video

    info = video.clip_info(path)
    return ClipFacts(info.width, info.height, info.frames, None if info.rate is None else float(info.rate))


def first_frame(path: Path) -> Picture:
    """Return the first frame of a clip."""
    if path.is_dir():
        return read_image(_numbered(path)[0])
    from facediff import video

    return video.first_frame(path).picture


def frames_from(path: Path, start: int, *, every: int) -> Generator[Picture, None, None]:
    """Yield each `every`-th frame of a clip from `start` on."""
    if path.is_dir():
        yield from (read_image(frame) for frame in itertools.islice(_numbered(path), start, None, every))
        return
    from facediff import video

    with video.read_frames(path, start=start, every=every) as frames:
        yield from (frame.picture for frame in frames)


def measure_offset(real: Path, fake: Path) -> int | None:
    """Return how many frames the fake runs behind the real; None where that cannot be told."""
    if real.is_dir() or fake.is_dir():
        return None
    from facediff import video

    offset = video.measure_offset(real, fake)
    return offset.frames if offset.sure else None


def _numbered(folder: Path) -> list[Path]:
    """Return the frames in a folder: files called by a number, with a suffix or, as in VidTIMIT, without."""
    frames = [path for path in folder.iterdir() if path.stem.isdecimal() and path.is_file()]
    if not frames:
        raise ValueError(f"a folder of frames must hold pictures called by their numbers, got none in {folder}")
    return sorted(frames, key=lambda path: (int(path.stem), path.name))
