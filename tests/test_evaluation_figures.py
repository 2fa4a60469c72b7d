"""Figures of an evaluation show its numbers, in colours that the colour-blind can tell apart."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import skimage.color
import skimage.data
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import facediff
from facediff import evaluation_figures
from facediff.evaluate import precision_recall_curve, roc_curve, score_mask
from facediff.evaluation_figures import (
    FALSE,
    MISSED,
    RIGHT,
    draw_agreement,
    plot_agreement,
    plot_precision_recall,
    plot_roc,
)

SCORES = np.array([0.1, 0.4, 0.35, 0.8])
LABELS = np.array([False, False, True, True])
ROC = roc_curve(SCORES, LABELS)
PRECISION_RECALL = precision_recall_curve(SCORES, LABELS)
# One pixel of each kind: right, false, missed, neither.
FOUND, TRUTH = np.array([[True, True, False, False]]), np.array([[True, False, True, False]])

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB: doi:10.1109/TVCG.2009.113
BLINDNESS = {
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
}


def entries(ax: Axes) -> list[str]:
    legend = ax.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def curve_of(ax: Axes, label: str) -> Any:
    (line,) = [line for line in ax.lines if str(line.get_label()).startswith(label)]
    return line


def test_the_roc_curve_is_drawn_point_for_point() -> None:
    ax = plot_roc(ROC)
    line = curve_of(ax, "area")
    np.testing.assert_array_equal(line.get_xdata(), [0, 0, 0.5, 0.5, 1])
    np.testing.assert_array_equal(line.get_ydata(), [0, 0.5, 0.5, 1, 1])
    assert ax.get_title(loc="left") == "ROC, area 0.750"
    assert entries(ax) == ["chance", "area 0.750"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("false-positive rate", "true-positive rate")
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 1), (0, 1))


def test_precision_is_drawn_in_the_steps_that_average_precision_sums() -> None:
    ax = plot_precision_recall(PRECISION_RECALL)
    line = curve_of(ax, "average precision")
    assert line.get_drawstyle() == "steps-pre"
    recall, precision = line.get_xdata(), line.get_ydata()
    assert np.sum(np.diff(recall) * precision[1:]) == pytest.approx(PRECISION_RECALL.average_precision, abs=1e-12)
    # F1 is highest where both are found, at 0.35: precision 2/3, recall 1.
    (dot,) = [line for line in ax.lines if line.get_marker() == "o"]
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (1, 2 / 3)
    assert entries(ax) == ["chance", "average precision 0.833, best F1 0.800 at 0.35"]
    np.testing.assert_array_equal(curve_of(ax, "chance").get_ydata(), [0.5, 0.5])


def test_several_curves_are_named_and_differ_in_colour_and_dashes() -> None:
    other = roc_curve(SCORES, LABELS, confidence=0.9)
    ax = plot_roc({"ours": ROC, "theirs": other})
    interval = other.interval
    assert interval is not None
    assert ax.get_title(loc="left") == "ROC"
    assert entries(ax) == [
        "chance",
        "ours: area 0.750",
        f"theirs: area 0.750 ({interval.low:.3f} to {interval.high:.3f} at 90%)",
    ]
    ours, theirs = curve_of(ax, "ours"), curve_of(ax, "theirs")
    assert ours.get_color() != theirs.get_color()
    assert ours.get_linestyle() != theirs.get_linestyle()


def test_each_share_of_true_items_has_its_own_line_of_chance() -> None:
    rare = precision_recall_curve(SCORES, np.array([False, False, False, True]))
    ax = plot_precision_recall({"a": PRECISION_RECALL, "b": rare, "c": rare})
    assert [line.get_ydata()[0] for line in ax.lines if line.get_linestyle() == ":"] == [0.25, 0.5]
    assert [text for text in entries(ax) if "chance" in text] == ["chance"]
    assert ax.get_title(loc="left") == "Precision and recall"


def test_a_curve_of_many_points_is_drawn_in_few_that_lie_where_it_does() -> None:
    rng = np.random.default_rng(0)
    labels = rng.random(200_000) < 0.5
    curve = roc_curve(rng.normal(size=200_000) + labels, labels)
    line = curve_of(plot_roc(curve), "area")
    x, y = line.get_xdata(), line.get_ydata()
    assert len(curve.thresholds) > 50_000 > 4200 > len(x)
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    # Half a step of a grid of 2048 to either side, for each of both axes.
    assert np.abs(np.interp(curve.false_positive_rate, x, y) - curve.true_positive_rate).max() < 4 / 2048


def test_a_plot_goes_where_it_is_told() -> None:
    figure = Figure()
    first, second = figure.subplots(1, 2)
    assert plot_roc(ROC, ax=first) is first
    assert plot_precision_recall(PRECISION_RECALL, ax=second) is second
    assert plot_agreement(np.zeros((1, 4), np.uint8), FOUND, TRUTH, ax=figure.add_subplot()).figure is figure


def test_no_pyplot_state_is_left() -> None:
    code = (
        "import sys, numpy as np; from facediff import evaluate, evaluation_figures;"
        "evaluation_figures.plot_roc(evaluate.roc_curve(np.array([0.0, 1.0]), np.array([False, True])));"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "False\n"


# Agreement.


@pytest.mark.parametrize("level", [0, 100, 255])
def test_each_kind_of_pixel_has_its_colour_over_the_gray_picture(level: int) -> None:
    drawn = draw_agreement(np.full((1, 4), level, np.uint8), FOUND, TRUTH)
    assert drawn.dtype == np.uint8
    expected = 0.15 * level + 0.85 * np.array([RIGHT, FALSE, MISSED])
    np.testing.assert_allclose(drawn[0], [*expected, [level] * 3], rtol=0, atol=0.5 + 1e-9)


def test_what_is_neither_is_the_picture_in_gray_and_nothing_is_written_to() -> None:
    picture = skimage.data.astronaut()[:60, :80].copy()
    found, truth = np.zeros((2, 60, 80), bool)
    found[10:20, 10:30] = truth[15:25, 10:30] = True
    for array in (picture, found, truth):
        array.flags.writeable = False
    drawn = draw_agreement(picture, found, truth)
    neither = drawn[~(found | truth)]
    assert (neither == neither[:, :1]).all()
    luma = picture[~(found | truth)] @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(neither[:, 0], luma, rtol=0, atol=0.51)


def test_every_kind_of_picture_can_lie_below() -> None:
    gray = np.array([[0, 64, 128, 255]], np.uint8)
    expected = draw_agreement(gray, FOUND, TRUTH)
    for picture in (np.repeat(gray[..., None], 3, axis=2), gray.astype(np.uint16) * 257, gray / 255):
        limit = 1.0 if picture.dtype.kind == "f" else None
        np.testing.assert_array_equal(draw_agreement(picture, FOUND, TRUTH, data_range=limit), expected)


@pytest.mark.parametrize("sight", ["full", *BLINDNESS])
def test_the_colours_can_be_told_apart_whatever_lies_below_and_whoever_looks(sight: str) -> None:
    seen: list[list[Any]] = []
    for level in (0, 64, 128, 192, 255):
        drawn = draw_agreement(np.full((1, 4), level, np.uint8), FOUND, TRUTH) / 255
        if sight in BLINDNESS:
            linear = np.where(drawn <= 0.04045, drawn / 12.92, ((drawn + 0.055) / 1.055) ** 2.4)
            linear = (linear @ np.transpose(BLINDNESS[sight])).clip(0, 1)
            drawn = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
        seen.append(list(skimage.color.rgb2lab(drawn)[0]))
    for one, other in combinations(range(3), 2):
        for first in seen:
            for second in seen:
                # 2.3 is the least difference that is noticed.
                assert skimage.color.deltaE_ciede2000(first[one], second[other]) > 4 * 2.3


def test_the_figure_of_agreement_counts_what_it_shows() -> None:
    rng = np.random.default_rng(0)
    found, truth = rng.random((2, 30, 50)) < 0.4
    ax = plot_agreement(np.full((30, 50, 3), 90, np.uint8), found, truth)
    score = score_mask(found, truth)
    assert ax.get_title(loc="left") == f"Found and true, IoU {score.iou:.3f}, F1 {score.f1:.3f}"
    assert entries(ax) == [
        f"found and true: {score.tp} px",
        f"found only: {score.fp} px",
        f"true only: {score.fn} px",
    ]
    legend = ax.get_legend()
    assert legend is not None
    colors = [np.round(255 * np.array(to_rgb(patch.get_facecolor()))).tolist() for patch in legend.get_patches()]
    assert colors == [list(RIGHT), list(FALSE), list(MISSED)]
    drawn = draw_agreement(np.full((30, 50, 3), 90, np.uint8), found, truth)
    np.testing.assert_array_equal(ax.images[0].get_array(), drawn)


def test_a_localisation_is_drawn_by_its_mask() -> None:
    real = np.full((40, 60, 3), 90, np.uint8)
    fake = real.copy()
    fake[10:20, 20:40] = 200
    found = facediff.find_regions(facediff.compare_images(real, fake))
    truth = (fake != real).any(axis=2)
    np.testing.assert_array_equal(draw_agreement(fake, found, truth), draw_agreement(fake, found.mask, truth))


GRAY = np.zeros((1, 4), np.uint8)


@pytest.mark.parametrize("draw", [draw_agreement, plot_agreement])
@pytest.mark.parametrize(
    ("picture", "found", "truth", "error", "message"),
    [
        (
            GRAY,
            FOUND,
            TRUTH.astype(np.uint8),
            TypeError,
            "truth must be a bool mask, got a uint8 array; pass truth > 127",
        ),
        (
            GRAY,
            FOUND[:, 1:],
            TRUTH,
            ValueError,
            "found and truth must have the same shape, got (1, 3) and (1, 4); crop",
        ),
        (
            GRAY[:, 1:],
            FOUND,
            TRUTH,
            ValueError,
            "found and truth must have the picture's height and width (1, 3), got (1,",
        ),
        (GRAY / 255, FOUND, TRUTH, ValueError, "data_range is needed for float64 pictures, got none"),
        (None, FOUND, TRUTH, TypeError, "picture must be a NumPy array, got NoneType"),
    ],
)
def test_what_does_not_fit_is_not_drawn(
    draw: Any, picture: Any, found: Any, truth: Any, error: Any, message: str
) -> None:
    with pytest.raises(error, match="^" + re.escape(message)):
        draw(picture, found, truth)


@pytest.mark.parametrize(
    ("plot", "curves", "error", "message"),
    [
        (plot_roc, {}, ValueError, "curves must hold at least one RocCurve, got none"),
        (
            plot_roc,
            PRECISION_RECALL,
            TypeError,
            "curves must be a RocCurve or name several, got PrecisionRecallCurve; make",
        ),
        (
            plot_roc,
            {"a": ROC, "b": 1},
            TypeError,
            "curves must be a RocCurve or name several, got int for 'b'; make one wi",
        ),
        (
            plot_precision_recall,
            ROC,
            TypeError,
            "curves must be a PrecisionRecallCurve or name several, got RocCurve; make",
        ),
        (
            plot_precision_recall,
            [],
            TypeError,
            "curves must be a PrecisionRecallCurve or name several, got list; make one",
        ),
    ],
)
def test_what_is_no_curve_is_not_drawn(plot: Any, curves: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match="^" + re.escape(message)):
        plot(curves)


def test_an_axes_must_be_one() -> None:
    with pytest.raises(TypeError, match=r"^ax must be matplotlib Axes, got Figure; pass one of figure\.axes, or None"):
        plot_roc(ROC, ax=Figure())  # type: ignore[arg-type]


def test_every_public_name_is_offered() -> None:
    assert all(hasattr(evaluation_figures, name) for name in evaluation_figures.__all__)
