"""The figure of a run shows the numbers of its summary."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from facediff._batch_summary import Histogram, Summary, summary_of
from facediff.batch_figures import summary_figure


def summary(rows) -> Summary:
    """Sum up pairs of (label, method, split, margin, error); above 1 something was found."""
    columns = ["label", "method", "split", "margin", "error"]
    table = pd.DataFrame(rows, columns=columns, index=pd.Index(map(str, range(len(rows))), name="name"))
    table["manipulated"] = (table["margin"] > 1).astype("boolean").mask(table["error"].notna())
    for column in ("real", "fake", "kind"):
        table[column] = column
    table["ssim"] = 0.5
    return summary_of(table, "out", "noise-aware", score="margin", bins=4)


ROWS = [
    ("FAKE", "swap", "train", 5.0, None),
    ("FAKE", "swap", "train", 0.5, None),
    ("FAKE", "swap", "train", np.nan, "ValueError: broken"),
    ("FAKE", "morph", None, 4.0, None),
    ("REAL", None, None, 0.5, None),
    ("REAL", None, None, 2.0, None),
]


def test_bars_are_the_shares_that_were_found():
    figure = summary_figure(summary(ROWS))
    found, histogram, roc = figure.axes
    assert [ax.get_label() for ax in figure.axes] == ["found", "histogram", "roc"]
    assert [bar.get_width() for bar in found.patches] == [100, 50, 50]
    assert [label.get_text() for label in found.get_yticklabels()] == ["FAKE morph", "FAKE swap train", "REAL"]
    assert [text.get_text() for text in found.texts[:3]] == ["1 of 1", "1 of 2, 1 failed", "1 of 2"]
    assert [to_hex(bar.get_facecolor()) for bar in found.patches] == ["#d55e00", "#d55e00", "#0072b2"]
    assert figure.get_suptitle() == "6 pairs, 1 failed, by recipe noise-aware"
    assert histogram.get_legend_handles_labels()[1] == ["3 fakes", "2 reals", "what coding reaches"]
    # Of 3 by 2 comparisons 4 are won (5 and 4 over both) and 0.5 ties with 0.5.
    assert roc.get_title(loc="left") == "ROC of the margin, area 0.750"
    figure.draw_without_rendering()
    inside = figure.bbox
    for ax in figure.axes:
        box = ax.get_tightbbox()
        assert box is not None
        assert inside.x0 <= box.x0
        assert box.x1 <= inside.x1


def test_histogram_bars_are_percent_of_their_own_label():
    _, histogram, _ = summary_figure(summary(ROWS)).axes
    fakes, _, reals, _ = (patch.get_data() for patch in histogram.patches)
    assert fakes.values.sum() == pytest.approx(100)
    assert reals.values.tolist() == [50, 50, 0, 0]  # edges at 0.5, 1.625, 2.75, 3.875, 5


def test_without_reals_there_is_no_roc():
    given = summary(ROWS[:4])
    assert given.roc is None
    assert [ax.get_label() for ax in summary_figure(given).axes] == ["found", "histogram"]


def test_more_groups_than_are_shown_are_said():
    rows = [("FAKE", f"a rather long name of a method, number {n:02d}", "train", 2.0, None) for n in range(20)]
    found = summary_figure(replace(summary(rows), recipe=None, score="mse")).axes[0]
    assert found.get_title(loc="left") == "Found, the first 14 of 20 groups"
    assert found.get_yticklabels()[0].get_text() == "FAKE a rather long n… 00 train"


def test_a_summary_is_asked_for():
    wrong: Any = "out"
    with pytest.raises(TypeError, match=r"summary must be a Summary, got str; make one with facediff.batch.summarise"):
        summary_figure(wrong)
    with pytest.raises(ValueError, match="width"):
        summary_figure(summary(ROWS), width=2)
    with pytest.raises(ValueError, match="summary must hold a pair that was compared, got 1 pairs, all of"):
        summary_figure(summary(ROWS[2:3]))


def test_groups_of_failures_alone_have_no_share():
    given = summary(ROWS[2:4])
    assert given.groups["share"].isna().tolist() == [False, True]
    assert isinstance(given.histogram, Histogram)
    assert [bar.get_width() for bar in summary_figure(given).axes[0].patches] == [100, 0]
