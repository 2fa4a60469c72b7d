"""Which of the boxes that were found are which of those that were expected: one to one, by intersection over union."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from facediff.regions import Box

Overlaps = npt.NDArray[np.float64]


def overlaps(actual: Sequence[Box], expected: Sequence[Box]) -> Overlaps:
    """Return the IoU of each actual box (rows) with each expected one (columns)."""
    a = np.array([box.xyxy for box in actual], np.int64).reshape(-1, 1, 4)
    b = np.array([box.xyxy for box in expected], np.int64).reshape(1, -1, 4)
    low, high = np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., 2:], b[..., 2:])
    shared = np.maximum(high - low, 0).prod(axis=2)
    areas = (a[..., 2:] - a[..., :2]).prod(axis=2) + (b[..., 2:] - b[..., :2]).prod(axis=2)
    return np.asarray(shared / (areas - shared), np.float64)


def pair_up(ious: Overlaps, least: float) -> dict[int, int]:
    """Return expected -> actual for as many pairs of at least this IoU as there can be, at the largest total IoU.

    Taking the best pair first may leave another box without its only partner, so all are assigned together.
    """
    from scipy.optimize import linear_sum_assignment

    # One pair more weighs more than all IoUs together.
    weights = np.where(ious >= least, 1 + min(ious.shape) + ious, 0)
    rows, columns = linear_sum_assignment(weights, maximize=True)
    return {int(c): int(r) for r, c in zip(rows, columns, strict=True) if ious[r, c] >= least}


def largest_passing(ious: Overlaps) -> float:
    """Return the largest IoU at which all boxes of two equally long lists pair up; 0 if there is none."""
    candidates = np.unique(ious[ious > 0])
    low, high = 0, candidates.size  # the first `low` candidates pass, those from `high` on do not
    while low < high:
        middle = (low + high) // 2
        if len(pair_up(ious, candidates[middle])) == len(ious):
            low = middle + 1
        else:
            high = middle
    return float(candidates[low - 1]) if low else 0.0
