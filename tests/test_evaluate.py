"""Scores equal scikit-learn's, say by what conventions they were made, and refuse what they cannot score."""

from __future__ import annotations

import math
import re
import tracemalloc
from dataclasses import FrozenInstanceError, astuple
from functools import cache
from typing import Any

import numpy as np
import pytest
import scipy.ndimage
import scipy.optimize
import scipy.stats
import sklearn.metrics
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import facediff
from facediff import Box, Localisation, evaluate
from facediff._gathering import gather
from facediff._ranking import BITS, average_precision, roc_area
from facediff.evaluate import Match, precision_recall_curve, roc_curve, score_mask, score_regions, score_set

Array = np.ndarray[Any, Any]

EXACT = 1e-12
NAMES = ("iou", "precision", "recall", "f1", "specificity")
ZERO_DIVISION = {"one": 1.0, "zero": 0.0, "nan": np.nan}

shapes = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9)
masks = hnp.arrays(bool, shapes)
pairs_of_masks = shapes.flatmap(lambda shape: st.tuples(hnp.arrays(bool, shape), hnp.arrays(bool, shape)))
# Few distinct values make ties, which is where curves go wrong; nothing of them needs more than 10 bits.
levels = st.sampled_from([-3.0, -0.5, 0.0, 0.125, 1.0, 1.5, 700.0])
maps_with_truth = shapes.flatmap(
    lambda shape: st.tuples(hnp.arrays(np.float32, shape, elements=levels), hnp.arrays(bool, shape))
)


def sklearn_rates(found: Array, truth: Array, zero_division: float) -> list[float]:
    found, truth = found.ravel(), truth.ravel()
    options: Any = {"zero_division": zero_division, "labels": [False, True], "average": None}
    functions = (
        sklearn.metrics.jaccard_score,
        sklearn.metrics.precision_score,
        sklearn.metrics.recall_score,
        sklearn.metrics.f1_score,
    )
    rates = []
    for function in functions:
        if function is sklearn.metrics.jaccard_score and np.isnan(zero_division):
            rates.append(np.nan if not (found | truth).any() else sklearn.metrics.jaccard_score(truth, found))
        else:
            rates.append(function(truth, found, **options)[1])
    return [*rates, sklearn.metrics.recall_score(truth, found, **options)[0]]


def block(shape: tuple[int, int], rows: slice, columns: slice) -> Array:
    mask = np.zeros(shape, bool)
    mask[rows, columns] = True
    return mask


@cache
def localised() -> tuple[Localisation, Array]:
    real = np.full((64, 64, 3), 90, np.uint8)
    fake = real.copy()
    fake[20:30, 20:40] = 200
    return facediff.find_regions(facediff.compare_images(real, fake)), block((64, 64), np.s_[20:30], np.s_[20:40])


# Masks.


def test_the_counts_of_a_tiny_mask_are_those_counted_by_hand() -> None:
    found = np.array([[1, 1, 1, 0], [0, 0, 0, 0]], bool)
    truth = np.array([[0, 1, 1, 1], [1, 0, 0, 0]], bool)
    score = score_mask(found, truth)
    assert (score.tp, score.fp, score.fn, score.tn, score.unscored) == (2, 1, 2, 3, 0)
    assert (score.iou, score.precision, score.recall, score.f1, score.specificity) == (
        2 / 5,
        2 / 3,
        1 / 2,
        4 / 7,
        3 / 4,
    )
    assert astuple(score.rates) == (2 / 5, 2 / 3, 1 / 2, 4 / 7, 3 / 4)


@given(pairs_of_masks, st.sampled_from(sorted(ZERO_DIVISION)))
@settings(max_examples=30, deadline=None)
def test_rates_are_scikit_learns_on_any_masks(masks: tuple[Array, Array], empty: Any) -> None:
    score = score_mask(*masks, empty=empty)
    expected = sklearn_rates(*masks, ZERO_DIVISION[empty])
    np.testing.assert_allclose([getattr(score, name) for name in NAMES], expected, rtol=0, atol=EXACT)


@pytest.mark.parametrize("empty", sorted(ZERO_DIVISION))
@pytest.mark.parametrize("true", [False, True])
@pytest.mark.parametrize("marked", [False, True])
def test_rates_are_scikit_learns_where_everything_or_nothing_is_marked(marked: bool, true: bool, empty: Any) -> None:
    found, truth = np.full((3, 5), marked), np.full((3, 5), true)
    score = score_mask(found, truth, empty=empty)
    expected = sklearn_rates(found, truth, ZERO_DIVISION[empty])
    np.testing.assert_allclose([getattr(score, name) for name in NAMES], expected, rtol=0, atol=EXACT)


@given(pairs_of_masks)
@settings(max_examples=30, deadline=None)
def test_exchanging_found_and_truth_exchanges_precision_and_recall(masks: tuple[Array, Array]) -> None:
    one, other = score_mask(*masks), score_mask(*masks[::-1])
    assert (one.iou, one.f1) == (other.iou, other.f1)
    assert (one.precision, one.recall) == (other.recall, other.precision)


@given(pairs_of_masks, st.integers(0, 4))
@settings(max_examples=50, deadline=None)
def test_the_band_is_all_within_its_distance_of_the_true_edge(masks: tuple[Array, Array], band: int) -> None:
    found, truth = masks
    scored = np.ones(truth.shape, bool)
    if truth.any() and not truth.all():
        distance = scipy.ndimage.distance_transform_edt(truth) + scipy.ndimage.distance_transform_edt(~truth)
        scored = distance > band
    score = score_mask(found, truth, band=band)
    kinds = (found & truth, found & ~truth, truth & ~found, ~found & ~truth)
    assert [score.tp, score.fp, score.fn, score.tn] == [(kind & scored).sum() for kind in kinds]
    assert score.unscored == (~scored).sum()


