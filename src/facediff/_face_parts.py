"""Which pixel belongs to which part of a face: a geometry of ellipses and lines in units of the eye distance.

Along the line through the eyes, and down from its middle towards the mouth, with the eye distance as the unit:

* the face is an ellipse of half axes 1.1 and 1.4 around the point 0.5 below the middle of the eyes;
* each eye, brow included, an ellipse of 0.42 and 0.3 around 0.05 above the eye;
* the nose an ellipse of 0.3 and 0.42 around 0.2 above its tip;
* the mouth an ellipse, 0.15 wider on each side than from corner to corner and 0.3 high each way;
* of what remains of the face, forehead is above the eyes, jaw below the mouth, and cheeks lie between.

Where a head is turned the eyes come together, so the unit is the distance from the eyes to the mouth over 1.16 where
that is larger: 1.16 is the ratio of the two in a face seen from the front.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from facediff._face_values import Face, Landmarks, Point
from facediff.regions import Box

NAMES: Final = ("eyes", "nose", "mouth", "forehead", "cheeks", "jaw", "outside")
"""The parts, in the order of the numbers that `label_parts` gives them."""

_EYES, _NOSE, _MOUTH, _FOREHEAD, _CHEEKS, _JAW, _OUTSIDE = range(len(NAMES))

_EYES_TO_MOUTH = 1.16
# Half axes along and down, and how far down the middle lies from the point that it is tied to; in units.
_FACE = (1.1, 1.4, 0.5)
_EYE = (0.42, 0.3, -0.05)
_TIP = (0.3, 0.42, -0.2)
_LIPS = (0.15, 0.3, 0.0)  # the first on top of half the distance of the corners

# Shares of the width and height of the square boxes that cascades draw around frontal faces.
_AVERAGE = Landmarks((0.3, 0.39), (0.7, 0.39), (0.5, 0.64), (0.33, 0.8), (0.67, 0.8))


class _Frame(NamedTuple):
    """The axes of a face in the picture, and its unit in pixels."""

    eyes: npt.NDArray[np.float64]
    along: npt.NDArray[np.float64]
    down: npt.NDArray[np.float64]
    unit: float


def landmarks_of(face: Face) -> Landmarks:
    """Return a face's landmarks, or where they lie on average in its box."""
    if face.landmarks is not None:
        return face.landmarks
    return Landmarks(*(_in_box(face.box, point) for point in _AVERAGE.points))


def label_parts(face: Face, box: Box) -> npt.NDArray[np.uint8]:
    """Return for each pixel of a box, by its place in `NAMES`, which part of a face it belongs to."""
    landmarks = landmarks_of(face)
    left_eye, right_eye, nose, *mouth = (np.array(point, np.float64) for point in landmarks.points)
    frame = _frame(left_eye, right_eye, (mouth[0] + mouth[1]) / 2)
    y, x = np.mgrid[box.top : box.bottom, box.left : box.right]
    places = (np.stack((x, y), axis=-1) - frame.eyes) / frame.unit
    places = np.stack((places @ frame.along, places @ frame.down), axis=-1)  # along and down, in units

    lips = _placed(frame, (mouth[0] + mouth[1]) / 2)
    half_mouth = float(np.linalg.norm(mouth[1] - mouth[0])) / 2 / frame.unit
    labels = np.full(places.shape[:2], _CHEEKS, np.uint8)
    labels[places[..., 1] < 0] = _FOREHEAD
    labels[places[..., 1] > lips[1]] = _JAW
    labels[~_ellipse(places, np.zeros(2), _FACE)] = _OUTSIDE
    labels[_ellipse(places, lips, (_LIPS[0] + half_mouth, *_LIPS[1:]))] = _MOUTH
    labels[_ellipse(places, _placed(frame, nose), _TIP)] = _NOSE
    for eye in (left_eye, right_eye):
        labels[_ellipse(places, _placed(frame, eye), _EYE)] = _EYES
    return labels


def _in_box(box: Box, point: Point) -> Point:
    return box.left + point[0] * box.width, box.top + point[1] * box.height


def _frame(left_eye: npt.NDArray[Any], right_eye: npt.NDArray[Any], mouth: npt.NDArray[Any]) -> _Frame:
    eyes = (left_eye + right_eye) / 2
    apart, drop = float(np.linalg.norm(right_eye - left_eye)), float(np.linalg.norm(mouth - eyes))
    unit = max(apart, drop / _EYES_TO_MOUTH, 1.0)
    along = (right_eye - left_eye) / apart if apart > 0 else np.array((1.0, 0.0))
    down = np.array((-along[1], along[0]))
    if float(down @ (mouth - eyes)) < 0:  # a face upside down whose eyes were named by their sides in the picture
        down = -down
    return _Frame(eyes, along, down, unit)


def _placed(frame: _Frame, point: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return a point of the picture along and down, in units."""
    offset = (point - frame.eyes) / frame.unit
    return np.array((offset @ frame.along, offset @ frame.down))


def _ellipse(
    places: npt.NDArray[Any], middle: npt.NDArray[Any], axes: tuple[float, float, float]
) -> npt.NDArray[np.bool_]:
    across, down, shift = axes
    offset = (places - middle - (0, shift)) / (across, down)
    return np.asarray((offset**2).sum(axis=-1) <= 1, np.bool_)
