"""Crops of faces: the box with a margin, clipped where the picture ends."""

from __future__ import annotations

import cv2
import numpy as np

from facediff._arrays import Picture, check_number, check_pair, check_picture, check_whole
from facediff._face_values import Face, box_of, clip
from facediff.regions import Box

MARGIN = 0.3
_WIDEST_MARGIN = 10.0


def crop_face(
    picture: Picture,
    face: Face | Box,
    *,
    margin: float = MARGIN,
    size: int | None = None,
    data_range: float | None = None,
) -> Picture:
    """Cut a face out of a picture.

    Parameters
    ----------
    picture : ndarray, (H, W) or (H, W, 3)
        Gray or RGB: uint8, uint16, float32 or float64. It is not written to.
    face : Face or Box
        What to cut out.
    margin : float
        How much is added on each side, as a share of the box's width and height, in [0, 10]. Where the picture ends
        the crop ends too: nothing is padded, so there it is smaller.
    size : int, optional
        Length of the crop's longer side in pixels; it is scaled and keeps its proportions. Its own size by default.
    data_range : float, optional
        The value of white. Needed for float pictures.

    Returns
    -------
    ndarray, (h, w) or (h, w, 3)
        A new array in the picture's dtype.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If the picture's shape or values do not fit, the box lies outside of it, or a number is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff import Box
    >>> from facediff.faces import crop_face
    >>> picture = np.zeros((100, 100), np.uint8)
    >>> crop_face(picture, Box(30, 40, 50, 60)).shape
    (32, 32)
    >>> crop_face(picture, Box(0, 40, 20, 60), size=64).shape
    (64, 52)
    """
    checked, _ = check_picture(picture, data_range=data_range)
    return _cut(checked, crop_box(box_of(face, "face"), checked.shape, margin), size)


def crop_pair(
    real: Picture,
    fake: Picture,
    box: Face | Box,
    *,
    margin: float = MARGIN,
    size: int | None = None,
    data_range: float | None = None,
) -> tuple[Picture, Picture]:
    """Cut the same place out of a real and a fake picture.

    Parameters
    ----------
    real, fake : ndarray, (H, W) or (H, W, 3)
        Two aligned pictures. They are not written to.
    box : Face or Box
        Where, as it was found on the real side; it serves both, so that the crops stay aligned.
    margin, size
        See `crop_face`.
    data_range : float, optional
        The value of white. Needed for float pictures.

    Returns
    -------
    tuple of two ndarrays, (h, w) or (h, w, 3)
        The real and the fake crop: new arrays of one shape.

    Raises
    ------
    TypeError, ValueError
        As `crop_face`, and if the two do not fit each other.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff import Box
    >>> from facediff.faces import crop_pair
    >>> real = np.zeros((100, 100), np.uint8)
    >>> crop, other = crop_pair(real, real + np.uint8(1), Box(30, 40, 50, 60), margin=0)
    >>> crop.shape, int(other[0, 0])
    ((20, 20), 1)
    """
    pair = check_pair(real, fake, data_range=data_range)
    place = crop_box(box_of(box, "box"), pair.shape, margin)
    return _cut(pair.real, place, size), _cut(pair.fake, place, size)


def check_margin(margin: object) -> float:
    """Let in a margin, as a share of the box."""
    return check_number(margin, "margin", low=0, high=_WIDEST_MARGIN)


def crop_box(box: Box, shape: tuple[int, ...], margin: object) -> Box:
    """Return a box with its margin, clipped to a picture."""
    share = check_margin(margin)
    if clip(box, shape) is None:
        raise ValueError(
            f"a face must lie within the picture, got {box} for {shape[1]}x{shape[0]} pixels; "
            "find it in this picture, or in one of its size"
        )
    across, down = round(share * box.width), round(share * box.height)
    place = clip(Box(box.left - across, box.top - down, box.right + across, box.bottom + down), shape)
    assert place is not None
    return place


def _cut(picture: Picture, place: Box, size: object) -> Picture:
    crop = picture[place.slices]
    if size is None:
        return crop.copy()
    longer = check_whole(size, "size")
    if longer < 1:
        raise ValueError(f"size must be at least 1 pixel, got {longer}")
    factor = longer / max(crop.shape[:2])
    wanted = max(1, round(crop.shape[1] * factor)), max(1, round(crop.shape[0] * factor))
    # Neither overshoots, so floats stay within their range.
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(crop, wanted, interpolation=method), picture.dtype)