def test_the_band_holds_whole_numbers_far_from_the_corner_exactly() -> None:
    # A disk of 3 4 5 triangles: at (3, 4) from a single true pixel the distance is 5 and counts, at (4, 4) it does not.
    truth = block((41, 41), np.s_[20:21], np.s_[20:21])
    y, x = np.mgrid[-20:21, -20:21]
    disk = x**2 + y**2 <= 25
    assert score_mask(disk, truth, band=5).unscored == disk.sum() == 81
    assert score_mask(disk, truth, band=5).specificity == 1
    assert score_mask(disk, truth, band=4).fp == 81 - (x**2 + y**2 <= 16).sum()


def test_the_pictures_border_is_no_edge() -> None:
    truth = block((6, 8), np.s_[:], np.s_[:4])
    assert score_mask(truth, truth, band=1).unscored == 2 * 6


def test_a_band_over_everything_leaves_nothing_to_count() -> None:
    truth = block((4, 4), np.s_[:2], np.s_[:])
    score = score_mask(truth, truth, band=9, empty="nan")
    assert score.unscored == 16
    assert np.isnan(astuple(score.rates)).all()
    assert score_mask(truth.astype(float), truth, band=9, threshold="best").threshold == np.inf


def test_masks_need_not_be_contiguous_and_are_not_written_to() -> None:
    rng = np.random.default_rng(1)
    found, truth = rng.random((2, 20, 30)) < 0.4
    turned = score_mask(found.T, truth.T, band=2)
    for mask in (found, truth):
        mask.flags.writeable = False
    assert turned == score_mask(found, truth, band=2)
    assert score_mask(found[::-1, ::2], truth[::-1, ::2], band=1) == score_mask(
        found[::-1, ::2].copy(), truth[::-1, ::2].copy(), band=1
    )


# Evidence at a threshold.


@given(maps_with_truth, levels)
@settings(max_examples=25, deadline=None)
def test_evidence_at_or_above_a_threshold_is_found(given_map: tuple[Array, Array], level: float) -> None:
    evidence, truth = given_map
    score = score_mask(evidence, truth, threshold=level)
    assert (score.threshold, score.policy) == (level, "fixed")
    assert score.rates == score_mask(evidence >= level, truth).rates


@given(maps_with_truth, st.integers(0, 2))
@settings(max_examples=30, deadline=None)
def test_the_best_threshold_is_the_highest_that_no_other_exceeds(given_map: tuple[Array, Array], band: int) -> None:
    evidence, truth = given_map
    tried = [np.inf, *np.unique(evidence)[::-1]]
    f1 = [score_mask(evidence, truth, threshold=float(level), band=band).f1 for level in tried]
    score = score_mask(evidence, truth, threshold="best", band=band)
    assert score.policy == "best"
    assert score.f1 == max(f1)
    assert score.threshold == tried[int(np.argmax(f1))]


def test_whole_numbers_are_evidence_if_a_threshold_is_given() -> None:
    truth = np.array([[False, True, True]])
    assert score_mask(np.array([[9, 10, 11]], np.uint8), truth, threshold=10).f1 == 1


def test_a_localisation_is_scored_by_its_mask_and_with_a_threshold_by_its_evidence() -> None:
    found, truth = localised()
    assert score_mask(found, truth) == score_mask(found.mask, truth)
    assert score_mask(found, truth).iou == 1
    assert score_mask(found, truth, threshold=7.0) == score_mask(found.evidence, truth, threshold=7.0)
    assert score_mask(found, truth, threshold="best").policy == "best"


def test_a_score_says_by_what_conventions_it_was_made() -> None:
    found, truth = np.array([[True, True, False, False]]), np.array([[True, False, True, False]])
    assert str(score_mask(found, truth)) == (
        "IoU 0.3333, F1 0.5000, precision 0.5000, recall 0.5000, specificity 0.5000; 1 px right, 1 false, 1 missed; "
        "mask as given; no band; 0/0 scores 1"
    )
    evidence = np.array([[0.5, 2.5, 2.5, 0.0]], np.float32)
    truth = np.array([[False, True, True, False]])
    assert score_mask(evidence, truth, threshold=0.25, band=1, empty="nan").conventions == (
        "evidence >= 0.25; 1 px on either side of the true edge not scored; 0/0 scores NaN"
    )
    assert score_mask(evidence, truth, threshold="best", empty="zero").conventions == (
        "evidence >= 2.5, the best F1; no band; 0/0 scores 0"
    )


def test_a_score_is_frozen_and_equal_to_the_same_score() -> None:
    mask = np.eye(3, dtype=bool)
    score = score_mask(mask, mask)
    assert score == score_mask(mask.copy(), mask.copy())
    with pytest.raises(FrozenInstanceError):
        score.tp = 5  # type: ignore[misc]


