"""The figure of a comparison of recipes: their masks side by side, how far they agree, and on what.

As in `facediff.figures` every scale is fixed: votes from none to all, intersection over union from 0 to 1, bright is
more. Panels are white on black, and gray where nothing was compared.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from facediff import _panels
from facediff._arrays import Mask
from facediff.compare import Comparison, check_comparison
from facediff.recipes import RecipeComparison

# All in inches: a cell of the matrix, the names beside it and under it, a title, the votes' colour bar with its label,
# the room beside the votes, and what they may be high at least; what a mask's title and the bar's label need in width.
_CELL, _LABELS, _UNDER, _TITLE, _FOOT, _GAP, _LEAST = 0.42, 1.1, 0.8, 0.3, 0.55, 0.5, 2.2
_NARROWEST, _NARROWEST_BAR = 1.9, 1.8


def recipes_figure(comparison: Comparison, compared: RecipeComparison, *, width: float = 10.0) -> Figure:
    """Show what several recipes make of one pair: each mask, what most of them mark, and how far each two agree.

    Parameters
    ----------
    comparison : Comparison
        From `facediff.compare_images`.
    compared : RecipeComparison
        From `facediff.compare_recipes`.
    width : float
        Width of the figure in inches, at least 8; its height follows from the pictures' shape.

    Returns
    -------
    matplotlib.figure.Figure
        For `savefig` or a notebook. Its axes bear the labels "fake", the recipes' names, "consensus", "votes" (how many
        recipes mark each pixel) and "iou" (intersection over union of each two masks).

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If `compared` comes from pictures of another size, or `width` is below 8 or not finite.

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> real = np.full((64, 64, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[20:30, 20:40] = 200
    >>> comparison = facediff.compare_images(real, fake)
    >>> compared = facediff.compare_recipes(comparison, recipes=["noise-aware", "dffd"])
    >>> figure = facediff.recipes_figure(comparison, compared)
    >>> [axes.get_title(loc="left") for axes in figure.axes][:4]
    ['Fake', 'noise-aware, 4.88%', 'dffd, 4.88%', 'Consensus, 4.88%']
    """
    _check(comparison, compared)
    names = ["fake", *compared.found, "consensus"]
    half = _panels.check_width(width) / 2
    columns = int((2 * half - 2 * _panels.MARGIN) / _NARROWEST)
    rows = [names[start : start + columns] for start in range(0, len(names), columns)]
    count = len(compared.found)
    side = min(_CELL * count, half - _LABELS - _panels.MARGIN)
    votes = _fit(comparison.shape, half - _GAP, max(side, _LEAST))
    below = _TITLE + max(votes[1] + _FOOT, side + _UNDER)
    figure, axes = _panels.lay_out(rows, comparison.shape, 2 * half, bare=names, below=below)
    _panels.name(_panels.show_picture(axes["fake"], comparison.fake, comparison.data_range), "Fake")
    masks = {name: one.mask for name, one in compared.found.items()}
    for name, mask in (*masks.items(), ("consensus", compared.consensus)):
        axes[name].set_anchor("NW")  # a tall picture leaves room at the right, for its title
        _panels.show_mask(axes[name], mask, comparison.where)
        _panels.name(axes[name], f"{'Consensus' if name == 'consensus' else name}, {_share(mask, comparison.where)}")
    _show_votes(_place(figure, "votes", _panels.MARGIN, below - _TITLE, *votes), comparison, compared)
    _show_iou(_place(figure, "iou", half + _LABELS, below - _TITLE, side, side), compared)
    aside = "" if comparison.where is None else "gray: not compared"
    agreement = f"{count} recipes agree with a median IoU of {compared.median_iou:.2f}"
    _panels.write_heading(figure, agreement, _second_line(comparison, compared), aside)
    return figure


def _place(figure: Figure, label: str, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes, all in inches from the lower left corner."""
    across, down = figure.get_size_inches()
    return figure.add_axes((left / across, (top - height) / down, width / across, height / down), label=label)


def _fit(shape: tuple[int, int], width: float, height: float) -> tuple[float, float]:
    """Return the size of a picture of this shape, as large as fits."""
    scale = min(width / shape[1], height / shape[0])
    return shape[1] * scale, shape[0] * scale


def _show_votes(ax: Axes, comparison: Comparison, compared: RecipeComparison) -> None:
    """Show how many recipes mark each pixel; the bar is marked where the consensus begins."""
    count = len(compared.found)
    plane = _panels.shrink(compared.votes.astype(np.float32), comparison.where)
    image = _panels.show_map(ax, plane, comparison.shape, cmap="magma", norm=Normalize(0, count))
    stretch = max(_NARROWEST_BAR * ax.figure.dpi / ax.bbox.width, 1)
    label = f"recipes of {count} that mark the pixel"
    _panels.add_bar(ax, image, label, extend="neither", mark=count / 2, stretch=stretch)
    ax.child_axes[0].set_xticks(range(count + 1))
    _panels.name(ax, "Votes")


def _show_iou(ax: Axes, compared: RecipeComparison) -> None:
    """Show the matrix with its numbers, the names on the left and below."""
    names = list(compared.found)
    ax.imshow(compared.iou, cmap="magma", norm=Normalize(0, 1))
    places = range(len(names))
    ax.set_xticks(places, names, rotation=40, ha="right", rotation_mode="anchor", fontsize=_panels.TEXT_SIZE)
    ax.set_yticks(places, names, fontsize=_panels.TEXT_SIZE)
    ax.tick_params(length=0, pad=4)
    ax.spines[:].set_visible(False)
    for (row, column), value in np.ndenumerate(compared.iou):
        ink = "black" if value > 0.6 else "white"
        ax.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=_panels.TEXT_SIZE, color=ink)
    _panels.name(ax, "IoU of each two masks")


def _second_line(comparison: Comparison, compared: RecipeComparison) -> str:
    """Say how much the consensus is, and which two of several recipes agree least."""
    text = f"More than half of them mark {_share(compared.consensus, comparison.where)}"
    names = list(compared.found)
    row, column = divmod(int(np.argmin(compared.iou)), len(names))
    if row == column:  # all are 1, and the first of them is on the diagonal
        return f"{text}; all their masks are the same"
    if len(names) == 2:
        return text
    return f"{text}; {names[row]} and {names[column]} agree least, with {compared.iou[row, column]:.2f}"


def _share(mask: Mask, where: Mask | None) -> str:
    """Return the marked share of the compared pixels."""
    marked = mask if where is None else mask[where]
    return f"{100 * marked.mean():.3g}%"


def _check(comparison: object, compared: object) -> None:
    checked = check_comparison(comparison)
    if not isinstance(compared, RecipeComparison):
        raise TypeError(
            f"compared must be a RecipeComparison, got {type(compared).__name__}; make one with "
            "facediff.compare_recipes"
        )
    if compared.consensus.shape != checked.shape:
        raise ValueError(
            f"compared must come from this comparison, got masks of {compared.consensus.shape} for pictures of "
            f"{checked.shape}; pass facediff.compare_recipes(comparison)"
        )


__all__ = ["recipes_figure"]
