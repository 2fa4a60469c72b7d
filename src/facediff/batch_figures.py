"""Figures of a run over many pairs: what was found in which part of it, and how well the score tells.

Figures are plain `matplotlib.figure.Figure` objects, as those of `facediff.figures`. Fakes are vermilion and reals
blue, as in `facediff.dataset_figures`.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facediff import _panels
from facediff._batch_summary import Summary

_BLUE, _VERMILION, _GRAY = "#0072B2", "#D55E00", "0.55"
_MOST_GROUPS, _FEWEST_BARS = 14, 5
_NAME_LENGTH = 30  # letters that are shown of a group's name
_WORDS = {"margin": "margin: evidence over what coding reaches", "changed": "share of the pixels changed", "mse": "MSE"}


def summary_figure(summary: Summary, *, width: float = 11.0) -> Figure:
    """Show what was found by label, method and split, how the score spreads, and its ROC.

    Parameters
    ----------
    summary : Summary
        From `facediff.batch.summarise`.
    width : float
        Width of the figure in inches, at least 8.

    Returns
    -------
    matplotlib.figure.Figure
        Axes with the labels "found", a bar for each group with the share of its pairs in which something was found, the
        first 14 groups; "histogram" of the score over fakes and over reals, in percent of their own kind; and "roc",
        which is left out without pairs of both labels.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If `width` is below 8, or no pair could be compared.
    """
    if not isinstance(summary, Summary):
        raise TypeError(
            f"summary must be a Summary, got {type(summary).__name__}; make one with facediff.batch.summarise"
        )
    inches = _panels.check_width(width)
    if summary.failed == summary.pairs:
        raise ValueError(
            f"summary must hold a pair that was compared, got {summary.pairs} pairs, all of which failed; "
            "summary.failures says why"
        )
    shown = min(len(summary.groups), _MOST_GROUPS)
    panels = 2 if summary.roc is None else 3
    figure = _panels.new_figure(inches, max(3.4, 1.2 + 0.26 * shown), constrained=True)
    axes = figure.subplots(1, panels, squeeze=False, width_ratios=[1.15, 1, 1][:panels])[0]
    _plot_found(axes[0], summary, shown)
    _plot_histogram(axes[1], summary)
    if summary.roc is not None:
        _plot_roc(axes[2], summary)
    told = f"{summary.pairs} pair{'' if summary.pairs == 1 else 's'}, {summary.failed} failed"
    figure.suptitle(f"{told}, by {f'recipe {summary.recipe}' if summary.recipe else 'metrics only'}", fontsize=11)
    return figure


def _plot_found(ax: Axes, summary: Summary, shown: int) -> None:
    groups = summary.groups.iloc[:shown]
    names = [_shorten(" ".join(word for word in words if word)) for words in groups.index]
    shares = 100 * groups["share"].fillna(0)
    colors = [_VERMILION if label == "FAKE" else _BLUE for label in groups.index.get_level_values("label")]
    ax.barh(range(shown), shares, height=0.72, color=colors)
    ax.set_yticks(range(shown), names, fontsize=_panels.TEXT_SIZE)
    ax.set(xlim=(0, 148), ylim=(max(shown, _FEWEST_BARS) - 0.4, -0.6), xticks=range(0, 101, 25))
    for place, (share, found, pairs, failed) in enumerate(
        zip(shares, groups["manipulated"], groups["pairs"], groups["failed"], strict=True)
    ):
        text = f"{found} of {pairs - failed}" + (f", {failed} failed" if failed else "")
        ax.annotate(text, (share, place), (4, 0), textcoords="offset points", va="center", fontsize=_panels.TEXT_SIZE)
    _style(ax, "% of the pairs in which something was found", "")
    ax.tick_params(axis="y", length=0)
    rest = f", the first {shown} of {len(summary.groups)} groups" if shown < len(summary.groups) else ""
    ax.set_label("found")
    _panels.name(ax, f"Found{rest}")


def _plot_histogram(ax: Axes, summary: Summary) -> None:
    edges = summary.histogram.edges
    kinds = ((summary.histogram.fakes, "fake", _VERMILION, "-"), (summary.histogram.reals, "real", _BLUE, "--"))
    for counts, word, color, line in kinds:
        total = int(counts.sum())
        if total:
            share = 100 * counts / total
            ax.stairs(share, edges, fill=True, color=color, alpha=0.3)
            label = f"{total} {word}{'' if total == 1 else 's'}"
            ax.stairs(share, edges, color=color, linewidth=1.6, linestyle=line, label=label)
    if summary.score == "margin":
        ax.axvline(1, color=_GRAY, linestyle=":", linewidth=1.2, label="what coding reaches")
    ax.set_ylim(bottom=0)
    ax.legend(fontsize=_panels.TEXT_SIZE, frameon=False)
    _style(ax, _WORDS[summary.score], "% of the pairs of their label")
    ax.set_label("histogram")
    _panels.name(ax, "Scores of fakes and reals")


def _plot_roc(ax: Axes, summary: Summary) -> None:
    roc = summary.roc
    assert roc is not None
    ax.plot([0, 1], [0, 1], color=_GRAY, linestyle=":", linewidth=1.2, label="chance")
    ax.plot(roc.false_alarms, roc.detections, color=_BLUE, linewidth=2.0, label=summary.score, clip_on=False)
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xticks=np.linspace(0, 1, 6), yticks=np.linspace(0, 1, 6))
    ax.legend(loc="lower right", fontsize=_panels.TEXT_SIZE, frameon=False)
    _style(ax, "share of reals called fake", "share of fakes found")
    ax.set_label("roc")
    _panels.name(ax, f"ROC of the {summary.score}, area {roc.area:.3f}")


def _style(ax: Axes, xlabel: str, ylabel: str) -> None:
    ax.set_xlabel(xlabel, fontsize=_panels.TEXT_SIZE)
    ax.set_ylabel(ylabel, fontsize=_panels.TEXT_SIZE)
    ax.tick_params(labelsize=_panels.TEXT_SIZE)
    ax.spines[["top", "right"]].set_visible(False)


def _shorten(name: str) -> str:
    return name if len(name) <= _NAME_LENGTH else f"{name[: _NAME_LENGTH - 10]}…{name[-9:]}"


__all__ = ["summary_figure"]
