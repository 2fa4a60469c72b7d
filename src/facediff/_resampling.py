"""How far a score would move had other pictures been drawn: bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_CHUNK = 64  # resamples at a time, which bounds the memory


@dataclass(frozen=True, slots=True)
class Interval:
    """A percentile bootstrap interval of a score, over pictures drawn again with replacement.

    Attributes
    ----------
    low, high : float
        Its ends.
    confidence : float
        Share of the resamples within it; as many lie below as above.
    resamples : int
        How many sets were drawn, each of as many pictures as there are.
    seed : int
        What they were drawn from: same seed, same interval.
    """

    low: float
    high: float
    confidence: float
    resamples: int
    seed: int

    def __str__(self) -> str:
        """Both ends and the confidence."""
        return f"{self.low:.4f} to {self.high:.4f} at {100 * self.confidence:g}%"


def resample(
    count: int,
    score: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]],
    *,
    confidence: float,
    resamples: int,
    seed: int,
) -> npt.NDArray[np.float64]:
    """Return the ends (2, M) of the percentile intervals of M scores of `count` pictures.

    `score` takes how often each picture was drawn, (K, count), and returns the scores, (K, M). NaN, from sets that
    hold nothing to score, is left out.
    """
    rng = np.random.default_rng(seed)
    scores = []
    for start in range(0, resamples, _CHUNK):
        weights = rng.multinomial(count, np.full(count, 1 / count), size=min(_CHUNK, resamples - start))
        scores.append(score(weights.astype(np.float64)))
    drawn = np.concatenate(scores)
    ends = np.full((2, drawn.shape[1]), np.nan)
    known = ~np.isnan(drawn).all(axis=0)
    tail = (1 - confidence) / 2
    ends[:, known] = np.nanquantile(drawn[:, known], (tail, 1 - tail), axis=0)
    return ends
