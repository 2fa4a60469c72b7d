"""Faces as plain values, and what a detector is."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias, runtime_checkable

import cv2
import numpy as np

from facediff._arrays import Picture, check_choice, check_number, check_whole
from facediff.draw import rgb8
from facediff.regions import Box

FaceKind = Literal["frontal", "profile", "eye", "smile"]
Point: TypeAlias = tuple[float, float]

KINDS: Final = ("frontal", "profile", "eye", "smile")
WHOLE: Final = ("frontal", "profile")
"""The kinds that are a face, not a part of one."""


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Five points of a face, each x, y in pixels of the picture; left and right as the picture shows them.

    Attributes
    ----------
    left_eye, right_eye : tuple of two float
        Middles of the eyes.
    nose : tuple of two float
        Tip of the nose.
    mouth_left, mouth_right : tuple of two float
        Corners of the mouth.
    """

    left_eye: Point
    right_eye: Point
    nose: Point
    mouth_left: Point
    mouth_right: Point

    @property
    def points(self) -> tuple[Point, ...]:
        """All five, in the order of the attributes."""
        return self.left_eye, self.right_eye, self.nose, self.mouth_left, self.mouth_right


@dataclass(frozen=True, slots=True)
class Face:
    """A face that a detector found, or an eye or a smile in one.

    Parameters
    ----------
    box : Box
        Its bounds. Those of the detectors here lie within the picture.
    kind : {"frontal", "profile", "eye", "smile"}
        What it is.
    score : float, optional
        How sure the detector is, more = surer, on a scale of its own: for `MTCNNDetector` a probability, for
        `HaarDetector` the number of hits that were merged. None if it does not say.
    landmarks : Landmarks, optional
        Eyes, nose and mouth. None if the detector does not find them.

    Raises
    ------
    TypeError
        If a value is of the wrong kind.
    ValueError
        If the kind is unknown, or the score is not a number.

    Examples
    --------
    >>> from facediff import Box
    >>> from facediff.faces import Face
    >>> print(Face(Box(10, 20, 50, 70)))
    frontal face 40x50 at (10, 20)
    """

    box: Box
    kind: FaceKind = "frontal"
    score: float | None = None
    landmarks: Landmarks | None = None

    def __post_init__(self) -> None:
        """Check all values: a misspelt kind would be no face to anything."""
        if not isinstance(self.box, Box):
            raise TypeError(f"box must be a Box, got {type(self.box).__name__}; make one with facediff.Box")
        check_choice(self.kind, "kind", KINDS)
        if self.score is not None:
            check_number(self.score, "score", low=-math.inf, high=math.inf)
        if self.landmarks is not None and not isinstance(self.landmarks, Landmarks):
            raise TypeError(f"landmarks must be Landmarks or None, got {type(self.landmarks).__name__}")

    def __str__(self) -> str:
        """Kind, size, place and score in one line."""
        name = f"{self.kind} face" if self.kind in WHOLE else self.kind
        return f"{name} {self.box}" + ("" if self.score is None else f", score {self.score:.4g}")


@runtime_checkable
class FaceDetector(Protocol):
    """Anything that finds faces: three detectors come with the package, others need but this method."""

    def detect(self, picture: Picture, *, data_range: float | None = None) -> tuple[Face, ...]:
        """Return the faces of a picture, the surest first.

        Parameters
        ----------
        picture : ndarray, (H, W) or (H, W, 3)
            Gray or RGB: uint8, uint16, float32 or float64.
        data_range : float, optional
            The value of white. Needed for float pictures.

        Returns
        -------
        tuple of Face
            Empty if there is none.
        """


def check_faces(faces: object) -> list[Face]:
    """Let in an iterable of faces."""
    if isinstance(faces, Face) or not isinstance(faces, Iterable):
        raise TypeError(
            f"faces must be an iterable of Face, got {type(faces).__name__}; "
            "pass what detector.detect(picture) returns, or a list even for one face"
        )
    chosen = list(faces)
    for index, face in enumerate(chosen):
        if not isinstance(face, Face):
            raise TypeError(
                f"faces must hold Face, got {type(face).__name__} at {index}; make one with facediff.faces.Face(box)"
            )
    return chosen


def box_of(face: object, name: str) -> Box:
    """Let in a face or a box, and return its box."""
    if isinstance(face, Face):
        return face.box
    if not isinstance(face, Box):
        raise TypeError(f"{name} must be a Face or a Box, got {type(face).__name__}; make one with facediff.Box")
    return face


def check_min_size(min_size: object, window: int) -> int | None:
    """Let in the side of the smallest face, at least what a detector's window is."""
    if min_size is None:
        return None
    side = check_whole(min_size, "min_size")
    if side < window:
        raise ValueError(f"min_size must be at least {window} pixels, the detector's own window, got {side}")
    return side


def check_neighbors(min_neighbors: object) -> int:
    """Let in the number of hits that make a face."""
    count = check_whole(min_neighbors, "min_neighbors")
    if count < 1:
        raise ValueError(f"min_neighbors must be at least 1, got {count}")
    return count


def gray8(picture: Picture, data_range: float) -> Picture:
    """Return a checked picture as 8 bit gray, for a detector."""
    if picture.ndim == 2 and picture.dtype == np.uint8 and data_range == 255:
        return picture
    return cv2.cvtColor(rgb8(picture, data_range), cv2.COLOR_RGB2GRAY)


def clip(box: Box, shape: tuple[int, ...]) -> Box | None:
    """Return the part of a box that lies within a picture, or None if nothing does."""
    left, top = max(box.left, 0), max(box.top, 0)
    right, bottom = min(box.right, shape[1]), min(box.bottom, shape[0])
    return Box(left, top, right, bottom) if left < right and top < bottom else None


def without_doubles(faces: Iterable[Face]) -> list[Face]:
    """Drop each face that shares half of itself, or of an earlier one, with an earlier one."""
    kept: list[Face] = []
    for face in faces:
        if all(_shared(face.box, other.box) <= 0.5 * min(face.box.area, other.box.area) for other in kept):
            kept.append(face)
    return kept


def _shared(one: Box, other: Box) -> int:
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(width, 0) * max(height, 0)
