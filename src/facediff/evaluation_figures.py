"""Figures of an evaluation: curves, and what was found against the truth, in Matplotlib.

Figures are plain `matplotlib.figure.Figure` objects, as those of `facediff.figures`. Colours are Okabe and Ito's, which
the colour-blind can tell apart: what is found and true is blue, what is falsely found vermilion, what is missed yellow,
on a picture made gray, so that colour means nothing else. Curves differ in their dashes, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from facediff import _panels
from facediff._arrays import Mask, Picture, check_mask, check_picture
from facediff._curves import PrecisionRecallCurve, RocCurve
from facediff._gathering import check_same_shape
from facediff._tally import MaskScore, count_pixels
from facediff.draw import VERMILION, Color, rgb8
from facediff.localise import Localisation

RIGHT: Final[Color] = (86, 180, 233)
"""The colour of what is found and true: Okabe and Ito's sky blue."""

FALSE: Final[Color] = VERMILION
"""The colour of what is found and not true."""

MISSED: Final[Color] = (240, 228, 66)
"""The colour of what is true and not found: Okabe and Ito's yellow."""

_OPACITY = 0.85  # less, and black in one colour looks like white in another to those who see no green
_CURVE_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito's
_DASHES = ("-", "--", "-.", (0, (1, 1)), (0, (5, 1, 1, 1, 1, 1)))
_GRAY = "0.55"
_GRID = 2048  # steps along an axis that a curve is drawn in: finer ones are not seen


def plot_roc(curves: RocCurve | Mapping[str, RocCurve], *, ax: Axes | None = None) -> Axes:
    """Show receiver operating characteristics: what is found over what is falsely found.

    Parameters
    ----------
    curves : RocCurve or mapping of str to RocCurve
        From `facediff.evaluate.roc_curve`: one, or several by name.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the only axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a line for each curve, labelled with its area and interval, and the diagonal of chance.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If there is no curve.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.evaluate import roc_curve
    >>> from facediff.evaluation_figures import plot_roc
    >>> curve = roc_curve(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    >>> plot_roc(curve).get_title(loc="left")
    'ROC, area 0.750'
    """
    named = _check_curves(curves, RocCurve)
    ax = _panels.check_axes(ax)
    ax.plot([0, 1], [0, 1], color=_GRAY, linestyle=":", linewidth=1.2, label="chance")
    for (name, curve), color, dashes in zip(named.items(), cycle(_CURVE_COLORS), cycle(_DASHES)):
        x, y = _thin(curve.false_positive_rate, curve.true_positive_rate)
        label = _label(name, f"area {curve.auc:.3f}", curve)
        ax.plot(x, y, color=color, linestyle=dashes, linewidth=1.8, label=label, clip_on=False)
    _style(ax, xlabel="false-positive rate", ylabel="true-positive rate")
    title = "ROC" if isinstance(curves, Mapping) else f"ROC, area {curves.auc:.3f}"
    return _panels.name(ax, title)


