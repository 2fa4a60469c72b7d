"""Clips compared: numbers of every frame, changed regions followed through time, spans that are manipulated.

`compare_frames` yields as it goes; `compare_videos` runs through two clips and says what there was. Neither keeps
pictures, so that memory does not grow with the clip.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt

from facediff import _tables
from facediff._arrays import Map, frozen
from facediff._clips import FramePair
from facediff._frame_comparison import FrameComparison as FrameComparison
from facediff._frame_comparison import Look, compared
from facediff._highlights import Highlight as Highlight
from facediff._highlights import Highlights
from facediff._progress import with_progress
from facediff._tracks import Segment as Segment
from facediff._tracks import Sighting, link, segments
from facediff._tracks import Track as Track
from facediff._versions import Versions, versions
from facediff.localise import RECIPES
from facediff.regions import Box
from facediff.video import clip_info, frame_pairs

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class VideoComparison:
    """What `compare_videos` found; frozen, its arrays read-only, an entry for each compared frame.

    Attributes
    ----------
    real, fake : str
        The two files.
    index : ndarray of int64, (n,)
        Numbers of the real frames in their clip.
    time : ndarray of float64, (n,)
        When they are shown, in seconds.
    mse, psnr, ssim : ndarray of float64, (n,)
        As `facediff.Comparison` has them.
    margin : ndarray of float64, (n,)
        The largest evidence over what coding alone may reach; not a number without a test.
    manipulated : ndarray of bool, (n,)
        Whether the frame passes the test by itself, or a track was seen in it.
    area : ndarray of int64, (n,)
        Changed pixels.
    boxes : tuple of tuple of Box
        The regions of every frame that passed the test by themselves, strongest first.
    refused : tuple of tuple of (int, str)
        Frames whose regions were not looked for, since the two are shifted, with the reason.
    tracks : tuple of Track
        Changed regions through time, in order of their beginning.
    segments : tuple of Segment
        The spans of the clip that the tracks cover: where it is manipulated.
    highlights : tuple of Highlight
        The frames that differ most, half a second apart at least, with small pictures.
    mean_evidence : ndarray of float32, (H, W), or None
        Mean of the evidence over all frames in which regions were looked for.
    shape : tuple of int
        Height and width of the pictures.
    reading : dict
        How the clips were read: ``start``, ``stop``, ``every``, ``offset``, ``length``, ``rate``.
    recipe : str or None
        Name of the recipe; None if only metrics were asked for.
    recipe_version : int or None
        Rises whenever the recipe's answers change.
    parameters : dict
        What it was run with.
    versions : Versions
        What computed this.
    """

    real: str
    fake: str
    index: npt.NDArray[np.int64] = field(repr=False)
    time: npt.NDArray[np.float64] = field(repr=False)
    mse: npt.NDArray[np.float64] = field(repr=False)
    psnr: npt.NDArray[np.float64] = field(repr=False)
    ssim: npt.NDArray[np.float64] = field(repr=False)
    margin: npt.NDArray[np.float64] = field(repr=False)
    manipulated: npt.NDArray[np.bool_] = field(repr=False)
    area: npt.NDArray[np.int64] = field(repr=False)
    boxes: tuple[tuple[Box, ...], ...] = field(repr=False)
    refused: tuple[tuple[int, str], ...] = field(repr=False)
    tracks: tuple[Track, ...]
    segments: tuple[Segment, ...]
    highlights: tuple[Highlight, ...] = field(repr=False)
    mean_evidence: Map | None = field(repr=False)
    shape: tuple[int, int]
    reading: dict[str, int | str | None]
    recipe: str | None
    recipe_version: int | None
    parameters: dict[str, float]
    versions: Versions

    def __str__(self) -> str:
        """Frames, metrics, tracks and segments in one line."""
        count = self.index.size
        text = f"{count} frame{'' if count == 1 else 's'} compared, mean SSIM {self.ssim.mean():.4f}: "
        if self.recipe is None:
            return text + "no regions looked for"
        if not self.tracks:
            text += "nothing changed"
        else:
            tracks = f"{len(self.tracks)} track{'' if len(self.tracks) == 1 else 's'}"
            text += f"{tracks}, manipulated in {'; '.join(map(str, self.segments))}"
        text += f", by recipe {self.recipe}"
        if self.refused:
            count = len(self.refused)
            first, reason = self.refused[0]
            text += f"; {count} frame{'' if count == 1 else 's'} refused, the first {first}: {reason}"
        return text

    def to_dataframe(self) -> pd.DataFrame:
        """Return the series as a pandas data frame, a row for each compared frame.

        Returns
        -------
        pandas.DataFrame
            Indexed by ``index``, with columns ``time``, ``mse``, ``psnr``, ``ssim``, ``margin``, ``manipulated``,
            ``area`` and ``boxes``, a tuple of ``(left, top, right, bottom)``.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        _tables.need_pandas()
        import pandas as pd

        names = ("time", "mse", "psnr", "ssim", "margin", "manipulated", "area")
        columns = {name: getattr(self, name) for name in names}
        boxes = [tuple(box.xyxy for box in each) for each in self.boxes]
        return pd.DataFrame({**columns, "boxes": boxes}, index=pd.Index(self.index, name="index"))


