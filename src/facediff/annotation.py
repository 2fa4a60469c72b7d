"""A clip to look at: the compared pair once more, with the boxes of its tracks and the numbers of every frame."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction

import numpy as np

from facediff._arrays import Picture, check_choice, check_path
from facediff._caption import Caption
from facediff._clip_writer import FORMATS
from facediff._clips import FramePair
from facediff._marks import Mark, check_result, marks_of, read_again
from facediff._progress import with_progress
from facediff.draw import draw_regions
from facediff.timeline import VideoComparison
from facediff.video import clip_info, write_video

_LINE_SHARE = 270  # as `draw_regions`
_THINNEST = 2  # of the lines: in H.264, two pixels of each row and column share one colour
_GAP_SHARE = 90  # the shorter side over the gap between the pictures
_LAYOUTS = ("beside", "overlay")
_USUAL_RATE = Fraction(25)


def annotate_video(
    result: VideoComparison, path: str | os.PathLike[str], *, layout: str = "beside", progress: bool = False
) -> None:
    """Write a clip of the compared pair with its tracks boxed and every frame's numbers below the picture.

    A track keeps its number and its colour through the whole clip. What passed the test in a frame and belongs to no
    track is boxed in light gray, without a number. Below stand the frame's index and time in the real clip, its SSIM
    and, as far as regions were looked for, its margin over the gate and its verdict. Nothing is written over the
    pictures but boxes and their numbers.

    Parameters
    ----------
    result : VideoComparison
        From `facediff.timeline.compare_videos`. Its clips are decoded once more, so they must still be there.
    path : str or os.PathLike
        The file to write: .mp4, .webp or .gif, as `facediff.video.write_video` takes it; whole or not at all.
    layout : {"beside", "overlay"}
        ``"beside"``: the real picture at the left, the fake one at the right. ``"overlay"``: only the fake one.
    progress : bool
        Whether to draw a progress bar on the standard error stream.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    OSError
        If a clip is gone or cannot be read, or the file not be written.
    ValueError
        If `layout` is another word, `path` has another suffix or is one of the compared clips, or the clips are not
        any more as they were compared.
    ImportError
        If PyAV is not installed; if `progress` needs tqdm and it is not installed.

    Notes
    -----
    The clip runs at the rate of the real one, divided by ``every``; where the rate varies, at its average. The times
    that are written are the true ones. Two 4K pictures side by side are wider than many players' 4096 pixels of H.264:
    there, ``"overlay"`` plays everywhere.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from facediff.annotation import annotate_video
    >>> from facediff.timeline import compare_videos
    >>> from facediff.video import clip_info, write_video
    >>> still = np.random.default_rng(0).integers(60, 90, (240, 320, 3), np.uint8)
    >>> edited = still.copy()
    >>> edited[80:160, 120:200] = 200
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     real, fake, both = (Path(folder) / name for name in ("real.mp4", "fake.mp4", "both.mp4"))
    ...     write_video(real, [still] * 5, rate=25)
    ...     write_video(fake, [edited] * 5, rate=25)
    ...     annotate_video(compare_videos(real, fake), both)
    ...     info = clip_info(both)
    >>> info.frames, info.width > 2 * 320, info.height > 240
    (5, True, True)
    """
    check_result(result)
    name = check_path(path, "path")
    check_choice(layout, "layout", _LAYOUTS)
    if not isinstance(progress, bool):
        raise TypeError(f"progress must be True or False, got {progress!r} ({type(progress).__name__})")
    _check_target(result, name)
    frames = read_again(result)
    with closing(frames):
        drawn = _drawn(frames, result, layout)
        counted = with_progress(drawn, progress, what=os.path.basename(name), total=result.index.size)
        write_video(name, counted, rate=_rate(result))


def _check_target(result: VideoComparison, name: str) -> None:
    """Refuse early what would fail after a long run, or destroy what is read."""
    suffix = os.path.splitext(name)[1].lower()
    if suffix not in FORMATS:
        raise ValueError(f"path must end in one of {', '.join(FORMATS)}, got {suffix!r} in {name}")
    if os.path.realpath(name) in (os.path.realpath(clip) for clip in (result.real, result.fake)):
        raise ValueError(f"path must be a file of its own, got {name}, which is one of the compared clips")


def _rate(result: VideoComparison) -> Fraction:
    """Return the rate to write at: that of the real clip, or what the times of its frames say."""
    rate = clip_info(result.real).rate
    if rate is not None:
        return rate / int(result.reading["every"] or 1)
    if result.time.size < 2:
        return _USUAL_RATE
    return Fraction(1 / float(np.median(np.diff(result.time)))).limit_denominator(1001)


def _drawn(frames: Iterator[tuple[int, FramePair]], result: VideoComparison, layout: str) -> Iterator[Picture]:
    height, width = result.shape
    gap = max(2, round(min(height, width) / _GAP_SHARE))
    lefts = (0,) if layout == "overlay" else (0, width + gap)
    caption = Caption(result, lefts, lefts[-1] + width)
    for place, pair in frames:
        marks = marks_of(result, place)
        shown = (pair.fake,) if layout == "overlay" else (pair.real, pair.fake)
        yield caption.under([_marked(picture, marks) for picture in shown], place)


def _marked(picture: Picture, marks: tuple[Mark, ...]) -> Picture:
    """Draw boxes, a colour at a time; the first tracks last, on top."""
    thickness = max(_THINNEST, round(min(picture.shape[:2]) / _LINE_SHARE))
    for color in reversed(dict.fromkeys(mark.color for mark in marks)):
        same = [mark for mark in marks if mark.color == color]
        labels = [str(mark.number) for mark in same] if same[0].number is not None else False
        picture = draw_regions(picture, [mark.box for mark in same], labels=labels, color=color, thickness=thickness)
    return picture


__all__ = ["annotate_video"]
