"""Figures of a data set: what is in it, the fakes of one original, and how well a score tells fakes from reals.

Figures are plain `matplotlib.figure.Figure` objects, as those of `facediff.figures`. Fakes are vermilion and reals blue
everywhere, which the colour-blind can tell apart, too; no figure rests on colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from facediff import _footage, _panels, figures
from facediff._arrays import Picture, check_whole
from facediff._pairs import VideoPair
from facediff._roc import check_scores, measure_roc
from facediff._tables import check_table
from facediff.compare import compare_images

if TYPE_CHECKING:
    import pandas as pd

_BLUE, _VERMILION = "#0072B2", "#D55E00"  # Okabe and Ito's
_GRAY = "0.55"
_MOST_ACROSS = 4  # panels in a row of the grid
_LABEL_LENGTH, _TITLE_LENGTH = 28, 20  # letters that are shown of a value, and of a file above its panel


def plot_counts(counts: pd.DataFrame, *, most: int = 20, ax: Axes | None = None) -> Axes:
    """Show how often each value occurs, as bars with counts and percentages.

    Parameters
    ----------
    counts : pandas.DataFrame
        From `facediff.datasets.count_values`, or `facediff.datasets.file_types`.
    most : int
        How many values are shown, the first ones; how many there are is said.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the only axes of a new figure by default, as high as the bars need.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, a bar for each value, the first one on top.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If `counts` has no rows or is no such table, or `most` is below 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from facediff.dataset_figures import plot_counts
    >>> from facediff.datasets import count_values
    >>> ax = plot_counts(count_values(pd.DataFrame({"label": ["FAKE", "REAL", "FAKE", "FAKE"]}), "label"))
    >>> [text.get_text() for text in ax.texts]
    ['3 (75%)', '1 (25%)']
    """
    check_table(counts, "counts", "percent")
    if check_whole(most, "most") < 1:
        raise ValueError(f"most must be at least 1 value, got {most}")
    shown = counts.iloc[:most]
    numbers, names = shown.iloc[:, 0], [_panels.shorten(str(name), _LABEL_LENGTH) for name in shown.index]
    if ax is None:
        ax = _panels.new_figure(7, 0.9 + 0.3 * len(shown), constrained=True).add_subplot()
    ax = _panels.check_axes(ax)
    places = range(len(shown))
    ax.barh(places, numbers, height=0.72, color=[_color(name) for name in names])
    ax.set_yticks(places, names, fontsize=_panels.TEXT_SIZE)
    ax.set(xlim=(0, 1.22 * numbers.max()), ylim=(len(shown) - 0.4, -0.6))
    for place, number, percent in zip(places, numbers, shown["percent"], strict=True):
        text = f"{number} ({round(percent, 2):g}%)"
        ax.annotate(text, (number, place), (4, 0), textcoords="offset points", va="center", fontsize=_panels.TEXT_SIZE)
    _style(ax, xlabel=str(shown.columns[0]))
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    rest = f", the first {len(shown)} of {len(counts)} values" if len(shown) < len(counts) else ""
    return _panels.name(ax, f"{str(counts.index.name or 'value').capitalize()}{rest}")


def fakes_figure(pairs: Sequence[VideoPair], *, most: int = 8, width: float = 10.0) -> Figure:
    """Show the first frames of the fakes of one original beside that original, each with its difference to it.

    Parameters
    ----------
    pairs : sequence of VideoPair
        Pairs with one and the same real clip.
    most : int
        How many fakes are shown, the first ones; how many there are is said.
    width : float
        Width of the figure in inches, at least 8; its height follows from the frames' shape.

    Returns
    -------
    matplotlib.figure.Figure
        The original at the left end of each double row; right of it fakes, below each its difference on the scale of
        `facediff.figures.plot_difference`. Where a clip cannot be read or has frames of another size, its panel says
        so. Axes bear the labels "real", "fake 1", "difference 1" and so on.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If there are no pairs, they have different real clips, `most` is below 1, or `width` below 8.
    ImportError
        If PyAV is missing.
    OSError
        If the real clip cannot be read; damage to it is a ValueError.
    """
    chosen = _check_one_real(pairs)
    if check_whole(most, "most") < 1:
        raise ValueError(f"most must be at least 1 fake, got {most}")
    inches = _panels.check_width(width)
    shown = chosen[:most]
    real = _footage.first_frame(chosen[0].real)
    across = min(len(shown), _MOST_ACROSS - 1)
    rows = 2 * math.ceil(len(shown) / across)
    panel = inches / (across + 1)
    figure = _panels.new_figure(inches, 0.5 + rows * (panel * real.shape[0] / real.shape[1] + 0.45), constrained=True)
    grid = figure.subplots(rows, across + 1, squeeze=False)
    for ax in grid.flat:
        ax.set_axis_off()
    _show_real(grid[0, 0], real, chosen[0])
    for number, pair in enumerate(shown):
        row, column = 2 * (number // across), 1 + number % across
        _show_fake(grid[row, column], grid[row + 1, column], pair, real, number + 1)
    some = f"the first {len(shown)} of {len(chosen)}" if len(shown) < len(chosen) else f"{len(chosen)}"
    figure.suptitle(
        f"First frames: {some} fake{'' if len(chosen) == 1 else 's'} made from {chosen[0].real.name}", fontsize=11
    )
    return figure


def plot_histogram(
    labels: Sequence[str] | npt.ArrayLike, scores: npt.ArrayLike, *, bins: int = 30, ax: Axes | None = None
) -> Axes:
    """Show how a score spreads over fakes and over reals.

    Parameters
    ----------
    labels : sequence of str or bool, (N,)
        "FAKE" or "REAL" for each clip, such as ``metadata["label"]``; or True = fake.
    scores : array_like of numbers, (N,)
        A score for each clip; more = more surely fake.
    bins : int
        How many bins there are between the lowest and the highest score.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the only axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: for fakes and for reals the share of clips in each bin, in percent of their own kind, so
        that few reals are seen beside many fakes.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If labels and scores differ in length, a score is not finite, a label is another word, one kind is missing, or
        `bins` is below 1.

    Examples
    --------
    >>> from facediff.dataset_figures import plot_histogram
    >>> ax = plot_histogram(["FAKE", "REAL", "FAKE"], [3.5, 0.5, 2.0])
    >>> ax.get_legend_handles_labels()[1]
    ['2 fakes', '1 real']
    """
    fake, values = check_scores(labels, scores)
    if check_whole(bins, "bins") < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    ax = _panels.check_axes(ax)
    edges = np.histogram_bin_edges(values, bins=int(bins))
    kinds = ((fake, "fake", _VERMILION, "-"), (~fake, "real", _BLUE, "--"))
    for chosen, word, color, line in kinds:
        total = int(chosen.sum())
        share = 100 * np.histogram(values[chosen], bins=edges)[0] / total
        label = f"{total} {word}{'' if total == 1 else 's'}"
        ax.stairs(share, edges, fill=True, color=color, alpha=0.3)
        ax.stairs(share, edges, color=color, linewidth=1.6, linestyle=line, label=label)
    ax.set_ylim(bottom=0)
    ax.legend(fontsize=_panels.TEXT_SIZE, frameon=False)
    _style(ax, xlabel="score (more = more surely fake)", ylabel="% of the clips of their kind")
    return _panels.name(ax, "Scores of fakes and reals")


def plot_roc(labels: Sequence[str] | npt.ArrayLike, scores: npt.ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Show how well a score tells fakes from reals: the receiver operating characteristic.

    Parameters
    ----------
    labels : sequence of str or bool, (N,)
        "FAKE" or "REAL" for each clip, such as ``metadata["label"]``; or True = fake.
    scores : array_like of numbers, (N,)
        A score for each clip; more = more surely fake.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the only axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: the share of fakes found over the share of reals that are called fake, at each threshold;
        in the title the area below, 1 = told apart perfectly, 0.5 = by chance.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If labels and scores differ in length, a score is not finite, a label is another word, or one kind is missing.

    References
    ----------
    .. [1] Fawcett, T. (2006). An introduction to ROC analysis. Pattern Recognition Letters, 27(8), 861-874.
       :doi:`10.1016/j.patrec.2005.10.010`

    Examples
    --------
    >>> from facediff.dataset_figures import plot_roc
    >>> plot_roc(["FAKE", "REAL", "FAKE"], [3.5, 0.5, 2.0]).get_title(loc="left")
    'ROC, area 1.000: 2 fakes, 1 real'
    """
    fake, values = check_scores(labels, scores)
    ax = _panels.check_axes(ax)
    roc = measure_roc(fake, values)
    ax.plot([0, 1], [0, 1], color=_GRAY, linestyle=":", linewidth=1.2, label="chance")
    ax.plot(roc.false_alarms, roc.detections, color=_BLUE, linewidth=2.0, label="score", clip_on=False)
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    ax.legend(loc="lower right", fontsize=_panels.TEXT_SIZE, frameon=False)
    _style(ax, xlabel="share of reals called fake", ylabel="share of fakes found")
    fakes, reals = int(fake.sum()), int((~fake).sum())
    counts = f"{fakes} fake{'' if fakes == 1 else 's'}, {reals} real{'' if reals == 1 else 's'}"
    return _panels.name(ax, f"ROC, area {roc.area:.3f}: {counts}")


