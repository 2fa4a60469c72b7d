"""Frontal and profile faces, eyes and smiles by OpenCV's Haar cascades."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import cv2
import numpy as np

from facediff._arrays import Picture, check_choice, check_number, check_picture
from facediff._face_values import WHOLE, Face, FaceKind, check_min_size, check_neighbors, gray8, without_doubles
from facediff.regions import Box

_CV: Any = cv2  # its stubs are of the version installed, and OpenCV 5 has no cascades
_WINDOW = 24  # side of what the cascades for faces see
_LEAST_SHARE = 20  # the shorter side over the side of the smallest face
_CURE = "pip install --force-reinstall --no-deps opencv-python"


class _Part(NamedTuple):
    """How eyes or smiles are searched in a face."""

    rows: tuple[float, float]  # shares of the face's height
    sizes: tuple[float, float]  # of its width
    scale_factor: float
    min_neighbors: int
    each_side: bool  # one on either side of the middle, or one in all


_FILES: Final[dict[FaceKind, str]] = {
    "frontal": "haarcascade_frontalface_default.xml",
    "profile": "haarcascade_profileface.xml",
    "eye": "haarcascade_eye.xml",
    "smile": "haarcascade_smile.xml",
}
_PARTS: Final[dict[FaceKind, _Part]] = {
    "eye": _Part((0.0, 0.55), (0.15, 0.45), 1.05, 5, True),
    "smile": _Part((0.5, 1.0), (0.25, 0.8), 1.1, 20, False),
}
KINDS: Final = tuple(_FILES)


class HaarDetector:
    """Faces, eyes and smiles by OpenCV's Haar cascades [1]_; needs OpenCV 4: the extra ``facediff[haar]``.

    Eyes are searched in the upper part of a face only and smiles in its lower half, at most two and one: what looks
    like an eye elsewhere is not reported. One detector may be used by several threads, which then wait for each
    other.

    Parameters
    ----------
    kinds : sequence of {"frontal", "profile", "eye", "smile"}
        What to search; all by default. "profile" looks both ways and is the slowest. Eyes and smiles lie in the
        frontal and profile faces that are searched, so at least one of these two is needed.
    scale_factor : float
        Between one size of face that is searched and the next, in [1.01, 2]; less = slower, finds more.
    min_neighbors : int
        So many overlapping hits make a face, at least 1; more = fewer false alarms, fewer faces.
    min_size : int, optional
        Side of the smallest face in pixels, at least 24; a twentieth of the picture's shorter side by default.

    Raises
    ------
    ImportError
        If OpenCV has no ``CascadeClassifier``, as OpenCV 5.
    TypeError, ValueError
        If an argument is of the wrong kind or out of its range.
    FileNotFoundError, ValueError
        If a cascade file is missing or damaged.

    References
    ----------
    .. [1] Viola, P., Jones, M. (2001). Rapid object detection using a boosted cascade of simple features. CVPR.
       :doi:`10.1109/CVPR.2001.990517`

    Examples
    --------
    >>> import cv2, skimage
    >>> from facediff.faces import HaarDetector
    >>> if hasattr(cv2, "CascadeClassifier"):
    ...     faces = HaarDetector(kinds=["frontal", "eye"]).detect(skimage.data.astronaut())
    ...     assert [face.kind for face in faces] == ["frontal", "eye", "eye"]
    """

    def __init__(
        self,
        *,
        kinds: Sequence[FaceKind] = KINDS,
        scale_factor: float = 1.1,
        min_neighbors: int = 5,
        min_size: int | None = None,
    ) -> None:
        self._kinds = _check_kinds(kinds)
        self._scale_factor = check_number(scale_factor, "scale_factor", low=1.01, high=2)
        self._min_neighbors = check_neighbors(min_neighbors)
        self._min_size = check_min_size(min_size, _WINDOW)
        if not hasattr(_CV, "CascadeClassifier"):
            raise ImportError(
                f"HaarDetector needs OpenCV 4, whose cascades OpenCV 5 no longer has, got {cv2.__version__}; "
                'pip install "facediff[haar]", or use MTCNNDetector or LBPDetector'
            )
        self._cascades = {kind: _load(_FILES[kind]) for kind in KINDS if kind in self._kinds}
        self._lock = threading.Lock()  # a cascade holds the picture that it works on

    def detect(self, picture: Picture, *, data_range: float | None = None) -> tuple[Face, ...]:
        """Return the faces of a picture, frontal ones first, the surest first, each followed by its eyes and smile.

        Parameters
        ----------
        picture : ndarray, (H, W) or (H, W, 3)
            Gray or RGB: uint8, uint16, float32 or float64. What is not 8 bit gray is converted to it.
        data_range : float, optional
            The value of white. Needed for float pictures.

        Returns
        -------
        tuple of Face
            The score is the number of hits that were merged. A face that both cascades find is "frontal". Empty if
            there is none.

        Raises
        ------
        TypeError, ValueError
            If the picture's kind, shape or values do not fit.
        """
        checked, limit = check_picture(picture, data_range=data_range)
        gray = gray8(checked, limit)
        with self._lock:
            faces = without_doubles([*self._search_frontal(gray), *self._search_profiles(gray)])
            return tuple(each for face in faces for each in (face, *self._search_parts(gray, face)))

    def _search_frontal(self, gray: Picture) -> list[Face]:
        return self._search_faces(gray, "frontal") if "frontal" in self._kinds else []

    def _search_profiles(self, gray: Picture) -> list[Face]:
        """Search faces that look left, and in the mirrored picture those that look right."""
        if "profile" not in self._kinds:
            return []
        found = self._search_faces(gray, "profile")
        for face in self._search_faces(np.ascontiguousarray(gray[:, ::-1]), "profile"):
            box, width = face.box, gray.shape[1]
            found.append(Face(Box(width - box.right, box.top, width - box.left, box.bottom), "profile", face.score))
        return _surest_first(found)

    def _search_faces(self, gray: Picture, kind: FaceKind) -> list[Face]:
        least = max(min(gray.shape) // _LEAST_SHARE, _WINDOW) if self._min_size is None else self._min_size
        found = self._cascades[kind].detectMultiScale2(
            gray, scaleFactor=self._scale_factor, minNeighbors=self._min_neighbors, minSize=(least, least)
        )
        return _surest_first(_faces(found, kind, 0, 0))

    def _search_parts(self, gray: Picture, face: Face) -> Iterator[Face]:
        for kind, how in _PARTS.items():
            if kind not in self._kinds:
                continue
            top, bottom = (face.box.top + round(share * face.box.height) for share in how.rows)
            least, most = (round(share * face.box.width) for share in how.sizes)
            found = self._cascades[kind].detectMultiScale2(
                np.ascontiguousarray(gray[top:bottom, face.box.left : face.box.right]),
                scaleFactor=how.scale_factor,
                minNeighbors=how.min_neighbors,
                minSize=(least, least // 2),
                maxSize=(most, most),
            )
            parts = without_doubles(_surest_first(_faces(found, kind, face.box.left, top)))
            middle = face.box.left + face.box.right
            left = [part for part in parts if part.box.left + part.box.right < middle]
            right = [part for part in parts if part not in left]
            yield from (left[:1] + right[:1] if how.each_side else parts[:1])


def _faces(found: Any, kind: FaceKind, left: int, top: int) -> list[Face]:
    boxes, counts = found
    return [
        Face(Box.from_xywh(left + int(x), top + int(y), int(width), int(height)), kind, float(count))
        for (x, y, width, height), count in zip(boxes, counts, strict=True)
    ]


def _surest_first(faces: list[Face]) -> list[Face]:
    return sorted(faces, key=lambda face: (-(face.score or 0), face.box))


def _load(name: str) -> Any:
    path = os.path.join(_CV.data.haarcascades, name)
    if not os.path.isfile(path):
        raise FileNotFoundError(f"the model {path} is missing; {_CURE}")
    try:
        cascade = _CV.CascadeClassifier(path)
        empty = cascade.empty()
    except (cv2.error, SystemError):  # the latter where OpenCV raises in a constructor
        empty = True
    if empty:
        raise ValueError(f"the model {path} is damaged; {_CURE}")
    return cascade


def _check_kinds(kinds: object) -> frozenset[str]:
    if isinstance(kinds, str) or not isinstance(kinds, Sequence):
        raise TypeError(f"kinds must be a sequence of str, got {kinds!r}; pass a list even for one kind")
    chosen = frozenset(check_choice(kind, "kinds", KINDS) for kind in kinds)
    if not chosen & set(WHOLE):
        raise ValueError(
            f"kinds must hold 'frontal' or 'profile', got {list(kinds)}; eyes and smiles are searched in faces only"
        )
    return chosen