MASK = np.eye(4, dtype=bool)
MAP = MASK.astype(np.float32)
INFINITE = np.full((4, 4), np.inf)
BAD_MASKS = [
    (
        MASK,
        MASK.astype(np.uint8),
        {},
        TypeError,
        "truth must be a bool mask, got a uint8 array; pass truth > 127 for a",
    ),
    (MASK, MAP, {}, TypeError, "truth must be a bool mask, got a float32 array; pass for example truth > 0"),
    (MASK, MASK.tolist(), {}, TypeError, "truth must be a bool mask, a plain NumPy array, got list; convert it with"),
    (
        MASK,
        np.ma.masked_array(MASK),
        {},
        TypeError,
        "truth must be a bool mask, a plain NumPy array, got a masked array",
    ),
    (
        MASK,
        MASK[0],
        {},
        ValueError,
        "truth must be (H, W) of at least one pixel, got shape (4,); pass one value for each",
    ),
    (MASK[:0], MASK[:0], {}, ValueError, "truth must be (H, W) of at least one pixel, got shape (0, 4)"),
    (MASK, MASK[1:], {}, ValueError, "found and truth must have the same shape, got (4, 4) and (3, 4); crop or align"),
    (MAP, MASK[1:], {"threshold": 1}, ValueError, "found and truth must have the same shape, got (4, 4) and (3, 4)"),
    (None, MASK, {}, TypeError, "found must be a bool mask, a plain NumPy array, got NoneType"),
    (MASK.astype("U"), MASK, {}, TypeError, "found must be a bool mask, got a str"),
    (
        MAP,
        MASK,
        {},
        ValueError,
        'threshold is needed, since found is a float32 array and no bool mask; pass a number or "b',
    ),
    (
        MASK.astype(np.uint8),
        MASK,
        {},
        ValueError,
        "threshold is needed, since found is a uint8 array and no bool mask; "
        'pass a number or "best" for evidence, or found > 127 for a mask in 8 bits',
    ),
    (
        MASK,
        MASK,
        {"threshold": 1},
        ValueError,
        "threshold is for evidence, but found is a bool mask; leave threshold out",
    ),
    (MAP, MASK, {"threshold": "otsu"}, ValueError, "threshold must be one of 'best', got 'otsu'"),
    (MAP, MASK, {"threshold": MAP}, TypeError, "threshold must be a number, got array("),
    (MAP, MASK, {"threshold": np.nan}, ValueError, "threshold must lie between -inf and inf, got nan"),
    (
        MAP[None],
        MASK,
        {"threshold": 1},
        ValueError,
        "found must be (H, W), or (N,) for one score a picture, got shape (1,",
    ),
    (MAP[:0], MASK, {"threshold": 1}, ValueError, "found must hold at least one number, got shape (0, 4)"),
    (MAP + 0j, MASK, {"threshold": 1}, TypeError, "found must be numbers, got a complex64 array; more = more surely"),
    (
        MAP.tolist(),
        MASK,
        {"threshold": 1},
        TypeError,
        "found must be an array of numbers, a plain NumPy array, got list",
    ),
    (MASK, MASK, {"band": -1}, ValueError, "band must be at least 0 pixels, got -1"),
    (MASK, MASK, {"band": 1.0}, TypeError, "band must be a whole number, got 1.0 (float)"),
    (MASK, MASK, {"empty": "skip"}, ValueError, "empty must be one of 'one', 'zero', 'nan', got 'skip'"),
    (MASK, MASK, {"empty": 1}, TypeError, "empty must be one of 'one', 'zero', 'nan', got 1"),
]


@pytest.mark.parametrize(("found", "truth", "options", "error", "message"), BAD_MASKS)
def test_what_cannot_be_scored_is_refused(found: Any, truth: Any, options: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match="^" + re.escape(message)):
        score_mask(found, truth, **options)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_evidence_that_is_not_finite_is_refused_with_its_place(value: float) -> None:
    evidence = np.zeros((3, 4), np.float32)
    evidence[1, 2] = evidence[2, 0] = value
    message = r"^found must be finite, got 2 NaN or infinite values, the first at \(1, 2\); replace them, say by 0"
    with pytest.raises(ValueError, match=message):
        score_mask(evidence, evidence > 1, threshold=1.0)


# Regions.

apart = st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=8).map(sorted)


def test_regions_are_paired_one_to_one_and_the_rest_is_named() -> None:
    true = [Box(0, 0, 10, 10), Box(20, 0, 30, 10), Box(40, 0, 50, 10)]
    found = [Box(70, 0, 80, 10), Box(20, 0, 30, 8), Box(0, 0, 10, 10), Box(1, 0, 10, 10)]
    score = score_regions(found, true)
    assert score.matches == (Match(found=2, true=0, iou=1.0), Match(found=1, true=1, iou=0.8))
    assert str(score.matches[1]) == "found 1 is true 1, IoU 0.8000"
    assert (score.extra, score.missed) == ((0, 3), (2,))
    assert (score.precision, score.recall, score.f1) == (2 / 4, 2 / 3, 4 / 7)
    assert str(score) == (
        "2 of 3 true regions found, 2 false: precision 0.5000, recall 0.6667, F1 0.5714; "
        "boxes match from IoU 0.5, the closest first, one to one; 0/0 scores 1"
    )


def test_the_least_iou_counts_as_a_match() -> None:
    assert score_regions([Box(0, 0, 10, 8)], [Box(0, 0, 10, 10)], iou=0.8).recall == 1
    assert score_regions([Box(0, 0, 10, 8)], [Box(0, 0, 10, 10)], iou=0.81).recall == 0


@pytest.mark.parametrize(("empty", "right"), [("one", 1.0), ("zero", 0.0), ("nan", np.nan)])
def test_no_regions_score_what_is_asked_for(empty: Any, right: float) -> None:
    score = score_regions([], [], empty=empty)
    np.testing.assert_equal([score.precision, score.recall, score.f1], [right] * 3)
    missed = score_regions([], [Box(0, 0, 1, 1)], empty=empty)
    np.testing.assert_equal([missed.precision, missed.recall, missed.f1], [right, 0.0, 0.0])


