"""Faces on a copy of a picture, each kind in its own colour and shape, with a legend."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import cv2
import numpy as np

from facediff._arrays import Picture, check_picture
from facediff._face_values import Face, FaceKind, check_faces
from facediff.draw import Color, draw_regions
from facediff.regions import Box

COLORS: Final[dict[FaceKind, Color]] = {
    "frontal": (0, 200, 80),
    "profile": (0, 90, 220),
    "eye": (215, 0, 20),
    "smile": (215, 0, 20),
}
"""RGB by kind: frontal green, profile blue, eye and smile red."""

_TEXTS: Final[dict[FaceKind, str]] = {
    "frontal": "frontal face",
    "profile": "profile face",
    "eye": "eye",
    "smile": "smile",
}
_ROUND = ("eye",)  # drawn as a circle; the rest as boxes
_LINE_SHARE = 270  # the shorter side over the width of a line, as facediff.draw has it
_POINT_SHARE = 40  # a face's shorter side over the radius of a landmark
_LETTER_SHARE, _LETTER = 40, 22  # the shorter side over a capital letter, and that in pixels at font scale 1
_SCALES = (0.4, 0.2)  # of letters: the smallest by the rule, and to make the legend fit
_MOST_SHARE = 0.5  # of the picture's width and height that the legend may take
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_PLATE, _INK = (20, 20, 20), (255, 255, 255)


def draw_faces(
    picture: Picture, faces: Iterable[Face], *, legend: bool = True, data_range: float | None = None
) -> Picture:
    """Draw faces on a copy of a picture: frontal green box, profile blue box, eye red circle, smile red box.

    Lines scale with the picture. Landmarks, where a face has them, are dots in the face's colour.

    Parameters
    ----------
    picture : ndarray, (H, W) or (H, W, 3)
        Gray or RGB: uint8, uint16, float32 or float64. It is not written to.
    faces : iterable of Face
        What to draw; the first of a kind comes to lie on top. What lies outside the picture is clipped.
    legend : bool
        Whether to say which colour is what, for the kinds that are drawn: in the corner where it hides least of the
        faces, if half the picture's width and height hold it.
    data_range : float, optional
        The value of white. Needed for float pictures.

    Returns
    -------
    ndarray of uint8, (H, W, 3)
        A new RGB picture.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If the picture's shape or values do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff import Box
    >>> from facediff.faces import Face, draw_faces
    >>> drawn = draw_faces(np.zeros((48, 64), np.uint8), [Face(Box(10, 20, 40, 40))], legend=False)
    >>> drawn.shape, drawn[20, 15].tolist()
    ((48, 64, 3), [0, 200, 80])
    """
    checked, limit = check_picture(picture, data_range=data_range)
    chosen = check_faces(faces)
    if not isinstance(legend, bool):
        raise TypeError(f"legend must be True or False, got {legend!r} ({type(legend).__name__})")
    canvas = draw_regions(checked, [], data_range=limit)
    line = max(1, round(min(canvas.shape[:2]) / _LINE_SHARE))
    for kind, color in COLORS.items():
        boxes = [face.box for face in chosen if face.kind == kind]
        if kind in _ROUND:
            for box in reversed(boxes):
                _draw_circle(canvas, box, line, color)
        elif boxes:
            canvas = draw_regions(canvas, boxes, color=color)
    for face in reversed(chosen):
        _draw_landmarks(canvas, face)
    shown = [kind for kind in COLORS if any(face.kind == kind for face in chosen)]
    if legend and shown:
        _draw_legend(canvas, shown, [face.box for face in chosen])
    return canvas


def _draw_circle(canvas: Picture, box: Box, line: int, color: Color) -> None:
    middle = ((box.left + box.right - 1) // 2, (box.top + box.bottom - 1) // 2)
    radius = max(1, round((box.width + box.height) / 4))
    cv2.circle(canvas, middle, radius, (255, 255, 255), line + 2 * max(1, round(line / 3)), cv2.LINE_AA)
    cv2.circle(canvas, middle, radius, color, line, cv2.LINE_AA)


def _draw_landmarks(canvas: Picture, face: Face) -> None:
    if face.landmarks is None:
        return
    radius = max(1, round(min(face.box.width, face.box.height) / _POINT_SHARE))
    for x, y in face.landmarks.points:
        cv2.circle(canvas, (round(x), round(y)), radius + 1, (255, 255, 255), cv2.FILLED, cv2.LINE_AA)
        cv2.circle(canvas, (round(x), round(y)), radius, COLORS[face.kind], cv2.FILLED, cv2.LINE_AA)


def _draw_legend(canvas: Picture, kinds: list[FaceKind], boxes: list[Box]) -> None:
    height, width = canvas.shape[:2]
    scale = max(min(height, width) / _LETTER_SHARE / _LETTER, _SCALES[0])
    while True:
        stroke, pad = max(1, round(1.6 * scale)), max(3, round(10 * scale))
        letters = max(cv2.getTextSize(_TEXTS[kind], _FONT, scale, stroke)[0][0] for kind in kinds)
        row = round(_LETTER * scale) + pad
        across, down = row + letters + 3 * pad, len(kinds) * row + pad
        if across <= _MOST_SHARE * width and down <= _MOST_SHARE * height:
            break
        scale *= 0.9
        if scale < _SCALES[1]:
            return  # a picture too small for any letter
    corners = [(x, y) for y in (0, height - down) for x in (0, width - across)]
    left, top = min(corners, key=lambda corner: _hidden(Box.from_xywh(corner[0], corner[1], across, down), boxes))
    canvas[top : top + down, left : left + across] = _PLATE
    swatch = row - pad
    for place, kind in enumerate(kinds):
        x, y = left + pad, top + pad + place * row
        _draw_swatch(canvas[y : y + swatch, x : x + swatch], kind, stroke)
        cv2.putText(canvas, _TEXTS[kind], (x + row, y + swatch), _FONT, scale, _INK, stroke, cv2.LINE_AA)


def _draw_swatch(patch: Picture, kind: FaceKind, stroke: int) -> None:
    side = patch.shape[0] - 1
    if kind in _ROUND:
        cv2.circle(patch, (side // 2, side // 2), side // 2, COLORS[kind], 1 + stroke, cv2.LINE_AA)
    else:
        cv2.rectangle(patch, (0, 0), (side, side), COLORS[kind], 1 + stroke)


def _hidden(plate: Box, boxes: list[Box]) -> int:
    hidden = np.zeros((plate.height, plate.width), np.bool_)
    for box in boxes:
        hidden[
            max(box.top - plate.top, 0) : max(box.bottom - plate.top, 0),
            max(box.left - plate.left, 0) : max(box.right - plate.left, 0),
        ] = True
    return int(hidden.sum())