def plot_precision_recall(
    curves: PrecisionRecallCurve | Mapping[str, PrecisionRecallCurve], *, ax: Axes | None = None
) -> Axes:
    """Show precision over recall, with the point of the highest F1.

    Parameters
    ----------
    curves : PrecisionRecallCurve or mapping of str to PrecisionRecallCurve
        From `facediff.evaluate.precision_recall_curve`: one, or several by name.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the only axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: a line for each curve, in steps, so that the area below it is the average precision of its
        label; a dot where F1 is highest; and a dotted line at the share of true items, which is chance.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If there is no curve.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.evaluate import precision_recall_curve
    >>> from facediff.evaluation_figures import plot_precision_recall
    >>> curve = precision_recall_curve(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    >>> plot_precision_recall(curve).get_title(loc="left")
    'Precision and recall, average precision 0.833'
    """
    named = _check_curves(curves, PrecisionRecallCurve)
    ax = _panels.check_axes(ax)
    shares = sorted({curve.origin.true / (curve.origin.true + curve.origin.other) for curve in named.values()})
    for number, share in enumerate(shares):
        label = "" if number else "chance"
        ax.axhline(share, color=_GRAY, linestyle=":", linewidth=1.2, label=label)
    for (name, curve), color, dashes in zip(named.items(), cycle(_CURVE_COLORS), cycle(_DASHES)):
        x, y = _thin(curve.recall, curve.precision)
        label = _label(name, f"average precision {curve.average_precision:.3f}", curve)
        label += f", best F1 {curve.best_f1:.3f} at {curve.best_threshold:.3g}"
        ax.plot(x, y, color=color, linestyle=dashes, linewidth=1.8, label=label, drawstyle="steps-pre", clip_on=False)
        best = int(np.flatnonzero(curve.thresholds == curve.best_threshold)[0])
        place = (curve.recall[best], curve.precision[best])
        ax.plot(*place, "o", color=color, markeredgecolor="white", markersize=7, clip_on=False, zorder=3)
    _style(ax, xlabel="recall", ylabel="precision")
    title = "Precision and recall"
    if not isinstance(curves, Mapping):
        title += f", average precision {curves.average_precision:.3f}"
    return _panels.name(ax, title)


def draw_agreement(
    picture: Picture, found: Localisation | Mask, truth: Mask, *, data_range: float | None = None
) -> Picture:
    """Draw what was found against the truth over a picture, in three colours.

    Parameters
    ----------
    picture : ndarray, (H, W) or (H, W, 3)
        Gray or RGB: uint8, uint16, float32 or float64. It is not written to.
    found : Localisation or ndarray of bool, (H, W)
        What was found.
    truth : ndarray of bool, (H, W)
        What is true.
    data_range : float, optional
        The value of white. Needed for float pictures; for integers the dtype's largest value unless given.

    Returns
    -------
    ndarray of uint8, (H, W, 3)
        A new RGB picture, gray where neither is, otherwise in the shades of ``RIGHT``, ``FALSE`` or
        ``MISSED``.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If the picture and the masks do not have the same height and width, or the picture's values do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.evaluation_figures import draw_agreement
    >>> found, truth = np.array([[True, True, False, False]]), np.array([[True, False, True, False]])
    >>> draw_agreement(np.zeros((1, 4), np.uint8), found, truth).tolist()
    [[[73, 153, 198], [181, 80, 0], [204, 194, 56], [0, 0, 0]]]
    """
    checked, limit, mask, true = _check_overlay(picture, found, truth, data_range)
    return _draw(rgb8(checked, limit), mask, true)