@given(apart, apart, st.randoms(use_true_random=False), st.floats(0.5, 1, exclude_min=True))
@settings(max_examples=50, deadline=None)
def test_no_matching_of_boxes_that_lie_apart_has_more_pairs(
    cells: Any, true_cells: Any, rnd: Any, least: float
) -> None:
    found = [Box(10 * x + rnd.randint(0, 2), 10 * y, 10 * x + rnd.randint(6, 10), 10 * y + 9) for x, y in cells]
    true = [Box(10 * x + rnd.randint(0, 2), 10 * y, 10 * x + rnd.randint(6, 10), 10 * y + 9) for x, y in true_cells]
    score = score_regions(found, true, iou=least)
    overlaps = np.array([[one.iou(other) for other in true] for one in found]).reshape(len(found), len(true))
    rows, columns = scipy.optimize.linear_sum_assignment(np.where(overlaps >= least, 1 + overlaps, 0), maximize=True)
    best = {(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if overlaps[i, j] >= least}
    assert {(match.found, match.true) for match in score.matches} == best
    assert all(match.iou == overlaps[match.found, match.true] for match in score.matches)
    assert len(score.matches) + len(score.extra) == len(found)
    assert len(score.matches) + len(score.missed) == len(true)


def test_masks_stand_for_the_boxes_of_their_components() -> None:
    mask = block((20, 30), np.s_[10:15], np.s_[2:8]) | block((20, 30), np.s_[0:3], np.s_[20:29])
    mask[3, 29] = True  # touches by its corner
    boxes = [Box(2, 10, 8, 15), Box(20, 0, 30, 4)]
    assert [match.iou for match in score_regions(mask, boxes).matches] == [1.0, 1.0]
    assert [(match.found, match.true) for match in score_regions(boxes, mask.T.copy().T).matches] == [(0, 0), (1, 1)]
    assert score_regions(np.zeros((3, 3), bool), mask).recall == 0


def test_a_localisation_and_its_regions_are_the_same() -> None:
    found, truth = localised()
    assert score_regions(found, truth) == score_regions(found.regions, [found.regions[0].box])
    assert score_regions(found, found).f1 == 1


@pytest.mark.parametrize(
    ("found", "true", "options", "error", "message"),
    [
        (
            Box(0, 0, 1, 1),
            [],
            {},
            TypeError,
            "found must be a Localisation, a bool mask or an iterable of Region or Box, ",
        ),
        (
            [],
            3,
            {},
            TypeError,
            "true must be a Localisation, a bool mask or an iterable of Region or Box, got int; pass a",
        ),
        (
            [(0, 0, 1, 1)],
            [],
            {},
            TypeError,
            "found must hold Region or Box, got tuple at 0; make one with Box(left, top",
        ),
        ([], MASK.astype(int), {}, TypeError, "true must be a bool mask, got a int64 array; pass for example true > 0"),
        ([], [], {"iou": 0}, ValueError, "iou must be above 0, got 0; boxes that share nothing do not match"),
        ([], [], {"iou": 1.5}, ValueError, "iou must lie between 0 and 1, got 1.5"),
        ([], [], {"iou": "half"}, TypeError, "iou must be a number, got 'half' (str)"),
        ([], [], {"empty": "?"}, ValueError, "empty must be one of 'one', 'zero', 'nan', got '?'"),
    ],
)
def test_what_is_no_region_is_refused(found: Any, true: Any, options: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match="^" + re.escape(message)):
        score_regions(found, true, **options)


def test_a_box_of_zero_size_is_refused_before_it_can_be_scored() -> None:
    with pytest.raises(ValueError, match=r"^a box must have right > left and bottom > top, got left=3, top=0, right=3"):
        score_regions([Box(3, 0, 3, 5)], [])


# Curves.


@given(maps_with_truth)
@settings(max_examples=50, deadline=None)
def test_the_roc_curve_is_scikit_learns(given_map: tuple[Array, Array]) -> None:
    evidence, truth = given_map
    assume(truth.any() and not truth.all())
    curve = roc_curve(evidence, truth)
    false_rate, true_rate, thresholds = sklearn.metrics.roc_curve(truth.ravel(), evidence.ravel())
    np.testing.assert_allclose(curve.false_positive_rate, false_rate, rtol=0, atol=EXACT)
    np.testing.assert_allclose(curve.true_positive_rate, true_rate, rtol=0, atol=EXACT)
    np.testing.assert_array_equal(curve.thresholds, thresholds)
    assert curve.auc == pytest.approx(sklearn.metrics.roc_auc_score(truth.ravel(), evidence.ravel()), abs=EXACT)


@given(maps_with_truth)
@settings(max_examples=50, deadline=None)
def test_the_precision_recall_curve_is_scikit_learns(given_map: tuple[Array, Array]) -> None:
    evidence, truth = given_map
    assume(truth.any())
    curve = precision_recall_curve(evidence, truth)
    every = sklearn.metrics.precision_recall_curve(truth.ravel(), evidence.ravel())
    precision, recall, thresholds = sklearn.metrics.precision_recall_curve(
        truth.ravel(), evidence.ravel(), drop_intermediate=True
    )
    np.testing.assert_allclose(curve.precision[::-1], precision, rtol=0, atol=EXACT)
    np.testing.assert_allclose(curve.recall[::-1], recall, rtol=0, atol=EXACT)
    np.testing.assert_array_equal(curve.thresholds[:0:-1], thresholds)
    average = sklearn.metrics.average_precision_score(truth.ravel(), evidence.ravel())
    assert curve.average_precision == pytest.approx(average, abs=EXACT)
    f1 = [2 * p * r / (p + r) if p + r else 0.0 for p, r in zip(*every[:2], strict=True)]
    assert curve.best_f1 == pytest.approx(max(f1), abs=EXACT)
    assert curve.best_f1 == score_mask(evidence, truth, threshold=curve.best_threshold).f1
    assert curve.best_f1 == score_mask(evidence, truth, threshold="best").f1


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int64, np.uint8])
def test_many_scores_of_any_dtype_rank_as_scikit_learn_ranks_them(dtype: Any) -> None:
    rng = np.random.default_rng(4)
    truth = rng.random(20000) < 0.1
    scores = (100 + 20 * rng.normal(size=20000) + 25 * truth).clip(0, 255).astype(dtype)
    exact = scores.astype(np.float64)
    area, average = roc_curve(scores, truth).auc, precision_recall_curve(scores, truth).average_precision
    assert area == pytest.approx(sklearn.metrics.roc_auc_score(truth, exact), abs=EXACT)
    assert average == pytest.approx(sklearn.metrics.average_precision_score(truth, exact), abs=EXACT)


