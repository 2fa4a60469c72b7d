"""Faces of a clip: followed from frame to frame, and cut out into files."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np

from facediff._arrays import Picture, check_number, check_path, check_whole
from facediff._face_crops import MARGIN, crop_face
from facediff._face_finding import check_detector, whole_faces
from facediff._face_tracks import FaceTrack, Linker
from facediff._face_values import Face, FaceDetector
from facediff.images import write_image

_MIN_IOU = 0.3


class ClipFrame(Protocol):
    """What is needed of a frame of a clip; those of ``facediff.video.read_frames`` have it."""

    @property
    def index(self) -> int:
        """Place in the clip, from 0."""

    @property
    def picture(self) -> Picture:
        """The frame, gray or RGB, of uint8 or uint16."""


Clip: TypeAlias = str | os.PathLike[str] | Iterable[ClipFrame]
_Numbered: TypeAlias = tuple[ClipFrame, list[tuple[int, Face]]]


def track_faces(
    clip: Clip,
    *,
    detector: FaceDetector | None = None,
    every: int = 1,
    min_iou: float = _MIN_IOU,
) -> tuple[FaceTrack, ...]:
    """Follow the faces of a clip from frame to frame.

    A face belongs to the track whose last box it overlaps most. A track ends when its face was missed in more than
    five of the frames that are looked at.

    Parameters
    ----------
    clip : str, os.PathLike or iterable of ClipFrame
        A file, which needs the extra ``facediff[video]``, or frames in their order, each with ``index`` and
        ``picture``.
    detector : FaceDetector, optional
        What finds the faces; ``MTCNNDetector()`` by default.
    every : int
        Look at every so many frames, at least 1.
    min_iou : float
        The least overlap that links two boxes, in [0.01, 1].

    Returns
    -------
    tuple of FaceTrack
        In the order of their first frames; empty if there is no face.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If a number is out of its range.
    ImportError
        If the default detector's package, or for a file the one that reads clips, is missing.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> import skimage
    >>> from facediff.faces import LBPDetector, track_faces
    >>> frames = [SimpleNamespace(index=index, picture=skimage.data.astronaut()) for index in range(2)]
    >>> (track,) = track_faces(frames, detector=LBPDetector())
    >>> track.number, track.frames
    (0, (0, 1))
    """
    found: dict[int, tuple[list[int], list[Face]]] = {}
    for frame, numbered in _follow(clip, detector, every, min_iou):
        for number, face in numbered:
            indices, faces = found.setdefault(number, ([], []))
            indices.append(frame.index)
            faces.append(face)
    return tuple(FaceTrack(number, tuple(found[number][0]), tuple(found[number][1])) for number in sorted(found))


def extract_faces(
    clip: Clip,
    folder: str | os.PathLike[str],
    *,
    tracks: Iterable[FaceTrack] | None = None,
    detector: FaceDetector | None = None,
    every: int = 1,
    margin: float = MARGIN,
    size: int | None = None,
) -> tuple[Path, ...]:
    """Cut the faces out of a clip, into numbered PNG files: all of them, or none if anything fails.

    The file of face 2 in frame 30 is ``face002_frame000030.png``. For the fake of a pair pass the tracks of its real
    clip: the same boxes then serve both, and the crops of the two folders fit each other.

    Parameters
    ----------
    clip : str, os.PathLike or iterable of ClipFrame
        See `track_faces`.
    folder : str or os.PathLike
        A folder that does not exist yet or is empty, in one that exists.
    tracks : iterable of FaceTrack, optional
        From `track_faces`, where the faces are; they are looked for by default.
    detector, every
        See `track_faces`; not together with `tracks`.
    margin, size
        See `crop_face`.

    Returns
    -------
    tuple of Path
        The files, in the order of their frames.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If a number is out of its range, the clip lacks a frame of `tracks`, or a face lies outside of its frame.
    FileExistsError, FileNotFoundError, OSError
        If the folder is not empty, the one that it lies in is missing, or a file cannot be written.
    ImportError
        As `track_faces`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from types import SimpleNamespace
    >>> import skimage
    >>> from facediff.faces import LBPDetector, extract_faces
    >>> frames = [SimpleNamespace(index=index, picture=skimage.data.astronaut()) for index in range(2)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in extract_faces(frames, Path(folder) / "faces", detector=LBPDetector(), size=64)]
    ['face000_frame000000.png', 'face000_frame000001.png']
    """
    if tracks is None:
        numbered = _follow(clip, detector, every, _MIN_IOU)
    else:
        chosen = _check_tracks(tracks)
        if detector is not None or every != 1:
            raise ValueError("tracks say where the faces are; leave out detector and every, or tracks")
        numbered = _at_tracks(clip, chosen)
    with _new_folder(folder) as (unfinished, finished):
        names = []
        for frame, faces in numbered:
            for number, face in faces:
                names.append(f"face{number:03d}_frame{frame.index:06d}.png")
                write_image(unfinished / names[-1], crop_face(frame.picture, face, margin=margin, size=size))
    return tuple(finished / name for name in names)


def _follow(clip: Clip, detector: FaceDetector | None, every: int, min_iou: float) -> Iterator[_Numbered]:
    """Return the frames that are looked at, each with its faces and the numbers of their tracks."""
    step = check_whole(every, "every")
    if step < 1:
        raise ValueError(f"every must be at least 1, got {step}")
    linker = Linker(check_number(min_iou, "min_iou", low=0.01, high=1))
    finder = check_detector(detector)

    def look() -> Iterator[_Numbered]:
        with _frames(clip) as frames:
            for place, frame in enumerate(frames):
                if place % step == 0:
                    faces = whole_faces(finder, frame.picture, None)
                    yield frame, list(zip(linker.link(faces), faces, strict=True))

    return look()


def _at_tracks(clip: Clip, tracks: list[FaceTrack]) -> Iterator[_Numbered]:
    """Return the frames of a clip that known tracks run through, each with the faces there."""
    left: dict[int, list[tuple[int, Face]]] = {}
    for track in tracks:
        for index, face in zip(track.frames, track.faces, strict=True):
            left.setdefault(index, []).append((track.number, face))
    with _frames(clip) as frames:
        for frame in frames:
            if frame.index in left:
                yield frame, left.pop(frame.index)
    if left:
        raise ValueError(
            f"clip must hold every frame of tracks, got none of index {min(left)}; "
            "pass the tracks of this clip, or of the real one of its pair"
        )


def _check_tracks(tracks: object) -> list[FaceTrack]:
    if isinstance(tracks, FaceTrack) or not isinstance(tracks, Iterable):
        raise TypeError(f"tracks must be an iterable of FaceTrack, got {type(tracks).__name__}; pass track_faces(clip)")
    chosen = list(tracks)
    for index, track in enumerate(chosen):
        if not isinstance(track, FaceTrack):
            raise TypeError(f"tracks must hold FaceTrack, got {type(track).__name__} at {index}")
    return chosen


@contextmanager
def _frames(clip: Clip) -> Iterator[Iterable[ClipFrame]]:
    if isinstance(clip, (str, os.PathLike)):
        from facediff.video import read_frames

        with read_frames(clip) as frames:
            yield frames
    elif isinstance(clip, np.ndarray) or not isinstance(clip, Iterable):
        raise TypeError(
            f"clip must be a path or an iterable of frames with index and picture, got {type(clip).__name__}"
        )
    else:
        yield (_check_frame(frame, place) for place, frame in enumerate(clip))


def _check_frame(frame: ClipFrame, place: int) -> ClipFrame:
    if not (hasattr(frame, "index") and hasattr(frame, "picture")):
        raise TypeError(
            f"clip must hold frames with index and picture, got {type(frame).__name__} at {place}; "
            "read them with facediff.video.read_frames"
        )
    return frame


@contextmanager
def _new_folder(folder: str | os.PathLike[str]) -> Iterator[tuple[Path, Path]]:
    """Make a folder under another name, and give it its own once it is whole."""
    finished = Path(check_path(folder, "folder"))
    if finished.exists() and not (finished.is_dir() and not any(finished.iterdir())):
        raise FileExistsError(f"{finished} must be empty or not exist yet; choose another folder, or empty it first")
    if not finished.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {finished.parent} to make {finished.name} in; create it first")
    unfinished = finished.parent / f".facediff-{secrets.token_hex(8)}.tmp"
    unfinished.mkdir()
    try:
        yield unfinished, finished
        if finished.exists():
            finished.rmdir()  # empty; Windows does not replace it
        unfinished.rename(finished)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
