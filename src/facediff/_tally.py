"""A found mask against the true one: four counts, and the rates that are made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from facediff._arrays import Mask

Empty: TypeAlias = Literal["one", "zero", "nan"]
EMPTY: dict[str, float] = {"one": 1.0, "zero": 0.0, "nan": np.nan}


@dataclass(frozen=True, slots=True)
class Rates:
    """Five rates in [0, 1]; 1 = perfect.

    Attributes
    ----------
    iou : float
        Intersection over union, also called the Jaccard index: tp / (tp + fp + fn).
    precision : float
        Share of what was found that is true: tp / (tp + fp).
    recall : float
        Share of what is true that was found, also called sensitivity: tp / (tp + fn).
    f1 : float
        Harmonic mean of precision and recall, also called the Dice coefficient: 2 tp / (2 tp + fp + fn).
    specificity : float
        Share of the rest that was left alone: tn / (tn + fp).
    """

    iou: float
    precision: float
    recall: float
    f1: float
    specificity: float

    def __str__(self) -> str:
        """All five in one line."""
        return (
            f"IoU {self.iou:.4f}, F1 {self.f1:.4f}, precision {self.precision:.4f}, recall {self.recall:.4f}, "
            f"specificity {self.specificity:.4f}"
        )


@dataclass(frozen=True, slots=True)
class MaskScore:
    """How well a found mask agrees with the true one, from `score_mask`; frozen.

    Attributes
    ----------
    tp, fp, fn, tn : int
        Scored pixels that are found and true, found only, true only, and neither.
    unscored : int
        Pixels in the band around the true edge.
    threshold : float or None
        Evidence at or above it was found; infinity if nothing was. None for a mask, and for a pooled score whose
        pictures have one each.
    policy : {"mask", "fixed", "best"}
        Where the mask came from: given as such, evidence at a given threshold, or evidence at the one of highest F1.
    band : int
        How many pixels on either side of the true edge were not scored.
    empty : {"one", "zero", "nan"}
        What a rate scores that has nothing to count.
    """

    tp: int
    fp: int
    fn: int
    tn: int
    unscored: int
    threshold: float | None
    policy: Literal["mask", "fixed", "best"]
    band: int
    empty: Empty

    @property
    def rates(self) -> Rates:
        """All five rates."""
        return Rates(*measure_rates(np.array((self.tp, self.fp, self.fn, self.tn)), self.empty).tolist())

    @property
    def iou(self) -> float:
        """Intersection over union, in [0, 1]; 1 = the same mask."""
        return self.rates.iou

    @property
    def precision(self) -> float:
        """Share of what was found that is true, in [0, 1]; 1 = no false pixel."""
        return self.rates.precision

    @property
    def recall(self) -> float:
        """Share of what is true that was found, in [0, 1]; 1 = no missed pixel."""
        return self.rates.recall

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, in [0, 1]; 1 = the same mask."""
        return self.rates.f1

    @property
    def specificity(self) -> float:
        """Share of what is not true that was left alone, in [0, 1]; 1 = no false pixel."""
        return self.rates.specificity

    @property
    def conventions(self) -> str:
        """What the score depends on besides the masks, in words."""
        how = {"mask": "mask as given", "fixed": "evidence >= {}", "best": "evidence >= {}, the best F1"}[self.policy]
        level = "each picture's own" if self.threshold is None else f"{self.threshold:g}"
        band = f"{self.band} px on either side of the true edge not scored" if self.band else "no band"
        return f"{how.format(level)}; {band}; {describe_empty(self.empty)}"

    def __str__(self) -> str:
        """Rates, counts and conventions in one line."""
        return f"{self.rates}; {self.tp} px right, {self.fp} false, {self.fn} missed; {self.conventions}"


def describe_empty(empty: Empty) -> str:
    """Say what a rate scores that has nothing to count."""
    return f"0/0 scores {'NaN' if empty == 'nan' else f'{EMPTY[empty]:g}'}"


def measure_rates(counts: npt.NDArray[np.int64], empty: Empty) -> npt.NDArray[np.float64]:
    """Return the five `Rates` (..., 5) of counts tp, fp, fn, tn (..., 4)."""
    tp, fp, fn, tn = np.moveaxis(counts.astype(np.float64), -1, 0)
    above = np.stack((tp, tp, tp, 2 * tp, tn), axis=-1)
    below = np.stack((tp + fp + fn, tp + fp, tp + fn, 2 * tp + fp + fn, tn + fp), axis=-1)
    return ratio(above, below, EMPTY[empty])


def ratio(above: npt.NDArray[Any], below: npt.NDArray[Any], nothing: float) -> npt.NDArray[np.float64]:
    """Divide counts; what has nothing to count, 0/0, comes out as `nothing`."""
    return np.asarray(np.divide(above, below, out=np.full(np.shape(below), nothing), where=np.asarray(below) > 0))


def count_pixels(found: Mask, truth: Mask, band: int) -> tuple[int, int, int, int, int]:
    """Return tp, fp, fn, tn and the unscored pixels of two masks of one shape."""
    both, marked, true = _overlap(found, truth)
    size = truth.size
    unscored = 0
    if band:
        place, edge = edge_band(truth, band)
        near_found, near_true = found[place] & edge, truth[place] & edge
        less_both, less_marked, less_true = _overlap(near_found, near_true)
        both, marked, true = both - less_both, marked - less_marked, true - less_true
        unscored = int(np.count_nonzero(edge))
        size -= unscored
    return both, marked - both, true - both, size - marked - true + both, unscored


def _overlap(found: Mask, truth: Mask) -> tuple[int, int, int]:
    return int(np.count_nonzero(found & truth)), int(np.count_nonzero(found)), int(np.count_nonzero(truth))


def edge_band(truth: Mask, band: int) -> tuple[tuple[slice, slice], Mask]:
    """Return a crop of the picture and in it the pixels within `band` of the true edge; outside it there are none.

    A pixel lies within the band if a pixel of the other kind is at most that far away, centre to centre. So the
    picture's border is no edge, and a truth that is empty, or everything, has none.
    """
    left, top, width, height = cv2.boundingRect(np.ascontiguousarray(truth).view(np.uint8))
    reach = band + 1
    place = (slice(max(top - reach, 0), top + height + reach), slice(max(left - reach, 0), left + width + reach))
    inside = np.ascontiguousarray(truth[place]).view(np.uint8)
    if inside.all() or not inside.any():
        return place, np.zeros(inside.shape, np.bool_)
    # Zero on the pixel's own side in one of the two distances, so their sum is the distance to the other side.
    outwards = cv2.distanceTransform(1 - inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    inwards = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return place, np.asarray(outwards + inwards <= band, np.bool_)
