"""Evidence and truth of one map, of one score a picture, or of a set of maps, brought into one ranking."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from facediff import _ranking
from facediff._arrays import Mask, check_evidence, check_mask
from facediff._curves import Origin
from facediff._ranking import Ranking, Rows
from facediff._resampling import Interval, resample
from facediff._tally import edge_band

_END = object()

Redraw = Callable[[Rows], tuple[Rows, Rows]]


class Gathered(NamedTuple):
    """A ranking, what it was made of, and the counts of it (K, M) that pictures drawn so often (K, N) would give."""

    ranking: Ranking
    origin: Origin
    redraw: Redraw | None  # None for a single map


def gather(evidence: object, truth: object, band: int) -> Gathered:
    """Check and rank evidence: an array, or an iterable of maps that is read once, one map at a time."""
    if isinstance(evidence, np.ndarray) and evidence.ndim == 1:
        return _gather_scores(evidence, truth, band)
    if isinstance(evidence, np.ndarray):
        values, mask = check_map(evidence, truth, "evidence", "truth")
        scored = scored_pixels(mask, band)
        ranking, _ = _ranking.rank(*_choose(values, mask, scored))
        return Gathered(ranking, _origin(ranking, "pixels", 1, band, rounded=False), None)
    return _gather_set(evidence, truth, band)


def check_map(evidence: object, truth: object, evidence_name: str, truth_name: str) -> tuple[npt.NDArray[Any], Mask]:
    """Let in a map of evidence with its true mask."""
    values = check_evidence(evidence, evidence_name)
    if values.ndim != 2:
        raise ValueError(
            f"{evidence_name} must be (H, W), or (N,) for one score a picture, got shape {values.shape}; "
            "for a stack of maps pass list(evidence)"
        )
    mask = check_mask(truth, truth_name)
    check_same_shape(values, mask, evidence_name, truth_name)
    return values, mask


def check_same_shape(one: npt.NDArray[Any], other: npt.NDArray[Any], name: str, other_name: str) -> None:
    """Refuse two arrays that do not cover the same pixels."""
    if one.shape != other.shape:
        raise ValueError(
            f"{name} and {other_name} must have the same shape, got {one.shape} and {other.shape}; "
            "crop or align them first"
        )


def scored_pixels(truth: Mask, band: int) -> Mask | None:
    """Return the pixels outside the band around the true edge; None for all."""
    if not band:
        return None
    place, edge = edge_band(truth, band)
    scored = np.ones(truth.shape, np.bool_)
    scored[place] = ~edge
    return scored


def measure_interval(
    gathered: Gathered,
    score: Callable[[Rows, Rows], Rows],
    *,
    confidence: float,
    resamples: int,
    seed: int,
) -> Interval:
    """Return the interval of a score of a ranking's counts, over pictures."""
    redraw, pictures = gathered.redraw, gathered.origin.pictures
    if redraw is None or pictures < 2:
        raise ValueError(
            "confidence needs evidence of at least two pictures, got one; an interval is over pictures: "
            "pass an iterable of maps, or leave confidence out"
        )

    def rescore(weights: Rows) -> Rows:
        return score(*redraw(weights))[:, None]

    low, high = resample(pictures, rescore, confidence=confidence, resamples=resamples, seed=seed)[:, 0]
    return Interval(float(low), float(high), confidence, resamples, seed)


def _gather_scores(evidence: npt.NDArray[Any], truth: object, band: int) -> Gathered:
    values, labels = check_evidence(evidence, "evidence"), check_mask(truth, "truth", dims=1)
    check_same_shape(values, labels, "evidence", "truth")
    if band:
        raise ValueError(f"band needs maps, whose truth has an edge, got {band} with one score a picture; leave it out")
    ranking, places = _ranking.rank(values, labels)
    size = len(ranking.values)

    def redraw(weights: Rows) -> tuple[Rows, Rows]:
        hits = np.stack([np.bincount(places[labels], row[labels], size) for row in weights])
        alarms = np.stack([np.bincount(places[~labels], row[~labels], size) for row in weights])
        return hits.astype(np.float64), alarms.astype(np.float64)

    return Gathered(ranking, _origin(ranking, "scores", len(labels), band, rounded=False), redraw)


def _gather_set(evidence: object, truth: object, band: int) -> Gathered:
    for name, value in (("evidence", evidence), ("truth", truth)):
        if not isinstance(value, Iterable) or isinstance(value, (str, bytes)):
            raise TypeError(
                f"{name} must be an array, or for a set an iterable of arrays, got {type(value).__name__}; "
                "convert it with numpy.asarray"
            )
    tallies = []
    for index, (one, other) in enumerate(zip_longest(evidence, truth, fillvalue=_END)):  # type: ignore[call-overload]
        if one is _END or other is _END:
            longer = "evidence" if other is _END else "truth"
            raise ValueError(
                f"evidence and truth must hold as many maps, got more of {longer} after {index}; "
                "pass one of each for a picture"
            )
        if np.isscalar(one):
            raise TypeError(
                f"evidence must hold maps, got {type(one).__name__} at {index}; "
                "pass numpy.asarray(evidence) for one score a picture"
            )
        values, mask = check_map(one, other, f"evidence {index}", f"truth {index}")
        tallies.append(_ranking.tally(*_choose(values, mask, scored_pixels(mask, band))))
    if not tallies:
        raise ValueError("evidence must hold at least one map, got none; a generator can be read only once")
    ranking, hits, alarms = _ranking.pool(tallies)

    def redraw(weights: Rows) -> tuple[Rows, Rows]:
        return weights @ hits, weights @ alarms

    return Gathered(ranking, _origin(ranking, "pixels", len(tallies), band, rounded=True), redraw)


def _choose(values: npt.NDArray[Any], mask: Mask, scored: Mask | None) -> tuple[npt.NDArray[Any], Mask]:
    return (values.ravel(), mask.ravel()) if scored is None else (values[scored], mask[scored])


def _origin(ranking: Ranking, unit: str, pictures: int, band: int, *, rounded: bool) -> Origin:
    return Origin(int(ranking.hits.sum()), int(ranking.alarms.sum()), unit, pictures, band, rounded)
