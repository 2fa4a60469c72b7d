"""How well what was found agrees with the truth: masks, regions and evidence, for one picture or a set.

Published scores differ by their conventions more than by their methods, so each is an argument here, is carried in the
result, and is printed with it:

- *band*: the true edge is rarely known to the pixel. Pixels within `band` of it, on both sides, are not scored.
- *empty*: a rate may have nothing to count, 0/0, as all do but specificity where nothing is true and nothing was found.
  It scores 1 ("one": a right empty answer is perfect), 0 ("zero"), or NaN ("nan": it is left out of means).
- *threshold*: a mask is scored as given; evidence at a fixed threshold, or at that of the highest F1 ("best"), which
  knows the truth, so that it is a bound and not a method. Evidence at or above the threshold is found.
- *mean* or *pooled*: over a set, each picture weighs the same, or each pixel.

Rates and curves are scikit-learn's: `empty` is its ``zero_division``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from facediff import _gathering, _ranking
from facediff._arrays import Mask, check_choice, check_evidence, check_mask, check_number, check_whole
from facediff._curves import Origin, PrecisionRecallCurve, RocCurve, make_precision_recall, make_roc
from facediff._matching import Match, RegionScore, boxes_of_mask, match_boxes
from facediff._resampling import Interval
from facediff._set_score import SetScore, summarise
from facediff._tally import EMPTY, Empty, MaskScore, Rates, count_pixels
from facediff.localise import Localisation
from facediff.regions import Box, Region

_CONFIDENCES = (0.5, 0.999)
_FEWEST_RESAMPLES = 100


def score_mask(
    found: Localisation | npt.NDArray[Any],
    truth: Mask,
    *,
    threshold: float | Literal["best"] | None = None,
    band: int = 0,
    empty: Empty = "one",
) -> MaskScore:
    """Score a found mask against the true one, pixel by pixel.

    Parameters
    ----------
    found : Localisation or ndarray, (H, W)
        From `facediff.find_regions`; or a bool mask; or evidence, numbers that are larger where a change is surer,
        which needs a `threshold`. Not written to.
    truth : ndarray of bool, (H, W)
        True where the picture was manipulated. A mask in 8 bits is refused, since 0 and 1 mean as much as 0 and 255
        there: pass ``mask > 127``.
    threshold : float or "best", optional
        The evidence at or above which a pixel is found; "best" for the highest one that reaches the highest F1. With a
        localisation, its evidence is scored by it instead of its mask.
    band : int
        Pixels at most this far from a pixel of the other kind in `truth`, centre to centre, are not scored.
    empty : {"one", "zero", "nan"}
        What a rate scores that has nothing to count.

    Returns
    -------
    MaskScore
        IoU, precision, recall, F1, specificity, the counts they are made of, and the conventions.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind, such as a truth that is not bool.
    ValueError
        If shapes differ, evidence is not finite or has no threshold, a mask has one, or another value is out of its
        range.

    See Also
    --------
    score_set : The same for many pictures.
    score_regions : Regions instead of pixels.

    References
    ----------
    .. [1] Jaccard, P. (1912). The distribution of the flora in the alpine zone. New Phytologist, 11(2), 37-50.
       :doi:`10.1111/j.1469-8137.1912.tb05611.x`
    .. [2] Dice, L. R. (1945). Measures of the amount of ecologic association between species. Ecology, 26(3), 297-302.
       :doi:`10.2307/1932409`

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.evaluate import score_mask
    >>> truth = np.zeros((40, 40), bool)
    >>> found = truth.copy()
    >>> truth[10:30, 10:30] = True
    >>> found[10:30, 15:35] = True
    >>> score = score_mask(found, truth)
    >>> score.iou, score.precision, score.recall, score.f1
    (0.6, 0.75, 0.75, 0.75)
    >>> score_mask(found, truth, band=5).iou
    1.0
    """
    return _score_mask(found, truth, threshold, _check_band(band), _check_empty(empty))


def score_set(
    pairs: Iterable[tuple[Localisation | npt.NDArray[Any], Mask]],
    *,
    threshold: float | Literal["best"] | None = None,
    band: int = 0,
    empty: Empty = "one",
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> SetScore:
    """Score found masks against true ones over a set of pictures: their mean, and all pixels pooled.

    Parameters
    ----------
    pairs : iterable of (found, truth)
        As for `score_mask`, one pair a picture; their sizes may differ. Read once, one pair at a time, so a generator
        keeps no pictures in memory.
    threshold : float or "best", optional
        As for `score_mask`; "best" means each picture's own. For one threshold that is best for all of them together
        pass ``precision_recall_curve(...).best_threshold``.
    band : int
        Pixels at most this far from a pixel of the other kind in the truth are not scored.
    empty : {"one", "zero", "nan"}
        What a rate scores that has nothing to count; NaN is left out of the means.
    confidence : float
        Of the percentile bootstrap intervals [1]_ over pictures, from 0.5 to 0.999.
    resamples : int
        How many sets are drawn for them, each of as many pictures as there are, with replacement; at least 100.
    seed : int
        What they are drawn from: same seed, same intervals. At least 0.

    Returns
    -------
    SetScore
        The score of each picture, ``.mean`` and ``.pooled`` with their intervals, and the conventions.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind; the text names the pair.
    ValueError
        If there are no pairs, or one does not fit, as for `score_mask`; or a number is out of its range.

    References
    ----------
    .. [1] Efron, B. (1979). Bootstrap methods: another look at the jackknife. The Annals of Statistics, 7(1), 1-26.
       :doi:`10.1214/aos/1176344552`

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.evaluate import score_set
    >>> truth = np.zeros((2, 4, 5), bool)
    >>> truth[0, :2], truth[1, 0] = True, True
    >>> found = truth.copy()
    >>> found[1, 0] = False
    >>> score = score_set(zip(found, truth))
    >>> score.mean.iou, round(score.pooled.iou, 4)
    (0.5, 0.6667)
    """
    band, empty = _check_band(band), _check_empty(empty)
    confidence, resamples, seed = _check_resampling(confidence, resamples, seed)
    if not isinstance(pairs, Iterable):
        raise TypeError(
            f"pairs must be an iterable of (found, truth), got {type(pairs).__name__}; pass a list of pairs"
        )
    scores = []
    for index, pair in enumerate(pairs):
        scores.append(_score_mask(*_check_two(pair, index), threshold, band, empty, of=f" {index}"))
    if not scores:
        raise ValueError("pairs must hold at least one (found, truth), got none; a generator can be read only once")
    return summarise(tuple(scores), confidence=confidence, resamples=resamples, seed=seed)


def score_regions(
    found: Localisation | Mask | Iterable[Region | Box],
    true: Localisation | Mask | Iterable[Region | Box],
    *,
    iou: float = 0.5,
    empty: Empty = "one",
) -> RegionScore:
    """Score found regions against true ones, by the overlap of their boxes, one to one.

    Pairs are taken by falling IoU, each region once. If the found boxes do not overlap each other, nor the true ones,
    and `iou` is above 0.5, no other way of matching has more pairs.

    Parameters
    ----------
    found : Localisation, bool mask or iterable of Region or Box
        What was found; a mask (H, W) stands for the boxes of its 8-connected components, from left to right.
    true : Localisation, bool mask or iterable of Region or Box
        What is there.
    iou : float
        The least intersection over union of two boxes that match, in (0, 1].
    empty : {"one", "zero", "nan"}
        What a rate scores that has nothing to count.

    Returns
    -------
    RegionScore
        Precision, recall, F1, the matched pairs with their IoU, what is extra and what was missed.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If `iou` is not in (0, 1], or `empty` is another word.

    Examples
    --------
    >>> from facediff import Box
    >>> from facediff.evaluate import score_regions
    >>> true = [Box(0, 0, 10, 10), Box(20, 20, 30, 30)]
    >>> score = score_regions([Box(0, 0, 10, 8)], true)
    >>> score.precision, score.recall, score.matches
    (1.0, 0.5, (Match(found=0, true=0, iou=0.8),))
    """
    empty = _check_empty(empty)
    least = check_number(iou, "iou", low=0, high=1)
    if least == 0:
        raise ValueError("iou must be above 0, got 0; boxes that share nothing do not match")
    boxes, true_boxes = _boxes_of(found, "found"), _boxes_of(true, "true")
    matches = match_boxes(boxes, true_boxes, least)
    return RegionScore(
        matches=matches,
        extra=tuple(sorted(set(range(len(boxes))) - {match.found for match in matches})),
        missed=tuple(sorted(set(range(len(true_boxes))) - {match.true for match in matches})),
        iou=least,
        empty=empty,
    )


def roc_curve(
    evidence: Localisation | npt.NDArray[Any] | Iterable[Localisation | npt.NDArray[Any]],
    truth: npt.NDArray[np.bool_] | Iterable[Mask],
    *,
    band: int = 0,
    confidence: float | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> RocCurve:
    """Measure how well evidence tells true from other pixels, or true from other pictures, at every threshold.

    An array is ranked exactly, by a sort that takes about 60 bytes a pixel. A set is read once, one map at a time; its
    evidence is rounded towards zero to 10 significant bits, steps of 0.1 to 0.2 %, so that no pixels are kept. Near 1
    that is coarse for probabilities: pass their logarithmic odds. An interval keeps some ten thousand counts a picture.

    Parameters
    ----------
    evidence : Localisation, ndarray or iterable of either
        Finite numbers, more = more surely manipulated: a map (H, W), one score a picture (N,), or for a set an
        iterable of maps, whose sizes may differ.
    truth : ndarray of bool or iterable of them
        True where manipulated, in the shapes of `evidence`.
    band : int
        Pixels at most this far from a pixel of the other kind in the truth are left out. For maps only.
    confidence : float, optional
        Asks for a percentile bootstrap interval of the area over pictures, from 0.5 to 0.999. Sets that are drawn
        without one of both kinds have no area and are left out.
    resamples : int
        How many sets are drawn for it, each of as many pictures as there are, with replacement; at least 100.
    seed : int
        What they are drawn from: same seed, same interval. At least 0.

    Returns
    -------
    RocCurve
        Rates, thresholds, the area, and what was counted how.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If shapes differ, evidence is not finite, everything that counts is true or nothing is, an interval is asked
        for a single map, or a number is out of its range.

    References
    ----------
    .. [1] Fawcett, T. (2006). An introduction to ROC analysis. Pattern Recognition Letters, 27(8), 861-874.
       :doi:`10.1016/j.patrec.2005.10.010`

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.evaluate import roc_curve
    >>> curve = roc_curve(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    >>> curve.auc, curve.thresholds.tolist()
    (0.75, [inf, 0.8, 0.4, 0.35, 0.1])
    """
    options = None if confidence is None else _check_resampling(confidence, resamples, seed)
    gathered = _gathering.gather(_evidence_of(evidence), truth, _check_band(band))
    origin = gathered.origin
    if not origin.true or not origin.other:
        raise ValueError(
            f"truth must hold both kinds, got {origin.true} true and {origin.other} other {origin.unit} to count; "
            "there is no curve of one kind"
        )
    return make_roc(gathered.ranking, _interval(gathered, _ranking.roc_area, options), origin)


def precision_recall_curve(
    evidence: Localisation | npt.NDArray[Any] | Iterable[Localisation | npt.NDArray[Any]],
    truth: npt.NDArray[np.bool_] | Iterable[Mask],
    *,
    band: int = 0,
    confidence: float | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> PrecisionRecallCurve:
    """Measure precision and recall at every threshold, their mean, and the threshold of the highest F1.

    It says more than `roc_curve` where little is true, as in most manipulated pictures [1]_. Memory and rounding are
    the same as there.

    Parameters
    ----------
    evidence : Localisation, ndarray or iterable of either
        Finite numbers, more = more surely manipulated: a map (H, W), one score a picture (N,), or for a set an
        iterable of maps, whose sizes may differ.
    truth : ndarray of bool or iterable of them
        True where manipulated, in the shapes of `evidence`.
    band : int
        Pixels at most this far from a pixel of the other kind in the truth are left out. For maps only.
    confidence : float, optional
        Asks for a percentile bootstrap interval of the average precision over pictures, from 0.5 to 0.999.
    resamples : int
        How many sets are drawn for it, each of as many pictures as there are, with replacement; at least 100.
    seed : int
        What they are drawn from: same seed, same interval. At least 0.

    Returns
    -------
    PrecisionRecallCurve
        Rates, thresholds, the average precision, the best F1, and what was counted how.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If shapes differ, evidence is not finite, nothing that counts is true, an interval is asked for a single map,
        or a number is out of its range.

    References
    ----------
    .. [1] Davis, J., Goadrich, M. (2006). The relationship between precision-recall and ROC curves. Proceedings of
       the 23rd International Conference on Machine Learning, 233-240. :doi:`10.1145/1143844.1143874`

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.evaluate import precision_recall_curve
    >>> curve = precision_recall_curve(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    >>> round(curve.average_precision, 4), curve.best_f1, curve.best_threshold
    (0.8333, 0.8, 0.35)
    """
    options = None if confidence is None else _check_resampling(confidence, resamples, seed)
    gathered = _gathering.gather(_evidence_of(evidence), truth, _check_band(band))
    origin = gathered.origin
    if not origin.true:
        raise ValueError(
            f"truth must hold a true one of the {origin.other} {origin.unit} that count, got none; "
            "without any there is no recall"
        )
    interval = _interval(gathered, _ranking.average_precision, options)
    return make_precision_recall(gathered.ranking, interval, origin)


def _score_mask(found: object, truth: object, threshold: object, band: int, empty: Empty, *, of: str = "") -> MaskScore:
    """Score one picture; `of` is its number in a set, for the messages."""
    true = check_mask(truth, f"truth{of}")
    if isinstance(found, Localisation):
        found = found.mask if threshold is None else found.evidence
    if threshold is None:
        mask = _check_given_mask(found, f"found{of}")
        _gathering.check_same_shape(mask, true, f"found{of}", f"truth{of}")
        return MaskScore(*count_pixels(mask, true, band), None, "mask", band, empty)
    if isinstance(found, np.ndarray) and found.dtype == np.bool_:
        raise ValueError(f"threshold is for evidence, but found{of} is a bool mask; leave threshold out")
    evidence, true = _gathering.check_map(found, true, f"found{of}", f"truth{of}")
    if isinstance(threshold, str):
        check_choice(threshold, "threshold", ("best",))
        level = _best_threshold(evidence, true, band)
        return MaskScore(*count_pixels(evidence >= level, true, band), level, "best", band, empty)
    level = check_number(threshold, "threshold", low=-np.inf, high=np.inf)
    return MaskScore(*count_pixels(evidence >= level, true, band), level, "fixed", band, empty)


def _best_threshold(evidence: npt.NDArray[Any], truth: Mask, band: int) -> float:
    """Return the highest threshold of the highest F1: above all evidence if nothing is true."""
    scored = _gathering.scored_pixels(truth, band)
    values, labels = (evidence.ravel(), truth.ravel()) if scored is None else (evidence[scored], truth[scored])
    return _ranking.best_f1(_ranking.rank(values, labels)[0])[1] if labels.any() else np.inf


def _check_given_mask(found: object, name: str) -> Mask:
    if isinstance(found, np.ndarray) and found.dtype.kind in "iuf":
        check_evidence(found, name)
        cure = f", or {name} > 127 for a mask in 8 bits" if found.dtype == np.uint8 else ""
        raise ValueError(
            f"threshold is needed, since {name} is a {found.dtype.name} array and no bool mask; "
            f'pass a number or "best" for evidence{cure}'
        )
    return check_mask(found, name)


def _boxes_of(regions: object, name: str) -> list[Box]:
    if isinstance(regions, Localisation):
        regions = regions.regions
    if isinstance(regions, np.ndarray):
        return boxes_of_mask(check_mask(regions, name))
    if not isinstance(regions, Iterable):
        raise TypeError(
            f"{name} must be a Localisation, a bool mask or an iterable of Region or Box, "
            f"got {type(regions).__name__}; pass a list even for one box"
        )
    boxes = []
    for index, region in enumerate(regions):
        if not isinstance(region, (Region, Box)):
            raise TypeError(
                f"{name} must hold Region or Box, got {type(region).__name__} at {index}; "
                "make one with Box(left, top, right, bottom)"
            )
        boxes.append(region if isinstance(region, Box) else region.box)
    return boxes


def _evidence_of(evidence: object) -> object:
    """Return the evidence of localisations, of a set lazily; anything else as it is, for the check."""
    if isinstance(evidence, Localisation):
        return evidence.evidence
    if isinstance(evidence, (np.ndarray, str, bytes)) or not isinstance(evidence, Iterable):
        return evidence
    return (one.evidence if isinstance(one, Localisation) else one for one in evidence)


def _interval(gathered: _gathering.Gathered, score: Any, options: tuple[float, int, int] | None) -> Interval | None:
    if options is None:
        return None
    confidence, resamples, seed = options
    return _gathering.measure_interval(gathered, score, confidence=confidence, resamples=resamples, seed=seed)


def _check_two(pair: object, index: int) -> tuple[object, object]:
    if not isinstance(pair, tuple) or len(pair) != 2:
        got = f"{len(pair)} values" if isinstance(pair, tuple) else type(pair).__name__
        raise TypeError(f"pairs must hold (found, truth), got {got} at {index}; zip two lists into pairs")
    return pair


def _check_band(band: object) -> int:
    pixels = check_whole(band, "band")
    if pixels < 0:
        raise ValueError(f"band must be at least 0 pixels, got {pixels}")
    return pixels


def _check_empty(empty: object) -> Any:
    return check_choice(empty, "empty", tuple(EMPTY))


def _check_resampling(confidence: object, resamples: object, seed: object) -> tuple[float, int, int]:
    low, high = _CONFIDENCES
    share = check_number(confidence, "confidence", low=low, high=high)
    count, start = check_whole(resamples, "resamples"), check_whole(seed, "seed")
    if count < _FEWEST_RESAMPLES:
        raise ValueError(f"resamples must be at least {_FEWEST_RESAMPLES}, got {count}; fewer give no interval")
    if start < 0:
        raise ValueError(f"seed must be at least 0, got {start}")
    return share, count, start


__all__ = [
    "Interval",
    "MaskScore",
    "Match",
    "Origin",
    "PrecisionRecallCurve",
    "Rates",
    "RegionScore",
    "RocCurve",
    "SetScore",
    "precision_recall_curve",
    "roc_curve",
    "score_mask",
    "score_regions",
    "score_set",
]