@given(maps_with_truth)
@settings(max_examples=30, deadline=None)
def test_turning_evidence_round_turns_the_area_round(given_map: tuple[Array, Array]) -> None:
    evidence, truth = given_map
    assume(truth.any() and not truth.all())
    assert roc_curve(-evidence, truth).auc == pytest.approx(1 - roc_curve(evidence, truth).auc, abs=EXACT)
    assert roc_curve(np.zeros_like(evidence), truth).auc == 0.5
    assert roc_curve(truth.astype(float), truth).auc == 1


@given(st.lists(maps_with_truth, min_size=1, max_size=4), st.integers(0, 2))
@settings(max_examples=30, deadline=None)
def test_a_set_is_all_its_pixels_in_one(given_maps: list[tuple[Array, Array]], band: int) -> None:
    scored = []
    for evidence, truth in given_maps:
        distance = np.full(truth.shape, np.inf)
        if truth.any() and not truth.all():
            distance = scipy.ndimage.distance_transform_edt(truth) + scipy.ndimage.distance_transform_edt(~truth)
        scored.append((evidence[distance > band], truth[distance > band]))
    values, labels = (np.concatenate(parts) for parts in zip(*scored, strict=True))
    assume(labels.any() and not labels.all())
    evidences, truths = zip(*given_maps, strict=True)
    pooled, one = roc_curve(iter(evidences), iter(truths), band=band), roc_curve(values, labels)
    np.testing.assert_array_equal(pooled.thresholds, one.thresholds)
    np.testing.assert_array_equal(pooled.true_positive_rate, one.true_positive_rate)
    assert pooled.auc == one.auc
    curve = precision_recall_curve(iter(evidences), iter(truths), band=band)
    assert curve.average_precision == precision_recall_curve(values, labels).average_precision
    assert (curve.origin.true, curve.origin.other) == (labels.sum(), (~labels).sum())


@given(st.lists(st.floats(-1e300, 1e300).filter(lambda x: x == 0 or abs(x) > 1e-37), min_size=1, max_size=9))
@settings(max_examples=50, deadline=None)
def test_the_evidence_of_a_set_is_rounded_towards_zero_to_ten_bits(numbers: list[float]) -> None:
    evidence = np.array([numbers])
    curve = precision_recall_curve([evidence], [np.ones(evidence.shape, bool)])
    highest = float(np.finfo(np.float32).max)
    expected = set()
    for number in numbers:
        fraction, exponent = math.frexp(np.float32(min(max(number, -highest), highest)))
        expected.add(math.ldexp(math.trunc(fraction * 2**10), exponent - 10))
    assert curve.thresholds[1:].tolist() == sorted(expected, reverse=True)
    assert curve.origin.rounded


def test_the_area_of_a_set_is_near_the_exact_one_though_its_evidence_is_rounded() -> None:
    rng = np.random.default_rng(7)
    truth = rng.random((3, 100, 100)) < 0.2
    evidence = np.exp(rng.normal(size=truth.shape) + truth).astype(np.float32)
    pooled, exact = roc_curve(list(evidence), list(truth)), roc_curve(evidence.ravel(), truth.ravel())
    # The pairs that share a step count half instead of fully: their share bounds the error.
    steps = np.unique((evidence.view(np.uint32) >> (24 - BITS)).ravel(), return_inverse=True)[1]
    shared = np.bincount(steps, truth.ravel()) @ np.bincount(steps, ~truth.ravel()) / (truth.sum() * (~truth).sum())
    assert 0 < abs(pooled.auc - exact.auc) <= shared / 2 < 1e-3


def test_a_set_is_read_once_one_map_at_a_time() -> None:
    read: list[int] = []

    def evidence() -> Any:
        for index in range(40):
            read.append(index)
            yield np.random.default_rng(index).integers(0, 16, (200, 200)).astype(np.float32)

    def truths() -> Any:
        for index in range(40):
            assert read == list(range(index + 1))
            yield np.random.default_rng(100 + index).random((200, 200)) < 0.5

    tracemalloc.start()
    curve = roc_curve(evidence(), truths())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert curve.origin.true + curve.origin.other == 40 * 200 * 200
    assert peak < 40 * 200 * 200 * 5  # a map and a mask of each would already be more


def test_localisations_are_ranked_by_their_evidence() -> None:
    found, truth = localised()
    assert roc_curve(found, truth).auc == roc_curve(found.evidence, truth).auc > 0.99
    assert roc_curve([found, found], [truth, truth]).origin.pictures == 2
    assert precision_recall_curve(found, truth).best_f1 == score_mask(found, truth, threshold="best").f1


def test_a_truth_that_is_everything_has_precision_one() -> None:
    evidence = np.array([[0.5, 2.0]])
    curve = precision_recall_curve(evidence, np.ones((1, 2), bool))
    assert (curve.average_precision, curve.best_f1, curve.best_threshold) == (1, 1, 0.5)


def test_curves_are_read_only_and_say_what_they_were_made_of() -> None:
    evidence, truth = np.array([[0.1, 0.4, 0.35, 0.8]]), np.array([[False, False, True, True]])
    curve = roc_curve(evidence, truth)
    assert str(curve) == "ROC area 0.7500; 2 true and 2 other pixels of 1 picture; no band; exact"
    with pytest.raises(ValueError, match="read-only"):
        curve.thresholds[0] = 1
    assert str(roc_curve(evidence[0], truth[0])) == "ROC area 0.7500; 2 true and 2 other scores; no band; exact"
    # The band leaves out the two in the middle; 0.8 is 819.2 / 1024.
    assert str(precision_recall_curve([evidence] * 3, [truth] * 3, band=1)) == (
        f"Average precision 1.0000, best F1 1.0000 at evidence >= {819 / 1024:g}; 3 true and 3 other pixels of "
        "3 pictures; 1 px on either side of the true edge left out; evidence rounded to 10 bits"
    )