def compare_frames(
    pairs: Iterable[FramePair],
    *,
    recipe: str | None = "noise-aware",
    false_alarm_rate: float | None = None,
    align: bool = False,
) -> Iterator[FrameComparison]:
    """Compare pairs of frames one after the other, for those who want to act before a clip is over.

    Parameters
    ----------
    pairs : iterable of FramePair
        Such as `facediff.video.frame_pairs` reads.
    recipe : str or None
        As `facediff.find_regions` takes it; None = metrics only, which is far quicker.
    false_alarm_rate : float, optional
        The share of merely re-encoded frames that may be called manipulated; 0.01 by default.
    align : bool
        As `facediff.find_regions` takes it, frame by frame.

    Returns
    -------
    iterator of FrameComparison
        In the order of the pairs. A few frames are computed ahead, on all cores. A frame that is shifted by more than
        half a pixel comes with ``refused``.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If the recipe is unknown or does not take an argument that was given; while iterating, whatever the pairs
        raise, and if ten frames in a row, or all of fewer, are refused as shifted.

    See Also
    --------
    compare_videos : Two clips as a whole.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.timeline import compare_frames
    >>> from facediff.video import FramePair
    >>> real = np.full((64, 64, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[20:30, 20:40] = 200
    >>> pairs = [FramePair(0, 0.0, real, real), FramePair(1, 0.04, real, fake)]
    >>> [frame.manipulated for frame in compare_frames(pairs)]
    [False, True]
    """
    if not isinstance(pairs, Iterable):
        raise TypeError(
            f"pairs must be an iterable of FramePair, got {type(pairs).__name__}; read them with "
            "facediff.video.frame_pairs"
        )
    looked = compared(pairs, Look.checked(recipe, false_alarm_rate, align))
    return (frame for frame, _ in looked)


def compare_videos(
    real: str | os.PathLike[str],
    fake: str | os.PathLike[str],
    *,
    recipe: str | None = "noise-aware",
    false_alarm_rate: float | None = None,
    align: bool = False,
    start: int | None = None,
    stop: int | None = None,
    every: int = 1,
    offset: int = 0,
    length: str = "equal",
    rate: str = "equal",
    progress: bool = False,
) -> VideoComparison:
    """Compare a real and a fake clip frame by frame, and follow what was changed through time.

    A frame's regions are linked to those of the frames before it by place. What is seen in three frames by the test
    alone is a track; between two such frames it is held by weaker evidence too, which ten times as many merely
    re-encoded frames would show.

    Parameters
    ----------
    real, fake : str or os.PathLike
        The clips.
    recipe : str or None
        As `facediff.find_regions` takes it; None = metrics only, which is far quicker.
    false_alarm_rate : float, optional
        The share of merely re-encoded frames that may be called manipulated; 0.01 by default. Tracks are far rarer.
    align : bool
        As `facediff.find_regions` takes it, frame by frame.
    start, stop, every, offset, length, rate
        As `facediff.video.frame_pairs` takes them.
    progress : bool
        Whether to draw a progress bar on the standard error stream.

    Returns
    -------
    VideoComparison
        Series over the frames, tracks, segments, the frames that differ most.

    Raises
    ------
    TypeError, OSError, ImportError
        As `facediff.video.frame_pairs`.
    ValueError
        As `facediff.video.frame_pairs`; if the recipe is unknown or does not take an argument that was given; if ten
        frames in a row, or all of fewer, are shifted by more than half a pixel.

    See Also
    --------
    compare_frames : Frame by frame, as it goes.
    facediff.video.measure_offset : By how many frames two clips lie apart.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from facediff.timeline import compare_videos
    >>> from facediff.video import write_video
    >>> still = np.random.default_rng(0).integers(60, 90, (64, 96, 3), np.uint8)
    >>> edited = still.copy()
    >>> edited[20:40, 30:60] = 200
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     real, fake = Path(folder) / "real.mp4", Path(folder) / "fake.mp4"
    ...     write_video(real, [still] * 20, rate=25)
    ...     write_video(fake, [still] * 5 + [edited] * 10 + [still] * 5, rate=25)
    ...     result = compare_videos(real, fake)
    >>> [(segment.start, segment.stop) for segment in result.segments]
    [(5, 15)]
    """
    look = Look.checked(recipe, false_alarm_rate, align)
    reading = {"start": start, "stop": stop, "every": every, "offset": offset, "length": length, "rate": rate}
    with frame_pairs(real, fake, start=start, stop=stop, every=every, offset=offset, length=length, rate=rate) as pairs:
        total = _expected(real, max(start or 0, -offset), stop, every) if progress else None
        gathered = _Gathered()
        for frame, sightings in with_progress(compared(pairs, look), progress, what="comparing", total=total):
            gathered.add(frame, sightings)
    return gathered.result(os.fspath(real), os.fspath(fake), look, reading)


