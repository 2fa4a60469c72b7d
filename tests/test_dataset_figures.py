"""Figures of data sets show the numbers and frames that they say, and an ROC is what counting pairs gives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from facediff import dataset_figures, write_image
from facediff._roc import check_scores, measure_roc
from facediff.datasets import VideoPair, count_values

LABELS = pd.DataFrame({"label": ["FAKE", "REAL", "FAKE", "FAKE"]})


def texts(figure: Figure) -> str:
    """Return all that is written on a figure, rendered, so that what cannot be drawn is seen, too."""
    figure.draw_without_rendering()
    written = [text.get_text() for ax in figure.axes for text in [*ax.texts, ax._left_title]]
    return "\n".join([figure.get_suptitle(), *written])


def panels(figure: Figure) -> dict[str, Any]:
    return {str(ax.get_label()): ax for ax in figure.axes}


# Counts.


def test_bars_are_as_long_as_their_counts_and_say_them():
    ax = dataset_figures.plot_counts(count_values(LABELS, "label"))
    assert [bar.get_width() for bar in ax.patches] == [3, 1]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["FAKE", "REAL"]
    assert [text.get_text() for text in ax.texts] == ["3 (75%)", "1 (25%)"]
    assert [to_hex(bar.get_facecolor()) for bar in ax.patches] == ["#d55e00", "#0072b2"]
    assert ax.get_title(loc="left") == "Label"
    assert ax.get_xlabel() == "count"
    top, bottom = (bar.get_y() for bar in ax.patches)
    assert ax.transData.transform((0, top))[1] > ax.transData.transform((0, bottom))[1]


def test_no_text_of_a_bar_is_cut_off():
    names = ["a_very_long_name_of_a_clip_of_a_data_set_0123456789.mp4"] * 1234 + ["b.mp4"]
    ax = dataset_figures.plot_counts(count_values(pd.DataFrame({"file": names}), "file"))
    figure = ax.figure
    figure.draw_without_rendering()
    for text in [*ax.texts, *ax.get_yticklabels(), ax.title]:
        box = text.get_window_extent()
        assert figure.bbox.x0 <= box.x0
        assert box.x1 <= figure.bbox.x1
    assert ax.get_yticklabels()[0].get_text() == "a_very_long_name_o…56789.mp4"


def test_more_values_than_are_shown_are_said():
    table = count_values(pd.DataFrame({"original": list("aabbccdde")}), "original")
    ax = dataset_figures.plot_counts(table, most=3)
    assert len(ax.patches) == 3
    assert ax.get_title(loc="left") == "Original, the first 3 of 5 values"


def test_counts_are_drawn_where_they_are_asked_for():
    ax = Figure().add_subplot()
    assert dataset_figures.plot_counts(count_values(LABELS, "label"), ax=ax) is ax


def test_counts_are_checked():
    wrong: Any = {"count": 1}
    with pytest.raises(TypeError, match="counts must be a pandas DataFrame, got dict"):
        dataset_figures.plot_counts(wrong)
    with pytest.raises(ValueError, match="counts must have a column 'percent', got label"):
        dataset_figures.plot_counts(LABELS)
    with pytest.raises(ValueError, match="most must be at least 1 value, got 0"):
        dataset_figures.plot_counts(count_values(LABELS, "label"), most=0)
    wrong = "axes"
    with pytest.raises(TypeError, match="ax must be matplotlib Axes, got str"):
        dataset_figures.plot_counts(count_values(LABELS, "label"), ax=wrong)


# Scores.


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=40))
def test_the_roc_is_what_counting_gives(clips):
    fake = np.array([label for label, _ in clips])
    scores = np.array([score for _, score in clips], float)
    if fake.all() or not fake.any():
        with pytest.raises(ValueError, match="labels must name both fakes and reals, got"):
            check_scores(fake, scores)
        return
    roc = measure_roc(*check_scores(fake, scores))
    fakes, reals = scores[fake], scores[~fake]
    # The area is how often a fake scores above a real, ties counted half (Mann and Whitney).
    wins = np.mean([(f > r) + 0.5 * (f == r) for f in fakes for r in reals])
    assert roc.area == pytest.approx(wins, abs=1e-12)
    for threshold, alarms, detections in zip(roc.thresholds, roc.false_alarms, roc.detections, strict=True):
        assert alarms == np.mean(reals >= threshold)
        assert detections == np.mean(fakes >= threshold)
    assert roc.thresholds[1:].tolist() == sorted(set(scores), reverse=True)


def test_a_roc_by_hand():
    roc = measure_roc(np.array([True, True, False, False]), np.array([3.0, 1.0, 2.0, 1.0]))
    assert roc.thresholds.tolist() == [np.inf, 3, 2, 1]
    assert roc.false_alarms.tolist() == [0, 0, 0.5, 1]
    assert roc.detections.tolist() == [0, 0.5, 0.5, 1]
    assert roc.area == 0.625  # 0.5 * 0.5 + 0.5 * 0.75


def test_plot_roc_shows_the_curve_and_chance():
    ax = dataset_figures.plot_roc(pd.Series(["FAKE", "FAKE", "REAL", "REAL"]), [3, 1, 2, 1])
    chance, curve = ax.lines
    assert chance.get_xydata().tolist() == [[0, 0], [1, 1]]
    assert curve.get_xydata().tolist() == [[0, 0], [0, 0.5], [0.5, 0.5], [1, 1]]
    assert ax.get_title(loc="left") == "ROC, area 0.625: 2 fakes, 2 reals"
    assert (ax.get_xlim(), ax.get_ylim(), ax.get_aspect()) == ((0, 1), (0, 1), 1)


def test_plot_histogram_shows_shares_of_each_kind():
    ax = dataset_figures.plot_histogram(np.array([True, True, True, True, False]), [0, 0, 0, 4, 4], bins=2)
    outlines = [patch.get_data() for patch in ax.patches if not patch.get_fill()]
    assert [data.values.tolist() for data in outlines] == [[75, 25], [0, 100]]
    assert [data.edges.tolist() for data in outlines] == [[0, 2, 4]] * 2
    assert ax.get_legend_handles_labels()[1] == ["4 fakes", "1 real"]
    # Not by colour alone: one outline is dashed.
    assert [patch.get_linestyle() for patch in ax.patches if not patch.get_fill()] == ["-", "--"]


@pytest.mark.parametrize("plot", [dataset_figures.plot_roc, dataset_figures.plot_histogram])
@pytest.mark.parametrize(
    ("labels", "scores", "error", "message"),
    [
        (["FAKE", "REAL"], [1.0], ValueError, r"labels and scores must be of one length, got shapes \(2,\) and \(1,\)"),
        (["FAKE", "REAL"], [[1.0], [2.0]], ValueError, "labels and scores must be of one length"),
        ([["FAKE"], ["REAL"]], [1.0, 2.0], ValueError, r"labels must be one for each clip, got shape \(2, 1\)"),
        (
            ["FAKE", "fake"],
            [1.0, 2.0],
            ValueError,
            r'labels must be bool, True = fake, or "FAKE" and "REAL", got \'fake\'',
        ),
        ([1, 0], [1.0, 2.0], ValueError, "labels must be bool, True = fake, or .*, got 1"),
        (["FAKE", "FAKE"], [1.0, 2.0], ValueError, "labels must name both fakes and reals, got 2 fakes of 2"),
        (
            ["FAKE", "REAL"],
            [1.0, np.nan],
            ValueError,
            "scores must be finite, got 1 NaN or infinite ones, the first at 1",
        ),
        (["FAKE", "REAL"], ["high", "low"], TypeError, "scores must be numbers, got str"),
        (["FAKE", "REAL"], [True, False], TypeError, "scores must be numbers, got bool"),
    ],
)
def test_labels_and_scores_are_checked(plot, labels, scores, error, message):
    with pytest.raises(error, match=message):
        plot(labels, scores)


def test_bins_are_checked():
    with pytest.raises(ValueError, match="bins must be at least 1, got 0"):
        dataset_figures.plot_histogram(["FAKE", "REAL"], [1, 2], bins=0)


# First frames.


def frame(seed: int) -> np.ndarray[Any, Any]:
    picture = skimage.data.astronaut()[20:120, 160:310].copy()
    picture[40:70, 50:90] = (
        np.random.default_rng(seed).integers(0, 256, (30, 40, 3), np.uint8) if seed else picture[40:70, 50:90]
    )
    return picture


@pytest.fixture
def fakes(tmp_path):
    """Return a function that saves clips of one frame: an original, and fakes of it."""

    def make(count: int) -> list[VideoPair]:
        for number in range(count + 1):
            (tmp_path / str(number)).mkdir()
            write_image(tmp_path / str(number) / "001.png", frame(number))
        return [VideoPair(tmp_path / "0", tmp_path / str(number), str(number)) for number in range(1, count + 1)]

    return make


def test_first_frames_stand_beside_the_original_each_with_its_difference(fakes):
    figure = dataset_figures.fakes_figure(fakes(2))
    shown = panels(figure)
    np.testing.assert_array_equal(shown["real"].images[0].get_array(), frame(0))
    for number in (1, 2):
        np.testing.assert_array_equal(shown[f"fake {number}"].images[0].get_array(), frame(number))
        apart = np.abs(frame(number).astype(int) - frame(0)).max(axis=2)
        np.testing.assert_array_equal(shown[f"difference {number}"].images[0].get_array(), apart)
    assert figure.get_suptitle() == "First frames: 2 fakes made from 0"
    assert shown["fake 1"].get_title(loc="left") == "Fake: 1"


def test_many_fakes_go_on_in_further_rows(fakes):
    pairs = fakes(5)
    figure = dataset_figures.fakes_figure(pairs, most=4)
    figure.draw_without_rendering()
    shown = panels(figure)
    assert {f"fake {number}" for number in (1, 2, 3, 4)} <= set(shown)
    assert "fake 5" not in shown
    assert shown["fake 4"].get_position().y1 < shown["difference 1"].get_position().y0
    assert shown["fake 4"].get_position().x0 == pytest.approx(shown["fake 1"].get_position().x0)
    assert figure.get_suptitle() == "First frames: the first 4 of 5 fakes made from 0"


def test_a_clip_that_cannot_be_shown_says_why_and_takes_no_room(fakes):
    first, second, third = fakes(3)
    (second.fake / "001.png").write_bytes(b"torn")
    write_image(third.fake / "001.png", frame(3)[:50])
    figure = dataset_figures.fakes_figure([first, second, third])
    written = texts(figure).replace("\n", " ")
    assert "cannot be read: " in written
    assert "no difference: 150x50, the real one 150x100" in written
    shown = panels(figure)
    assert not shown["fake 2"].images
    width = shown["fake 1"].get_position().width
    assert width > 0.2
    assert shown["real"].get_position().width == pytest.approx(width)


def test_pairs_of_a_figure_are_checked(fakes):
    pairs = fakes(2)
    other = VideoPair(Path("elsewhere"), pairs[0].fake, "x")
    with pytest.raises(ValueError, match=r"pairs must have one and the same real clip, got 2; pass \[pair for pair in"):
        dataset_figures.fakes_figure([*pairs, other])
    with pytest.raises(ValueError, match="pairs must have one and the same real clip, got 0"):
        dataset_figures.fakes_figure([])
    with pytest.raises(ValueError, match="most must be at least 1 fake, got 0"):
        dataset_figures.fakes_figure(pairs, most=0)
    with pytest.raises(ValueError, match="width must be at least 8 inches and finite, got 5"):
        dataset_figures.fakes_figure(pairs, width=5)
    wrong: Any = pairs[0]
    with pytest.raises(TypeError, match="pairs must be a sequence of VideoPair, got VideoPair"):
        dataset_figures.fakes_figure(wrong)
    wrong = ["a.mp4"]
    with pytest.raises(TypeError, match="pairs must hold nothing but VideoPair, got str"):
        dataset_figures.fakes_figure(wrong)


def test_finding_pairs_loads_neither_pandas_nor_matplotlib():
    code = "import facediff.datasets, sys; print(sorted({'pandas', 'matplotlib', 'av', 'numba'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"
