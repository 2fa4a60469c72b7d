"""Figures of compared faces: each face on one row, its crops, their difference, and which part of it changed.

Scales are those of `facediff.figures`: pictures from black to `data_range`, differences from 0 to a quarter of it.
Figures are plain `matplotlib.figure.Figure` objects; nothing is registered with pyplot.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from facediff import _panels
from facediff._face_comparison import ComparedFace, FaceComparison
from facediff._face_parts import NAMES, label_parts
from facediff.figures import plot_difference

_MOST_FACES = 8
_BAR_COLOR = (0 / 255, 114 / 255, 178 / 255)  # Okabe and Ito's blue
_LINE_COLOR = "white"
# All in inches.
_MARGIN, _GAP, _HEAD, _TITLE, _FOOT, _NAMES = 0.15, 0.14, 0.54, 0.22, 0.47, 0.62
_TALLEST, _LOWEST = 4.0, 1.3
_PANELS = ("real", "fake", "difference", "parts")


def faces_figure(result: FaceComparison, *, width: float = 10.0) -> Figure:
    """Show the compared faces of a pair: for each the real and the fake crop, the difference, and its parts.

    Manipulated faces come first; of more than eight faces the first eight are shown, and the heading says so.

    Parameters
    ----------
    result : FaceComparison
        From `facediff.faces.compare_faces`; it must hold a face.
    width : float
        Width of the figure in inches, at least 8; its height follows from the faces.

    Returns
    -------
    matplotlib.figure.Figure
        For `savefig` or a notebook. The axes of the first row bear the labels "real 1", "fake 1", "difference 1" and
        "parts 1", and so on.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If there is no face to show, or `width` is below 8 or not finite.

    Examples
    --------
    >>> import skimage
    >>> from facediff.face_figures import faces_figure
    >>> from facediff.faces import LBPDetector, compare_faces
    >>> real = skimage.data.astronaut()
    >>> fake = real.copy()
    >>> fake[85:165, 190:262] = fake[85:165, 190:262][:, ::-1]
    >>> figure = faces_figure(compare_faces(real, fake, detector=LBPDetector()))
    >>> figure.get_suptitle()
    '1 of 1 face manipulated'
    """
    if not isinstance(result, FaceComparison):
        raise TypeError(
            f"result must be a FaceComparison, got {type(result).__name__}; make one with facediff.faces.compare_faces"
        )
    if not result.faces:
        raise ValueError("result must hold a face, got none; show the pair with facediff.difference_figure")
    ordered = sorted(result.faces, key=lambda face: not face.manipulated)[:_MOST_FACES]
    figure, rows = _lay_out([face.comparison.shape for face in ordered], _panels.check_width(width))
    for number, (face, axes) in enumerate(zip(ordered, rows, strict=True), start=1):
        _show_face(face, number, axes)
    first, _, _ = str(result).partition(";")
    hidden = len(result.faces) - len(ordered)
    aside = f"{hidden} more not shown" if hidden else ""
    by = f"recipe {result.found.recipe} (version {result.found.recipe_version})"
    _panels.write_heading(figure, first, f"Found in the whole pair by {by}", aside)
    return figure


def plot_parts(face: ComparedFace, *, ax: Axes | None = None) -> Axes:
    """Show as bars what share of a face's change lies in which part of it, from 0 to 100 %.

    The title says so if the parts lie where they do in an average face, for want of landmarks.

    Parameters
    ----------
    face : ComparedFace
        One of ``facediff.faces.compare_faces(real, fake).faces``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the only axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    """
    if not isinstance(face, ComparedFace):
        raise TypeError(
            f"face must be a ComparedFace, got {type(face).__name__}; take one of compare_faces(real, fake).faces"
        )
    ax = _panels.check_axes(ax)
    names = [part.name for part in face.parts]
    shares = [100 * part.share for part in face.parts]
    places = range(len(names))
    ax.barh(places, shares, color=_BAR_COLOR, height=0.7)
    for place, share in zip(places, shares, strict=True):
        ax.text(share + 2, place, f"{share:.0f}", va="center", ha="left", fontsize=_panels.TEXT_SIZE)
    ax.set_yticks(places, names, fontsize=_panels.TEXT_SIZE)
    ax.set(xlim=(0, 115), xticks=(0, 50, 100))
    ax.invert_yaxis()
    ax.set_xlabel("% of the change", fontsize=_panels.TEXT_SIZE)
    ax.tick_params(labelsize=_panels.TEXT_SIZE)
    ax.spines[["top", "right"]].set_visible(False)
    return _panels.name(ax, "Parts" if face.by_landmarks else "Parts (average face)")


def _show_face(face: ComparedFace, number: int, axes: dict[str, Axes]) -> None:
    for name, ax in axes.items():
        ax.set_label(f"{name} {number}")
    comparison = face.comparison
    _panels.show_picture(axes["real"], comparison.real, comparison.data_range)
    _panels.name(axes["real"], f"Real, face {number}")
    axes["real"].set_xlabel(str(face.face.box), fontsize=_panels.TEXT_SIZE)
    _panels.show_picture(axes["fake"], comparison.fake, comparison.data_range)
    verdict = f"{face.changed:.0%} manipulated" if face.manipulated else "not manipulated"
    _panels.name(axes["fake"], f"Fake, {verdict}")
    plot_difference(comparison, ax=axes["difference"])
    _draw_parts(axes["real"], face)
    plot_parts(face, ax=axes["parts"])


def _draw_parts(ax: Axes, face: ComparedFace) -> None:
    """Outline the parts on the real crop."""
    labels = label_parts(face.face, face.box)
    for part in range(len(NAMES) - 1):
        inside = labels == part
        if inside.any() and not inside.all():
            ax.contour(inside, levels=[0.5], colors=[_LINE_COLOR], linewidths=0.6, alpha=0.8)


def _lay_out(shapes: list[tuple[int, int]], width: float) -> tuple[Figure, list[dict[str, Axes]]]:
    """Make a figure with a row of panels for each face, in inches as `facediff._panels.lay_out` does."""
    across = (width - 2 * _MARGIN - _NAMES - 3 * _GAP) / len(_PANELS)
    heights = [min(max(across * tall / wide, _LOWEST), _TALLEST) for tall, wide in shapes]
    height = _HEAD + sum(heights) + len(heights) * (_TITLE + _FOOT) + _MARGIN
    figure = _panels.new_figure(width, height)
    rows = []
    bottom = height - _HEAD
    for tall in heights:
        bottom -= _TITLE + tall
        lefts = _MARGIN + np.arange(len(_PANELS)) * (across + _GAP)
        lefts[-1] += _NAMES  # its ticks are words
        rows.append(
            {
                name: figure.add_axes((left / width, bottom / height, across / width, tall / height))
                for name, left in zip(_PANELS, lefts, strict=True)
            }
        )
        bottom -= _FOOT
    return figure, rows


__all__ = ["faces_figure", "plot_parts"]
