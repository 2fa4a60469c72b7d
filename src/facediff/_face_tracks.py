"""The same face through the frames of a clip: boxes that overlap from one frame to the next are linked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facediff._face_values import Face
from facediff.regions import Box

_PATIENCE = 5  # frames in which a face may be missed before its track ends


@dataclass(frozen=True, slots=True)
class FaceTrack:
    """One face through a clip.

    Attributes
    ----------
    number : int
        Which track of the clip it is, from 0 in the order of their first frames.
    frames : tuple of int
        The frames in which the face was found, rising. There may be gaps.
    faces : tuple of Face
        The face in each of these frames.
    """

    number: int
    frames: tuple[int, ...]
    faces: tuple[Face, ...]

    def __str__(self) -> str:
        """Return number, frames and first place in one line."""
        count = f"{len(self.frames)} frame{'' if len(self.frames) == 1 else 's'}"
        return f"face {self.number}: {count} from {self.frames[0]} to {self.frames[-1]}, first {self.faces[0].box}"


class Linker:
    """Gives each face of a frame the number of its track, frame by frame."""

    def __init__(self, min_iou: float) -> None:
        self._min_iou = min_iou
        self._begun = 0
        self._open: dict[int, tuple[Box, int]] = {}  # by track: its last box, and in how many frames it was missed

    def link(self, faces: Sequence[Face]) -> list[int]:
        """Return the number of each face's track; the pairs that overlap most are linked first."""
        pairs = sorted(
            (-overlap, track, place)
            for track, (box, _) in self._open.items()
            for place, face in enumerate(faces)
            if (overlap := box.iou(face.box)) >= self._min_iou
        )
        linked: dict[int, int] = {}
        for _, track, place in pairs:
            if place not in linked and track not in linked.values():
                linked[place] = track
        for place in range(len(faces)):
            if place not in linked:
                linked[place] = self._begun
                self._begun += 1
        missed = {
            track: (box, count + 1)
            for track, (box, count) in self._open.items()
            if track not in linked.values() and count < _PATIENCE
        }
        self._open = missed | {track: (faces[place].box, 0) for place, track in linked.items()}
        return [linked[place] for place in range(len(faces))]
