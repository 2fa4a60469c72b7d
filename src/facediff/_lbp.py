"""Frontal faces by local binary patterns, with scikit-image alone."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np

from facediff._arrays import Picture, check_number, check_picture
from facediff._face_values import Face, check_min_size, check_neighbors, gray8, without_doubles
from facediff.regions import Box

_WINDOW = 24  # side of what the cascade sees
_STEP = 1.0  # every place is looked at
_LEAST_SHARE = 10  # the shorter side over the side of the smallest face
_CURE = "pip install --force-reinstall --no-deps scikit-image"


class LBPDetector:
    """Frontal faces, by a cascade of local binary patterns [1]_ that scikit-image ships; needs no extra.

    It has neither scores nor landmarks, and more false alarms than `MTCNNDetector`. It works on OpenCV 4 and 5.

    Parameters
    ----------
    scale_factor : float
        Between one size of face that is searched and the next, in [1.01, 2]; less = slower, finds more.
    min_neighbors : int
        So many overlapping hits make a face, at least 1; more = fewer false alarms, fewer faces.
    min_size : int, optional
        Side of the smallest face in pixels, at least 24; a tenth of the picture's shorter side by default.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of its range.
    FileNotFoundError, ValueError
        If scikit-image's cascade file is missing or damaged.

    References
    ----------
    .. [1] Liao, S., Zhu, X., Lei, Z., Zhang, L., Li, S. Z. (2007). Learning multi-scale block local binary patterns for
       face recognition. Advances in Biometrics, 828-837. :doi:`10.1007/978-3-540-74549-5_87`

    Examples
    --------
    >>> import skimage
    >>> from facediff.faces import LBPDetector
    >>> faces = LBPDetector().detect(skimage.data.astronaut())
    >>> print(len(faces), faces[0].score)
    1 None
    """

    def __init__(self, *, scale_factor: float = 1.1, min_neighbors: int = 8, min_size: int | None = None) -> None:
        self._scale_factor = check_number(scale_factor, "scale_factor", low=1.01, high=2)
        self._min_neighbors = check_neighbors(min_neighbors)
        self._min_size = check_min_size(min_size, _WINDOW)
        self._cascade = _load()

    def detect(self, picture: Picture, *, data_range: float | None = None) -> tuple[Face, ...]:
        """Return the frontal faces of a picture, the largest first.

        Parameters
        ----------
        picture : ndarray, (H, W) or (H, W, 3)
            Gray or RGB: uint8, uint16, float32 or float64. What is not 8 bit gray is converted to it.
        data_range : float, optional
            The value of white. Needed for float pictures.

        Returns
        -------
        tuple of Face
            Without score and landmarks; of boxes that share half of the smaller one, the larger one. Empty if there
            is none.

        Raises
        ------
        TypeError, ValueError
            If the picture's kind, shape or values do not fit.
        """
        checked, limit = check_picture(picture, data_range=data_range)
        gray = gray8(checked, limit).astype(np.int16)
        # The cascade compares sums of equally large blocks, in single precision: small ones are exact.
        gray -= np.int16(round(float(gray.mean())))
        shorter = min(gray.shape)
        least = max(shorter // _LEAST_SHARE, _WINDOW) if self._min_size is None else self._min_size
        if least > shorter:
            return ()
        found = self._cascade.detect_multi_scale(
            gray, self._scale_factor, _STEP, (least, least), (shorter, shorter), self._min_neighbors
        )
        boxes = [Box.from_xywh(each["c"], each["r"], each["width"], each["height"]) for each in found]
        boxes.sort(key=lambda box: (-box.area, box))
        return tuple(without_doubles(Face(box) for box in boxes))


def _load() -> Any:
    from skimage import data, feature

    files: Any = data  # untyped
    path = files.lbp_frontal_face_cascade_filename()
    try:
        return feature.Cascade(path)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"the model {path} is missing; {_CURE}") from error
    except (ParseError, AttributeError, TypeError, ValueError, IndexError) as error:  # as the file is read, unchecked
        raise ValueError(f"the model {path} is damaged; {_CURE}") from error
