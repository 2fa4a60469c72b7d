"""Runs of a mask: what the run-length codes of COCO, CVAT and Label Studio are made of."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from facediff._arrays import Mask, check_mask

Runs = npt.NDArray[np.int64]

_BITS, _MORE = 5, 32  # a character holds five bits, and whether another one follows


def runs_of(crop: Mask, *, left: int, top: int, shape: tuple[int, int]) -> Runs:
    """Return the run lengths, row by row, of a picture that is False but for a crop of it.

    They begin with a run of False, which may be of length 0, and take turns.

    Parameters
    ----------
    crop : ndarray of bool, (h, w)
    left, top : int
        Where the crop lies.
    shape : tuple of int
        Height and width of the whole.
    """
    rows, width = crop.shape[0], shape[1]
    framed = np.zeros((rows, crop.shape[1] + 2), np.int8)
    framed[:, 1:-1] = crop
    row, column = np.nonzero(np.diff(framed, axis=1))
    edges = (row + top) * width + column + left
    # A run that goes on from the end of one row into the next is one run: its end there is the next one's start.
    goes_on = np.zeros(edges.size, np.bool_)
    if edges.size:
        goes_on[1:-1:2] = edges[1:-1:2] == edges[2::2]
        goes_on[2::2] = goes_on[1:-1:2]
    edges = edges[~goes_on]
    total = shape[0] * width
    ends = edges if edges.size and edges[-1] == total else np.append(edges, total)
    return np.diff(ends, prepend=0).astype(np.int64)


def coco_rle(crop: Mask, *, left: int, top: int, shape: tuple[int, int]) -> dict[str, object]:
    """Return COCO's compressed code, column by column, of a picture that is False but for a crop of it."""
    runs = runs_of(crop.T, left=top, top=left, shape=(shape[1], shape[0]))
    return {"size": [shape[0], shape[1]], "counts": _compress(runs)}


def encode_rle(mask: Mask) -> dict[str, object]:
    """Return a mask in COCO's compressed run-length code, holes and all.

    It is the code of ``pycocotools.mask.encode``, its counts a str, so that it can stand in a JSON file.

    Parameters
    ----------
    mask : ndarray of bool, (H, W)
        Any pixels may be True, also none or all.

    Returns
    -------
    dict
        ``size``, a list of height and width, and ``counts``, a str.

    Raises
    ------
    TypeError
        If `mask` is not a bool array.
    ValueError
        If `mask` is not two-dimensional, or holds no pixel at all.

    See Also
    --------
    facediff.export.decode_rle : The way back.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.export import encode_rle
    >>> encode_rle(np.array([[False, True], [False, True]]))
    {'size': [2, 2], 'counts': '22'}
    """
    crop = check_mask(mask)
    return coco_rle(crop, left=0, top=0, shape=(crop.shape[0], crop.shape[1]))


def decode_rle(rle: dict[str, object]) -> Mask:
    """Return the mask of a run-length code of COCO, compressed or as a list of counts.

    Parameters
    ----------
    rle : dict
        ``size``, height and width, and ``counts``, a str or a list of int.

    Returns
    -------
    ndarray of bool, (H, W)
        The mask, a new array.

    Raises
    ------
    TypeError
        If `rle` is not a dict.
    ValueError
        If a key is missing or its value damaged, or the counts do not add up to the size.

    Examples
    --------
    >>> from facediff.export import decode_rle
    >>> decode_rle({"size": [2, 2], "counts": "22"})
    array([[False,  True],
           [False,  True]])
    """
    if not isinstance(rle, dict):
        raise TypeError(f"rle must be a dict of size and counts, got {type(rle).__name__}")
    height, width = _check_size(rle.get("size"))
    counts = rle.get("counts")
    if isinstance(counts, str):
        counts = _decompress(counts)
    if not isinstance(counts, list) or not all(type(count) is int and count >= 0 for count in counts):
        raise ValueError("rle['counts'] must be a str or a list of whole numbers from 0 on; the code is damaged")
    if sum(counts) != height * width:
        raise ValueError(
            f"rle['counts'] must add up to {height} x {width} = {height * width} pixels, got {sum(counts)}; "
            "the code is damaged, or of another picture"
        )
    values = np.arange(len(counts)) % 2 == 1
    return np.ascontiguousarray(np.repeat(values, counts).reshape(width, height).T)


def _check_size(size: object) -> tuple[int, int]:
    if (
        not isinstance(size, (list, tuple))
        or len(size) != 2
        or not all(type(side) is int and side > 0 for side in size)
    ):
        raise ValueError(f"rle['size'] must be height and width, two whole numbers above 0, got {size!r}")
    return size[0], size[1]


def _compress(runs: Runs) -> str:
    """Write counts as COCO does: from the fourth on the change from two before, five bits a character, low first."""
    rest = runs.copy()
    rest[3:] -= runs[1:-2]
    characters, used = [], []
    more = np.ones(rest.size, np.bool_)
    while more.any():
        used.append(more)
        low = rest & (_MORE - 1)
        rest = rest >> _BITS
        # What is left must be the sign that the fifth bit says, or another character is needed.
        more = more & (rest != np.where(low & (_MORE // 2), -1, 0))
        characters.append(48 + low + _MORE * more)
    table, holds = np.stack(characters, axis=1), np.stack(used, axis=1)
    return table[holds].astype(np.uint8).tobytes().decode("ascii")


def _decompress(text: str) -> list[int]:
    counts: list[int] = []
    value = bits = 0
    for code in _codes(text):
        value |= (code & (_MORE - 1)) << bits
        bits += _BITS
        if not code & _MORE:
            if code & (_MORE // 2):
                value -= 1 << bits
            counts.append(value + (counts[-2] if len(counts) > 2 else 0))
            value = bits = 0
    if bits:
        raise ValueError("rle['counts'] must not end within a number; the code is cut short")
    return counts


def _codes(text: str) -> Iterable[int]:
    for character in text:
        code = ord(character) - 48
        if not 0 <= code < 2 * _MORE:
            raise ValueError(f"rle['counts'] must hold characters from '0' to 'o', got {character!r}; it is damaged")
        yield code