BAD_CURVES = [
    (MAP, MASK.astype(np.uint8), {}, TypeError, "truth must be a bool mask, got a uint8 array; pass truth > 127"),
    (MAP, MASK[1:], {}, ValueError, "evidence and truth must have the same shape, got (4, 4) and (3, 4)"),
    (MASK, MASK, {}, TypeError, "evidence must be numbers, got a bool array; score a mask with score_mask"),
    (
        MAP[None],
        MASK[None],
        {},
        ValueError,
        "evidence must be (H, W), or (N,) for one score a picture, got shape (1, 4, 4)",
    ),
    (-INFINITE, MASK, {}, ValueError, "evidence must be finite, got 16 NaN or infinite values, the first at (0, 0)"),
    (MAP[0], MASK, {}, ValueError, "truth must be (N,) of at least one score, got shape (4, 4)"),
    (MAP[0], MASK[0][:3], {}, ValueError, "evidence and truth must have the same shape, got (4,) and (3,)"),
    (
        MAP[0],
        MASK[0],
        {"band": 1},
        ValueError,
        "band needs maps, whose truth has an edge, got 1 with one score a picture",
    ),
    (MAP, MASK, {"band": -1}, ValueError, "band must be at least 0 pixels, got -1"),
    (3.5, MASK, {}, TypeError, "evidence must be an array, or for a set an iterable of arrays, got float; convert it"),
    ("map.png", [MASK], {}, TypeError, "evidence must be an array, or for a set an iterable of arrays, got str"),
    ([MAP], None, {}, TypeError, "truth must be an array, or for a set an iterable of arrays, got NoneType"),
    (
        [0.5, 1.0],
        [True, False],
        {},
        TypeError,
        "evidence must hold maps, got float at 0; pass numpy.asarray(evidence) fo",
    ),
    ([], [], {}, ValueError, "evidence must hold at least one map, got none; a generator can be read only once"),
    (
        [MAP, MAP],
        [MASK],
        {},
        ValueError,
        "evidence and truth must hold as many maps, got more of evidence after 1; pass",
    ),
    (
        [MAP],
        [MASK] * 2,
        {},
        ValueError,
        "evidence and truth must hold as many maps, got more of truth after 1; pass one",
    ),
    (
        [MAP, INFINITE],
        [MASK] * 2,
        {},
        ValueError,
        "evidence 1 must be finite, got 16 NaN or infinite values, the first at (0, 0)",
    ),
    ([MAP, MAP], [MASK, MAP], {}, TypeError, "truth 1 must be a bool mask, got a float32 array"),
    (
        [MAP, MAP[1:]],
        [MASK] * 2,
        {},
        ValueError,
        "evidence 1 and truth 1 must have the same shape, got (3, 4) and (4, 4)",
    ),
    (
        MAP,
        MASK,
        {"confidence": 0.95},
        ValueError,
        "confidence needs evidence of at least two pictures, got one; an interv",
    ),
    ([MAP], [MASK], {"confidence": 0.95}, ValueError, "confidence needs evidence of at least two pictures, got one"),
    (MAP, MASK, {"confidence": 95}, ValueError, "confidence must lie between 0.5 and 0.999, got 95"),
    (
        MAP,
        MASK,
        {"confidence": 0.9, "resamples": 10},
        ValueError,
        "resamples must be at least 100, got 10; fewer give no",
    ),
    (MAP, MASK, {"confidence": 0.9, "seed": -1}, ValueError, "seed must be at least 0, got -1"),
    (MAP, MASK, {"confidence": 0.9, "seed": None}, TypeError, "seed must be a whole number, got None (NoneType)"),
]


@pytest.mark.parametrize("curve", [roc_curve, precision_recall_curve])
@pytest.mark.parametrize(("evidence", "truth", "options", "error", "message"), BAD_CURVES)
def test_what_has_no_curve_is_refused(
    curve: Any, evidence: Any, truth: Any, options: Any, error: Any, message: str
) -> None:
    with pytest.raises(error, match="^" + re.escape(message)):
        curve(evidence, truth, **options)


def test_there_is_no_curve_of_one_kind() -> None:
    nothing, everything = np.zeros((4, 4), bool), np.ones((4, 4), bool)
    with pytest.raises(
        ValueError, match=r"^truth must hold both kinds, got 0 true and 16 other pixels to count; there is"
    ):
        roc_curve(MAP, nothing)
    with pytest.raises(
        ValueError, match=r"^truth must hold both kinds, got 4 true and 0 other scores to count; there is"
    ):
        roc_curve(MAP[0], everything[0])
    with pytest.raises(
        ValueError, match=r"^truth must hold a true one of the 32 pixels that count, got none; without any"
    ):
        precision_recall_curve([MAP, MAP], [nothing, nothing])
    with pytest.raises(ValueError, match=r"^truth must hold both kinds, got 0 true and 0 other pixels to count"):
        roc_curve(MAP, MASK, band=9)


# Sets and intervals.


def many(count: int, seed: int = 0) -> list[tuple[Array, Array]]:
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        truth = rng.random((12, 10 + rng.integers(5))) < rng.uniform(0.1, 0.4)
        made.append((truth ^ (rng.random(truth.shape) < rng.uniform(0, 0.3)), truth))
    return made


def test_the_mean_weighs_pictures_and_the_pool_pixels() -> None:
    pairs = many(6)
    score = score_set(iter(pairs))
    singles = [score_mask(*pair) for pair in pairs]
    assert score.scores == tuple(singles)
    for name in NAMES:
        expected = np.mean([getattr(single, name) for single in singles])
        assert getattr(score.mean, name) == pytest.approx(expected, abs=EXACT)
    found, truth = (np.concatenate([mask.ravel() for mask in side]) for side in zip(*pairs, strict=True))
    assert score.pooled == score_mask(found[None], truth[None])


