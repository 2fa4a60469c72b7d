"""Evidence sorted by strength, and how many true and other pixels each value of it holds.

All curves, and the numbers made of them, are read off such a ranking. For one map it is exact, at about 60 bytes a
pixel while it is made. For a set of maps the pixels cannot all be held: there evidence is rounded towards zero to 10
significant bits (steps of 0.1 to 0.2 %), which keeps some ten thousand values whatever the number of pictures, in one
pass over them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from facediff._arrays import Mask
from facediff._tally import ratio

Counts = npt.NDArray[np.int64]
Rows = npt.NDArray[np.float64]

BITS = 10
"""Significant bits that are kept of the evidence of a set."""

_DROPPED = 24 - BITS  # of the 24 that float32 has, one of them implied
_KEYS = 1 << (32 - _DROPPED)
_HIGHEST = float(np.finfo(np.float32).max)


class Ranking(NamedTuple):
    """Distinct values of the evidence, falling, and the true and the other pixels that have each."""

    values: npt.NDArray[np.float64]
    hits: Counts
    alarms: Counts


class Tally(NamedTuple):
    """The same for one picture of a set, by the number of a rounded value."""

    keys: npt.NDArray[np.int64]
    hits: Counts
    alarms: Counts


def rank(evidence: npt.NDArray[Any], truth: npt.NDArray[np.bool_]) -> tuple[Ranking, npt.NDArray[np.int64]]:
    """Rank flat evidence exactly; return with it the place of each item in the ranking."""
    order = np.argsort(evidence)[::-1]
    falling = evidence[order]
    starts = np.ones(len(falling), np.bool_)
    starts[1:] = falling[1:] != falling[:-1]
    runs = np.cumsum(starts) - 1
    places = np.empty(len(runs), np.int64)
    places[order] = runs
    values = falling[starts].astype(np.float64)
    return Ranking(values, *count_by_place(places, truth, len(values))), places


def count_by_place(places: npt.NDArray[np.int64], truth: npt.NDArray[np.bool_], size: int) -> tuple[Counts, Counts]:
    """Return how many true and other items there are at each place."""
    hits = np.bincount(places[truth], minlength=size)
    return hits, np.bincount(places, minlength=size) - hits


def tally(evidence: npt.NDArray[Any], truth: Mask) -> Tally:
    """Count one picture's pixels by their rounded evidence."""
    if evidence.dtype == np.float64:
        evidence = evidence.clip(-_HIGHEST, _HIGHEST)
    rounded = np.add(evidence, 0, dtype=np.float32).ravel()  # + 0 makes one zero of two
    keys = rounded.view(np.uint32) >> np.uint32(_DROPPED)
    every = np.bincount(keys, minlength=_KEYS)
    hits = np.bincount(keys[truth.ravel()], minlength=_KEYS)
    present = np.flatnonzero(every)
    return Tally(present, hits[present], every[present] - hits[present])


def pool(tallies: list[Tally]) -> tuple[Ranking, Rows, Rows]:
    """Return the ranking of all pictures together, and by picture (N, M) the true and other pixels of each value."""
    keys = np.unique(np.concatenate([one.keys for one in tallies]))
    values = (keys.astype(np.uint32) << np.uint32(_DROPPED)).view(np.float32).astype(np.float64)
    falling = np.argsort(-values, kind="stable")
    column = np.empty(len(keys), np.int64)
    column[falling] = np.arange(len(keys))
    hits, alarms = np.zeros((2, len(tallies), len(keys)))
    for row, one in enumerate(tallies):
        columns = column[np.searchsorted(keys, one.keys)]
        hits[row, columns] = one.hits
        alarms[row, columns] = one.alarms
    ranking = Ranking(values[falling], hits.sum(0).astype(np.int64), alarms.sum(0).astype(np.int64))
    return ranking, hits, alarms


def roc_area(hits: npt.NDArray[Any], alarms: npt.NDArray[Any]) -> Rows:
    """Return how often a true item ranks above another, ties counted half; NaN if one kind is missing.

    Counts run along the last axis, and so they do in `average_precision`.
    """
    above = np.cumsum(hits, axis=-1) - hits / 2
    pairs = hits.sum(axis=-1, dtype=np.float64) * alarms.sum(axis=-1)
    return ratio((above * alarms).sum(axis=-1), pairs, np.nan)


def average_precision(hits: npt.NDArray[Any], alarms: npt.NDArray[Any]) -> Rows:
    """Return the mean precision over the true items, each at its own value; NaN if there is none."""
    found = np.cumsum(hits, axis=-1)
    precision = ratio(found, found + np.cumsum(alarms, axis=-1), 0.0)
    return ratio((precision * hits).sum(axis=-1), hits.sum(axis=-1), np.nan)


def best_f1(ranking: Ranking) -> tuple[float, float]:
    """Return the highest F1, and the highest value at or above which it is reached; something must be true."""
    found = np.cumsum(ranking.hits)
    f1 = ratio(2 * found, found + np.cumsum(ranking.alarms) + found[-1], 0.0)
    place = int(np.argmax(f1))
    return float(f1[place]), float(ranking.values[place])