def _show_real(ax: Axes, real: Picture, pair: VideoPair) -> None:
    ax.set_axis_on()
    ax.set_label("real")
    _panels.show_picture(ax, real, 255)
    _panels.name(ax, f"Real: {_panels.shorten(pair.real.name, _TITLE_LENGTH)}")


def _show_fake(above: Axes, below: Axes, pair: VideoPair, real: Picture, number: int) -> None:
    above.set_label(f"fake {number}")
    below.set_label(f"difference {number}")
    try:
        fake = _footage.first_frame(pair.fake)
    except (OSError, ValueError) as error:
        _panels.say(above, f"cannot be read: {error}")
    else:
        above.set_axis_on()
        _panels.show_picture(above, fake, 255)
        if fake.shape == real.shape:
            below.set_axis_on()
            figures.plot_difference(compare_images(real, fake), ax=below)
        else:
            _panels.say(below, f"no difference: {_size(fake)}, the real one {_size(real)}")
    _panels.name(above, f"Fake: {_panels.shorten(pair.fake.name, _TITLE_LENGTH)}")


def _size(picture: Picture) -> str:
    return f"{picture.shape[1]}x{picture.shape[0]}"


def _check_one_real(pairs: object) -> tuple[VideoPair, ...]:
    if not isinstance(pairs, Sequence):
        raise TypeError(f"pairs must be a sequence of VideoPair, got {type(pairs).__name__}")
    chosen = tuple(pairs)
    for pair in chosen:
        if not isinstance(pair, VideoPair):
            raise TypeError(f"pairs must hold nothing but VideoPair, got {type(pair).__name__}")
    reals = {pair.real for pair in chosen}
    if len(reals) != 1:
        raise ValueError(
            f"pairs must have one and the same real clip, got {len(reals)}; "
            "pass [pair for pair in pairs if pair.real == real]"
        )
    return chosen


def _style(ax: Axes, *, xlabel: str, ylabel: str = "") -> None:
    ax.set_xlabel(xlabel, fontsize=_panels.TEXT_SIZE)
    ax.set_ylabel(ylabel, fontsize=_panels.TEXT_SIZE)
    ax.tick_params(labelsize=_panels.TEXT_SIZE)
    ax.spines[["top", "right"]].set_visible(False)


def _color(name: str) -> str:
    return _VERMILION if name.upper() == "FAKE" else _BLUE


__all__ = ["fakes_figure", "plot_counts", "plot_histogram", "plot_roc"]