def plot_agreement(
    picture: Picture,
    found: Localisation | Mask,
    truth: Mask,
    *,
    data_range: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Show what was found against the truth over a picture, in three colours with a legend.

    Parameters
    ----------
    picture : ndarray, (H, W) or (H, W, 3)
        Gray or RGB: uint8, uint16, float32 or float64. It is not written to.
    found : Localisation or ndarray of bool, (H, W)
        What was found.
    truth : ndarray of bool, (H, W)
        What is true.
    data_range : float, optional
        The value of white. Needed for float pictures; for integers the dtype's largest value unless given.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the only axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, with a legend of the three colours and their pixels below it; IoU and F1 in the title, as
        `facediff.evaluate.score_mask` gives them without options.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If the picture and the masks do not have the same height and width, or the picture's values do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.evaluation_figures import plot_agreement
    >>> found, truth = np.array([[True, True, False, False]]), np.array([[True, False, True, False]])
    >>> plot_agreement(np.zeros((1, 4), np.uint8), found, truth).get_title(loc="left")
    'Found and true, IoU 0.333, F1 0.500'
    """
    checked, limit, mask, true = _check_overlay(picture, found, truth, data_range)
    ax = _panels.show_picture(_panels.check_axes(ax), _draw(rgb8(checked, limit), mask, true), 255)
    score = MaskScore(*count_pixels(mask, true, 0), threshold=None, policy="mask", band=0, empty="one")
    kinds = ((RIGHT, "found and true", score.tp), (FALSE, "found only", score.fp), (MISSED, "true only", score.fn))
    patches = [
        Patch(
            facecolor="#{:02x}{:02x}{:02x}".format(*color), edgecolor="0.3", linewidth=0.5, label=f"{words}: {count} px"
        )
        for color, words, count in kinds
    ]
    ax.legend(
        handles=patches,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.01),
        ncols=3,
        fontsize=_panels.TEXT_SIZE,
        frameon=False,
        handlelength=1.2,
        columnspacing=1.2,
    )
    return _panels.name(ax, f"Found and true, IoU {score.iou:.3f}, F1 {score.f1:.3f}")


def _draw(canvas: Picture, found: Mask, truth: Mask) -> Picture:
    """Blend the colours into the picture made gray."""
    drawn = cv2.cvtColor(cv2.cvtColor(canvas, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    for color, where in ((RIGHT, found & truth), (FALSE, found & ~truth), (MISSED, truth & ~found)):
        drawn[where] = np.round((1 - _OPACITY) * drawn[where] + _OPACITY * np.array(color))
    return drawn


def _check_overlay(
    picture: object, found: object, truth: object, data_range: float | None
) -> tuple[Picture, float, Mask, Mask]:
    checked, limit = check_picture(picture, data_range=data_range)
    if isinstance(found, Localisation):
        found = found.mask
    mask, true = check_mask(found, "found"), check_mask(truth, "truth")
    check_same_shape(mask, true, "found", "truth")
    if mask.shape != checked.shape[:2]:
        raise ValueError(
            f"found and truth must have the picture's height and width {checked.shape[:2]}, got {mask.shape}; "
            "pass the picture that they were made of"
        )
    return checked, limit, mask, true


def _check_curves(curves: Any, kind: type) -> dict[str, Any]:
    named = dict(curves) if isinstance(curves, Mapping) else {"": curves}
    if not named:
        raise ValueError(f"curves must hold at least one {kind.__name__}, got none")
    for name, curve in named.items():
        if not isinstance(curve, kind):
            at = f" for {name!r}" if name else ""
            function = "roc_curve" if kind is RocCurve else "precision_recall_curve"
            raise TypeError(
                f"curves must be a {kind.__name__} or name several, got {type(curve).__name__}{at}; "
                f"make one with facediff.evaluate.{function}"
            )
    return named


def _label(name: str, score: str, curve: RocCurve | PrecisionRecallCurve) -> str:
    """Return a curve's entry in the legend: name, score and interval."""
    text = f"{name}: {score}" if name else score
    if curve.interval is None:
        return text
    interval = curve.interval
    return f"{text} ({interval.low:.3f} to {interval.high:.3f} at {100 * interval.confidence:g}%)"


def _thin(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Leave out points that fall on the place of the one before; a curve of millions of them takes minutes to draw."""
    places = np.round(np.stack((x, y)) * _GRID)
    kept = np.ones(len(x), np.bool_)
    kept[1:-1] = np.diff(places[:, :-1], axis=1).any(axis=0)
    return x[kept], y[kept]


def _style(ax: Axes, *, xlabel: str, ylabel: str) -> None:
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    ax.set_xlabel(xlabel, fontsize=_panels.TEXT_SIZE)
    ax.set_ylabel(ylabel, fontsize=_panels.TEXT_SIZE)
    ax.tick_params(labelsize=_panels.TEXT_SIZE)
    ax.spines[["top", "right"]].set_visible(False)
    # Below, since a curve may go anywhere.
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.11), fontsize=_panels.TEXT_SIZE, frameon=False)


__all__ = [
    "FALSE",
    "MISSED",
    "RIGHT",
    "draw_agreement",
    "plot_agreement",
    "plot_precision_recall",
    "plot_roc",
]