def drawn_by_index(pairs: list[tuple[Array, Array]], resamples: int) -> tuple[Array, Array]:
    """Return mean and pooled IoU of sets drawn one picture at a time: the bootstrap as it is told."""
    rng = np.random.default_rng(99)
    shared = np.array([(found & truth).sum() for found, truth in pairs])
    either = np.array([(found | truth).sum() for found, truth in pairs])
    chosen = rng.integers(len(pairs), size=(resamples, len(pairs)))
    return (shared / either)[chosen].mean(1), shared[chosen].sum(1) / either[chosen].sum(1)


def test_intervals_are_quantiles_over_pictures_drawn_with_replacement() -> None:
    pairs = many(20)
    score = score_set(pairs, resamples=4000, confidence=0.9)
    ends = ((score.mean_low.iou, score.mean_high.iou), (score.pooled_low.iou, score.pooled_high.iou))
    for (low, high), drawn in zip(ends, drawn_by_index(pairs, 4000), strict=True):
        # The share below an end has a standard error of sqrt(0.05 * 0.95 / 4000) = 0.0034, twice: both ends are drawn.
        assert np.mean(drawn <= low) == pytest.approx(0.05, abs=5 * 0.0034 * 2**0.5)
        assert np.mean(drawn > high) == pytest.approx(0.05, abs=5 * 0.0034 * 2**0.5)


def test_the_same_seed_gives_the_same_interval_and_another_gives_another() -> None:
    pairs = many(5)
    assert score_set(pairs, seed=3) == score_set(pairs, seed=3)
    assert score_set(pairs, seed=3).mean_low != score_set(pairs, seed=4).mean_low
    assert score_set(pairs, seed=3).mean == score_set(pairs, seed=4).mean


def test_a_wider_confidence_is_a_wider_interval_round_the_score() -> None:
    narrow, wide = (score_set(many(12), confidence=share) for share in (0.8, 0.99))
    for name in NAMES:
        ends = [getattr(rates, name) for rates in (wide.mean_low, narrow.mean_low, narrow.mean_high, wide.mean_high)]
        assert ends == sorted(ends)
        assert ends[1] <= getattr(narrow.mean, name) <= ends[2]


def test_pictures_that_are_all_alike_leave_nothing_to_chance() -> None:
    score = score_set(many(1) * 7)
    np.testing.assert_allclose(astuple(score.mean_low), astuple(score.mean), rtol=0, atol=EXACT)
    np.testing.assert_allclose(astuple(score.pooled_high), astuple(score.pooled.rates), rtol=0, atol=EXACT)


def test_a_single_picture_has_no_interval() -> None:
    score = score_set(many(1))
    assert np.isnan(astuple(score.mean_low) + astuple(score.pooled_high)).all()
    assert score.mean == score.scores[0].rates
    assert "1 picture;" in str(score)


def test_nan_is_left_out_of_the_mean_and_an_empty_answer_counts_as_asked() -> None:
    empty = np.zeros((3, 3), bool)
    pairs = [*many(3), (empty, empty)]
    skipped, one, zero = (score_set(pairs, empty=word) for word in ("nan", "one", "zero"))
    three = score_set(many(3))
    assert skipped.mean.iou == pytest.approx(three.mean.iou, abs=EXACT)
    assert one.mean.iou == pytest.approx((3 * three.mean.iou + 1) / 4, abs=EXACT)
    assert zero.mean.iou == pytest.approx(3 * three.mean.iou / 4, abs=EXACT)
    nothing = score_set([(empty, empty)] * 2, empty="nan")
    assert np.isnan([nothing.mean.iou, nothing.mean_low.iou, nothing.pooled.iou, nothing.pooled_high.iou]).all()
    assert nothing.mean_low.specificity == 1


def test_a_set_is_scored_at_one_threshold_or_at_each_pictures_own() -> None:
    rng = np.random.default_rng(2)
    pairs = [(found + rng.random(found.shape), truth) for found, truth in many(4)]
    fixed, best = score_set(pairs, threshold=1.0), score_set(pairs, threshold="best", band=1)
    assert fixed.scores == tuple(score_mask(*pair, threshold=1.0) for pair in pairs)
    assert (fixed.pooled.threshold, best.pooled.threshold) == (1.0, None)
    assert best.scores == tuple(score_mask(*pair, threshold="best", band=1) for pair in pairs)
    assert best.pooled.unscored == sum(single.unscored for single in best.scores)
    evidence, truth = zip(*pairs, strict=True)
    common = precision_recall_curve(evidence, truth)
    assert score_set(pairs, threshold=common.best_threshold).pooled.f1 == pytest.approx(common.best_f1, abs=EXACT)


def test_the_score_of_a_set_says_by_what_conventions_it_was_made() -> None:
    score = score_set(many(8), band=1, confidence=0.9)
    assert str(score) == (
        f"IoU {score.mean.iou:.4f} ({score.mean_low.iou:.4f} to {score.mean_high.iou:.4f}) on average, "
        f"{score.pooled.iou:.4f} pooled; "
        f"F1 {score.mean.f1:.4f} ({score.mean_low.f1:.4f} to {score.mean_high.f1:.4f}) on average, "
        f"{score.pooled.f1:.4f} pooled; 90% intervals over 8 pictures; "
        "mask as given; 1 px on either side of the true edge not scored; 0/0 scores 1"
    )
    own = score_set([(MAP, MASK)] * 2, threshold="best")
    assert str(own).endswith("evidence >= each picture's own, the best F1; no band; 0/0 scores 1")


