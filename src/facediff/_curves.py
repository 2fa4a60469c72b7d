"""Curves of evidence against truth: the trade between what is found and what is falsely found."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from facediff import _ranking
from facediff._arrays import frozen
from facediff._ranking import Ranking
from facediff._resampling import Interval

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Origin:
    """What a curve was made of.

    Attributes
    ----------
    true, other : int
        Items, pixels or pictures, that are true (manipulated), and the rest.
    unit : str
        What an item is: "pixels" of maps, or "scores" where there is one number for each picture.
    pictures : int
        How many there are.
    band : int
        How many pixels on either side of the true edge were left out.
    rounded : bool
        Whether evidence was rounded to 10 significant bits, as that of a set is.
    """

    true: int
    other: int
    unit: str
    pictures: int
    band: int
    rounded: bool

    def __str__(self) -> str:
        """Say in one line what was counted, and how."""
        of = f" of {self.pictures} picture{'' if self.pictures == 1 else 's'}" if self.unit == "pixels" else ""
        band = f"{self.band} px on either side of the true edge left out" if self.band else "no band"
        bits = f"evidence rounded to {_ranking.BITS} bits" if self.rounded else "exact"
        return f"{self.true} true and {self.other} other {self.unit}{of}; {band}; {bits}"


@dataclass(frozen=True, slots=True, eq=False)
class RocCurve:
    """A receiver operating characteristic, from `roc_curve`; frozen, its arrays read-only.

    Attributes
    ----------
    false_positive_rate : ndarray of float64, (N,)
        Share of the other items with evidence at or above each threshold, rising from 0 to 1.
    true_positive_rate : ndarray of float64, (N,)
        Share of the true items with it, rising from 0 to 1.
    thresholds : ndarray of float64, (N,)
        Falling from infinity; those at which the curve goes straight on are left out.
    auc : float
        Area below the curve, in [0, 1]: how often a true item has more evidence than another, ties counted half.
        1 = always, 0.5 = by chance.
    interval : Interval or None
        Of the area, over pictures; None if it was not asked for.
    origin : Origin
        What the curve was made of: counts, unit, pictures, band, rounding.
    """

    false_positive_rate: Points = field(repr=False)
    true_positive_rate: Points = field(repr=False)
    thresholds: Points = field(repr=False)
    auc: float
    interval: Interval | None
    origin: Origin

    def __str__(self) -> str:
        """Area, interval and conventions in one line."""
        return f"ROC area {self.auc:.4f}{_bracket(self.interval)}; {self.origin}"


@dataclass(frozen=True, slots=True, eq=False)
class PrecisionRecallCurve:
    """Precision over recall, from `precision_recall_curve`; frozen, its arrays read-only.

    Attributes
    ----------
    precision : ndarray of float64, (N,)
        Share of the items with evidence at or above each threshold that are true. 1 where nothing is found.
    recall : ndarray of float64, (N,)
        Share of the true items with it, rising from 0 to 1.
    thresholds : ndarray of float64, (N,)
        Falling from infinity; of those with the same recall only the first and the last are kept.
    average_precision : float
        Mean of the precision over the true items, in [0, 1]; 1 = perfect, the share of true items = by chance. It is
        the area below the curve, drawn in steps.
    interval : Interval or None
        Of the average precision, over pictures; None if it was not asked for.
    best_f1 : float
        The highest F1 that any threshold reaches, in [0, 1].
    best_threshold : float
        The highest threshold that reaches it.
    origin : Origin
        What the curve was made of: counts, unit, pictures, band, rounding.
    """

    precision: Points = field(repr=False)
    recall: Points = field(repr=False)
    thresholds: Points = field(repr=False)
    average_precision: float
    interval: Interval | None
    best_f1: float
    best_threshold: float
    origin: Origin

    def __str__(self) -> str:
        """Average precision, interval, best F1 and conventions in one line."""
        return (
            f"Average precision {self.average_precision:.4f}{_bracket(self.interval)}, "
            f"best F1 {self.best_f1:.4f} at evidence >= {self.best_threshold:g}; {self.origin}"
        )


def make_roc(ranking: Ranking, interval: Interval | None, origin: Origin) -> RocCurve:
    """Read the curve off a ranking that holds items of both kinds."""
    found, alarmed = _cumulate(ranking.hits), _cumulate(ranking.alarms)
    turns = np.ones(len(found), np.bool_)  # the first point after the origin is one, as it is scikit-learn's
    turns[2:-1] = (np.diff(found[1:], 2) != 0) | (np.diff(alarmed[1:], 2) != 0)
    return RocCurve(
        false_positive_rate=frozen(alarmed[turns] / alarmed[-1]),
        true_positive_rate=frozen(found[turns] / found[-1]),
        thresholds=frozen(np.append(np.inf, ranking.values)[turns]),
        auc=float(_ranking.roc_area(ranking.hits, ranking.alarms)),
        interval=interval,
        origin=origin,
    )


def make_precision_recall(ranking: Ranking, interval: Interval | None, origin: Origin) -> PrecisionRecallCurve:
    """Read the curve off a ranking that holds a true item."""
    found, alarmed = _cumulate(ranking.hits), _cumulate(ranking.alarms)
    steps = np.diff(found[1:]) != 0
    kept = np.ones(len(found), np.bool_)
    kept[2:-1] = steps[:-1] | steps[1:]
    precision = np.append(1.0, found[1:] / (found[1:] + alarmed[1:]))
    f1, threshold = _ranking.best_f1(ranking)
    return PrecisionRecallCurve(
        precision=frozen(precision[kept]),
        recall=frozen(found[kept] / found[-1]),
        thresholds=frozen(np.append(np.inf, ranking.values)[kept]),
        average_precision=float(_ranking.average_precision(ranking.hits, ranking.alarms)),
        interval=interval,
        best_f1=f1,
        best_threshold=threshold,
        origin=origin,
    )


def _cumulate(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.append(0, np.cumsum(counts))


def _bracket(interval: Interval | None) -> str:
    return "" if interval is None else f" ({interval})"
