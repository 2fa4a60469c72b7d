"""Scores of many pictures: their mean, all pixels pooled, and how far both would move with other pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from facediff._resampling import resample
from facediff._tally import MaskScore, Rates, measure_rates, ratio


@dataclass(frozen=True, slots=True)
class SetScore:
    """How well found masks agree with true ones over a set of pictures, from `score_set`; frozen.

    Attributes
    ----------
    scores : tuple of MaskScore
        One for each picture, in their given order.
    mean : Rates
        Means over the pictures: each picture weighs the same. NaN is left out.
    mean_low, mean_high : Rates
        Ends of the means' bootstrap intervals; NaN for a single picture.
    pooled : MaskScore
        Of all pixels together: each pixel weighs the same.
    pooled_low, pooled_high : Rates
        Ends of the pooled rates' intervals.
    confidence : float
        Share of the resamples within an interval; as many lie below as above.
    resamples : int
        How many sets were drawn, each of as many pictures as there are, with replacement.
    seed : int
        What they were drawn from: same seed, same intervals.
    """

    scores: tuple[MaskScore, ...] = field(repr=False)
    mean: Rates
    mean_low: Rates
    mean_high: Rates
    pooled: MaskScore
    pooled_low: Rates
    pooled_high: Rates
    confidence: float
    resamples: int
    seed: int

    def __str__(self) -> str:
        """IoU and F1 with their intervals, and the conventions, in one line."""
        parts = [
            f"{word} {getattr(self.mean, name):.4f} ({getattr(self.mean_low, name):.4f} to "
            f"{getattr(self.mean_high, name):.4f}) on average, {getattr(self.pooled, name):.4f} pooled"
            for word, name in (("IoU", "iou"), ("F1", "f1"))
        ]
        pictures = f"{len(self.scores)} picture{'' if len(self.scores) == 1 else 's'}"
        within = f"{100 * self.confidence:g}% intervals over {pictures}"
        return f"{'; '.join(parts)}; {within}; {self.pooled.conventions}"


def summarise(scores: tuple[MaskScore, ...], *, confidence: float, resamples: int, seed: int) -> SetScore:
    """Score a set by the scores of its pictures, all made by the same conventions."""
    first = scores[0]
    counts = np.array([(score.tp, score.fp, score.fn, score.tn) for score in scores])
    rates = measure_rates(counts, first.empty)
    known = ~np.isnan(rates)
    filled = np.where(known, rates, 0.0)

    def rescore(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        # Not by BLAS, whose sums may depend on the number of threads; those of whole numbers are exact in any order.
        means = ratio(np.einsum("kn,nr->kr", weights, filled), weights @ known, np.nan)
        pooled = measure_rates((weights @ counts).astype(np.int64), first.empty)
        return np.concatenate((means, pooled), axis=1)

    ends = np.full((2, 10), np.nan)
    if len(scores) > 1:
        ends = resample(len(scores), rescore, confidence=confidence, resamples=resamples, seed=seed)
    low, high = ends
    return SetScore(
        scores=scores,
        mean=_rates(ratio(filled.sum(axis=0), known.sum(axis=0), np.nan)),
        mean_low=_rates(low[:5]),
        mean_high=_rates(high[:5]),
        pooled=MaskScore(
            tp=sum(score.tp for score in scores),
            fp=sum(score.fp for score in scores),
            fn=sum(score.fn for score in scores),
            tn=sum(score.tn for score in scores),
            unscored=sum(score.unscored for score in scores),
            threshold=first.threshold if first.policy == "fixed" else None,
            policy=first.policy,
            band=first.band,
            empty=first.empty,
        ),
        pooled_low=_rates(low[5:]),
        pooled_high=_rates(high[5:]),
        confidence=confidence,
        resamples=resamples,
        seed=seed,
    )


def _rates(values: npt.NDArray[np.float64]) -> Rates:
    return Rates(*values.tolist())