@pytest.mark.parametrize(
    ("pairs", "options", "error", "message"),
    [
        (
            [],
            {},
            ValueError,
            "pairs must hold at least one (found, truth), got none; a generator can be read only once",
        ),
        (7, {}, TypeError, "pairs must be an iterable of (found, truth), got int; pass a list of pairs"),
        ([MASK], {}, TypeError, "pairs must hold (found, truth), got ndarray at 0; zip two lists into pairs"),
        ([(MASK, MASK), (MASK,)], {}, TypeError, "pairs must hold (found, truth), got 1 values at 1; zip two lists"),
        ([(MASK, MASK), (MASK, MAP)], {}, TypeError, "truth 1 must be a bool mask, got a float32 array"),
        (
            [(MASK, MASK), (MASK, MASK[1:])],
            {},
            ValueError,
            "found 1 and truth 1 must have the same shape, got (4, 4) and",
        ),
        ([(MASK, MASK)], {"threshold": 2}, ValueError, "threshold is for evidence, but found 0 is a bool mask; leave"),
        ([(MASK, MASK)], {"confidence": 1}, ValueError, "confidence must lie between 0.5 and 0.999, got 1"),
        ([(MASK, MASK)], {"resamples": 1.5}, TypeError, "resamples must be a whole number, got 1.5 (float)"),
        ([(MASK, MASK)], {"band": -3}, ValueError, "band must be at least 0 pixels, got -3"),
        ([(MASK, MASK)], {"empty": "none"}, ValueError, "empty must be one of 'one', 'zero', 'nan', got 'none'"),
    ],
)
def test_what_is_no_set_is_refused(pairs: Any, options: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match="^" + re.escape(message)):
        score_set(pairs, **options)


def make_evidence(count: int, size: tuple[int, int], *, share: float) -> tuple[list[Array], list[Array]]:
    rng = np.random.default_rng(11)
    truths = [rng.random(size) < share for _ in range(count)]
    evidence = [(rng.integers(0, 9, size) + 2 * truth + rng.integers(0, 4)).astype(np.float32) for truth in truths]
    return evidence, truths


@pytest.mark.parametrize("unit", ["maps", "scores"])
def test_pictures_drawn_several_times_score_as_so_many_copies(unit: str) -> None:
    evidence, truths = make_evidence(10, (6, 7), share=0.3) if unit == "maps" else make_evidence(30, (1, 1), share=0.5)
    whole: Any = (evidence, truths) if unit == "maps" else [np.concatenate(side).ravel() for side in (evidence, truths)]
    gathered = gather(*whole, 0)
    weights = np.random.default_rng(3).multinomial(len(truths), [1 / len(truths)] * len(truths), size=20)
    assert gathered.redraw is not None
    hits, alarms = gathered.redraw(weights.astype(float))
    for row, area, average in zip(weights, roc_area(hits, alarms), average_precision(hits, alarms), strict=True):
        values, labels = (
            np.concatenate([one.ravel() for one, times in zip(side, row, strict=True) for _ in range(times)])
            for side in (evidence, truths)
        )
        assert area == pytest.approx(sklearn.metrics.roc_auc_score(labels, values), abs=EXACT)
        assert average == pytest.approx(sklearn.metrics.average_precision_score(labels, values), abs=EXACT)


def area_by_ranks(evidence: Array, truth: Array) -> float:
    count = truth.sum()
    return float(
        (scipy.stats.rankdata(evidence)[truth].sum() - count * (count + 1) / 2) / (count * (len(truth) - count))
    )


def test_the_interval_of_a_curve_is_that_of_scores_of_redrawn_pictures() -> None:
    evidence, truth = (np.concatenate(side).ravel() for side in make_evidence(40, (1, 1), share=0.5))
    curve = roc_curve(evidence, truth, confidence=0.8, resamples=2000, seed=1)
    interval = curve.interval
    assert interval is not None
    rng = np.random.default_rng(5)
    drawn = np.array([area_by_ranks(evidence[row], truth[row]) for row in rng.integers(40, size=(2000, 40))])
    # Standard error of a share of 0.1 of 2000, for two draws.
    error = 5 * (0.1 * 0.9 / 2000) ** 0.5 * 2**0.5
    assert np.mean(drawn <= interval.low) == pytest.approx(0.1, abs=error)
    assert np.mean(drawn >= interval.high) == pytest.approx(0.1, abs=error)
    assert (interval.confidence, interval.resamples, interval.seed) == (0.8, 2000, 1)
    assert f"({interval.low:.4f} to {interval.high:.4f} at 80%)" in str(curve)
    assert roc_curve(evidence, truth, confidence=0.8, resamples=2000, seed=1).interval == interval
    assert roc_curve(evidence, truth, confidence=0.8, resamples=2000, seed=2).interval != interval


def test_average_precision_has_an_interval_too() -> None:
    evidence, truths = make_evidence(10, (6, 7), share=0.3)
    curve = precision_recall_curve(evidence, truths, confidence=0.9)
    assert curve.interval is not None
    assert 0 < curve.interval.low < curve.average_precision < curve.interval.high < 1
    assert str(curve).startswith(f"Average precision {curve.average_precision:.4f} ({curve.interval}), best F1 ")


def test_sets_that_were_drawn_without_one_kind_are_left_out_of_the_interval() -> None:
    # Of two pictures, one of each kind, half of all draws hold one of them twice: no area. The others have area 1.
    interval = roc_curve(np.array([1.0, 2.0]), np.array([False, True]), confidence=0.95).interval
    assert interval is not None
    assert (interval.low, interval.high) == (1, 1)


def test_every_public_name_is_offered() -> None:
    assert all(hasattr(evaluate, name) for name in evaluate.__all__)
    assert evaluate.__all__ == sorted(evaluate.__all__, key=lambda name: (name[0].islower(), name))