def _expected(real: str | os.PathLike[str], start: int, stop: int | None, every: int) -> int | None:
    """Return how many frames will come, for the progress bar, or None if the clip does not say."""
    frames = clip_info(real).frames
    if frames is None:
        return None
    return len(range(start, frames if stop is None else min(stop, frames), every))


_KINDS = (np.int64, *[np.float64] * 5, np.bool_, np.int64)  # of the rows: NumPy's own choice depends on the machine


class _Gathered:
    """What is kept of the frames as they go by: numbers and boxes, and one map for all."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, float, float, float, float, float, bool, int]] = []
        self._boxes: list[tuple[Box, ...]] = []
        self._sightings: list[tuple[Sighting, ...]] = []
        self._refused: list[tuple[int, str]] = []
        self._highlights = Highlights()
        self._evidence: npt.NDArray[np.float64] | None = None
        self._looked = 0
        self._shape = (0, 0)

    def add(self, frame: FrameComparison, sightings: tuple[Sighting, ...]) -> None:
        """Take in one frame."""
        area = sum(region.area for region in frame.regions)
        metrics = frame.mse, frame.psnr, frame.ssim, frame.margin
        self._rows.append((frame.index, frame.time, *metrics, frame.manipulated, area))
        self._boxes.append(tuple(region.box for region in frame.regions))
        self._sightings.append(sightings)
        self._shape = frame.real.shape[:2]
        if frame.refused:
            self._refused.append((frame.index, frame.refused))
        else:
            self._highlights.offer(frame)
        if frame.evidence is not None:
            if self._evidence is None:
                self._evidence = np.zeros(self._shape, np.float64)
            cv2.accumulate(frame.evidence, self._evidence)
            self._looked += 1

    def result(self, real: str, fake: str, look: Look, reading: dict[str, int | str | None]) -> VideoComparison:
        """Link what was gathered."""
        columns = zip(*self._rows, strict=True)
        series: list[npt.NDArray[Any]] = [np.array(each, kind) for each, kind in zip(columns, _KINDS, strict=True)]
        index, time, mse, psnr, ssim, margin, manipulated, area = series
        interval = float(np.median(np.diff(time))) if time.size > 1 else 0.0
        tracks = link(self._sightings, index, interval=interval)
        for track in tracks:
            manipulated |= np.isin(index, track.frames)
        mean = None if self._evidence is None else frozen((self._evidence / self._looked).astype(np.float32))
        return VideoComparison(
            real=real,
            fake=fake,
            index=frozen(index),
            time=frozen(time),
            mse=frozen(mse),
            psnr=frozen(psnr),
            ssim=frozen(ssim),
            margin=frozen(margin),
            manipulated=frozen(manipulated),
            area=frozen(area),
            boxes=tuple(self._boxes),
            refused=tuple(self._refused),
            tracks=tracks,
            segments=tuple(segments(tracks, time, index)),
            highlights=self._highlights.strongest_first(),
            mean_evidence=mean,
            shape=self._shape,
            reading=reading,
            recipe=look.recipe,
            recipe_version=None if look.recipe is None else RECIPES[look.recipe].version,
            parameters=look.parameters(),
            versions=versions(),
        )
