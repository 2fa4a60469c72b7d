"""Panels of a page: where they stand, how a picture or map is shown in one, what is written on it.

Below `facediff.figures`, which knows what a comparison is; here are pixels, places and words.
"""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Container
from numbers import Real
from typing import Any

import cv2
import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.transforms import BboxTransformTo, ScaledTranslation, blended_transform_factory

from facediff._arrays import Mask, Picture
from facediff.draw import VERMILION, Color, contrasting, rgb8
from facediff.regions import Box

TEXT_SIZE = 7.5  # points
_TITLE_SIZE, _NUMBER_SIZE = 9.0, 6.5
_MOST_PIXELS = 1280  # along the longer side of a panel
_LEAST_PART = 1 / 480  # of the longer side: what thinner parts of a mask are widened to
_NUMBERED = 9  # so many of the strongest boxes bear a number
_NOTE_WIDTH = 34  # letters in a line that is written into a panel
_NOT_COMPARED = "0.6"
_MARK_COLOR = (86 / 255, 180 / 255, 233 / 255)  # Okabe and Ito's sky blue, which no map holds

# All in inches.
MARGIN, _GAP, _HEAD, _TITLE, _FOOT, _STRIP, _TICKS = 0.15, 0.14, 0.54, 0.22, 0.47, 1.1, 0.46
_TALLEST, _LOWEST = 6.0, 0.8
_BAR, _BAR_PAD = 0.09, 0.07
_NARROWEST = 8.0
_DPI = 150
_BARE = {"real", "fake", "mask", "gate"}  # panels with nothing below them


class _ShownFigure(Figure):
    """A figure that notebooks show even if pyplot, which would teach them to, was never imported."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, format="png")
        return file.getvalue()


def new_figure(width: float, height: float, *, constrained: bool = False) -> Figure:
    """Make an empty figure of a size in inches; a constrained one places its axes by itself."""
    return _ShownFigure(figsize=(width, height), layout="constrained" if constrained else None, dpi=_DPI)


def lay_out(
    rows: list[list[str]], shape: tuple[int, int], width: float, *, bare: Container[str] = _BARE, below: float = 0.0
) -> tuple[Figure, dict[str, Axes]]:
    """Make a figure with rows of panels that have the pictures' shape; a lone histogram is a low strip.

    All places are computed in inches, so that pictures of any shape line up and leave no gaps. `bare` panels have
    nothing below them; so many inches are left free `below` all rows.
    """
    columns = len(rows[0])
    across = (width - 2 * MARGIN - (columns - 1) * _GAP) / columns
    down = min(max(across * shape[0] / shape[1], _LOWEST), _TALLEST)
    heights = [_STRIP if row == ["histogram"] else down for row in rows]
    feet = [0.0 if all(name in bare for name in row) else _FOOT for row in rows]
    height = _HEAD + sum(heights) + sum(feet) + len(rows) * _TITLE + MARGIN + below
    figure = new_figure(width, height)
    axes: dict[str, Axes] = {}
    bottom = height - _HEAD
    for row, tall, foot in zip(rows, heights, feet, strict=True):
        bottom -= _TITLE + tall
        for column, name in enumerate(row):
            left, wide = MARGIN + column * (across + _GAP), across
            if name == "histogram":
                left, wide = left + _TICKS, (width - 2 * MARGIN if len(row) == 1 else across) - _TICKS
            place = (left / width, bottom / height, wide / width, tall / height)
            axes[name] = figure.add_axes(place, label=name)
        bottom -= foot
    return figure, axes


def show_picture(ax: Axes, picture: Picture, data_range: float, *, shape: tuple[int, ...] | None = None) -> Axes:
    """Show a picture, or a small copy of one that has the given shape; a unit is a pixel of the latter."""
    _show_image(ax, shrink(rgb8(picture, data_range)), picture.shape if shape is None else shape)
    return ax


def show_map(ax: Axes, plane: npt.NDArray[Any], shape: tuple[int, ...], *, cmap: str, norm: Normalize) -> AxesImage:
    """Show one number per pixel; what is masked is gray."""
    colors = mpl.colormaps[cmap].with_extremes(bad=_NOT_COMPARED)
    return _show_image(ax, plane, shape, cmap=colors, norm=norm)


def show_mask(ax: Axes, mask: Mask, where: Mask | None) -> AxesImage:
    """Show a mask white on black, thin parts widened to be seen."""
    plane: npt.NDArray[Any] = _shrink_mask(mask)
    if where is not None:
        plane = np.ma.masked_array(plane, ~_shrink_mask(where))
    return show_map(ax, plane, mask.shape, cmap="gray", norm=Normalize(0, 1))


def _show_image(ax: Axes, pixels: npt.NDArray[Any], shape: tuple[int, ...], **scale: Any) -> AxesImage:
    extent = (-0.5, shape[1] - 0.5, shape[0] - 0.5, -0.5)
    image = ax.imshow(pixels, extent=extent, origin="upper", aspect="equal", interpolation="antialiased", **scale)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(linewidth=0.5, color="0.5")
    return image


def add_bar(
    ax: Axes, image: AxesImage, label: str, *, extend: str, mark: float | None = None, stretch: float = 1.0
) -> None:
    """Add a colour bar exactly as wide as the picture, of a fixed height at a fixed distance below it.

    A line across it marks one value, if asked for. Under a narrow picture it can be wider: `stretch` times.
    """
    lower_edge = ScaledTranslation(0, 0, BboxTransformTo(ax.bbox))
    inches = ax.figure.dpi_scale_trans + lower_edge
    place = blended_transform_factory(ax.transAxes, inches)
    bar = ax.inset_axes((0, -_BAR_PAD - _BAR, stretch, _BAR), transform=place)
    ax.figure.colorbar(image, cax=bar, orientation="horizontal", extend=extend)
    bar.set_xlabel(label, fontsize=TEXT_SIZE, labelpad=1.5)
    bar.xaxis.set_major_formatter("{x:g}")
    bar.tick_params(labelsize=TEXT_SIZE, length=2, pad=1.5)
    if mark is not None:
        halo = [withStroke(linewidth=3.6, foreground="black")]
        bar.axvline(mark, -0.5, 1.5, color=_MARK_COLOR, linewidth=2.0, clip_on=False, zorder=10, path_effects=halo)


def draw_boxes(ax: Axes, boxes: list[Box], shape: tuple[int, int]) -> None:
    """Outline boxes, the first one last, on top; if there are several, number the first nine."""
    for box in reversed(boxes):
        outline(ax, box, VERMILION)
    numbered = list(enumerate(boxes[:_NUMBERED], start=1)) if len(boxes) > 1 else []
    for number, box in reversed(numbered):
        write_number(ax, number, box, VERMILION, shape)


def outline(ax: Axes, box: Box, color: Color) -> None:
    corner = (box.left - 0.5, box.top - 0.5)
    line = Rectangle(corner, box.width, box.height, fill=False, edgecolor=unit_color(color), linewidth=1.7)
    halo = [withStroke(linewidth=3.0, foreground="black", alpha=0.7)]
    line.set(path_effects=halo, clip_on=False, joinstyle="miter")
    ax.add_patch(line)


def write_number(ax: Axes, number: int, box: Box, color: Color, shape: tuple[int, int]) -> None:
    """Write a box's number on a plate above its upper left corner, or within it where the picture ends."""
    inside = box.top < 0.08 * shape[0]
    at_end = box.left > 0.92 * shape[1]
    plate = {"boxstyle": "square,pad=0.15", "facecolor": unit_color(color), "edgecolor": "black", "linewidth": 0.5}
    ax.annotate(
        str(number),
        (box.left - 0.5, box.top - 0.5),
        xytext=(-1 if at_end else 1, -2 if inside else 1),
        textcoords="offset points",
        ha="right" if at_end else "left",
        va="top" if inside else "bottom",
        fontsize=_NUMBER_SIZE,
        fontweight="bold",
        color=unit_color(contrasting(color)),
        bbox=plate,
    )


def unit_color(color: Color) -> tuple[float, float, float]:
    """Return a colour as Matplotlib takes it, from 0 to 1."""
    red, green, blue = color
    return red / 255, green / 255, blue / 255


def say(ax: Axes, text: str) -> None:
    """Write into a panel why it shows nothing else."""
    lines = textwrap.fill(text, _NOTE_WIDTH)
    note = ax.text(0.5, 0.5, lines, ha="center", va="center", fontsize=TEXT_SIZE, transform=ax.transAxes)
    note.set_in_layout(False)  # or a long word would take the room of the pictures


def shorten(text: str, length: int) -> str:
    """Leave out letters from the middle: data sets tell their files apart at the ends."""
    return text if len(text) <= length else f"{text[: length - 10]}…{text[-9:]}"


def name(ax: Axes, title: str) -> Axes:
    ax.set_title(title, loc="left", fontsize=_TITLE_SIZE, pad=3)
    return ax


def write_heading(figure: Figure, first: str, second: str, aside: str) -> None:
    """Write two lines at the head of a page, and how it was made at the right end of the first."""
    width, height = figure.get_size_inches()
    left = MARGIN / width
    figure.suptitle(first, x=left, y=1 - 0.1 / height, ha="left", va="top", fontsize=11, fontweight="bold")
    figure.text(left, 1 - 0.31 / height, second, ha="left", va="top", fontsize=_TITLE_SIZE)
    figure.text(1 - left, 1 - 0.12 / height, aside, ha="right", va="top", fontsize=TEXT_SIZE, color="0.35")


def _grid(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Return the width and height to show a picture in, or None for its own."""
    factor = _MOST_PIXELS / max(shape[:2])
    return None if factor >= 1 else (max(1, round(shape[1] * factor)), max(1, round(shape[0] * factor)))


def shrink(pixels: npt.NDArray[Any], where: Mask | None = None) -> npt.NDArray[Any]:
    """Average pixels down to what a panel can show; those outside `where` count for nothing and come out masked."""
    size = _grid(pixels.shape)
    if where is None:
        return pixels if size is None else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    if size is None:
        return np.ma.masked_array(pixels, ~where)
    counted = np.where(where, pixels, 0).astype(np.float32)
    weight = cv2.resize(where.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    total = cv2.resize(counted, size, interpolation=cv2.INTER_AREA)
    return np.ma.masked_array(total / np.maximum(weight, 1e-6), weight <= 0)


def _shrink_mask(mask: Mask) -> Mask:
    """Bring a mask to what a panel can show: marked if anything in a pixel is, thin parts widened to be seen."""
    size = _grid(mask.shape)
    shown = mask
    if size is not None:
        shown = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    least = math.ceil(max(shown.shape) * _LEAST_PART)
    if least > 1:
        brush = np.ones((least, least), np.uint8)
        wide = cv2.morphologyEx(shown.astype(np.uint8), cv2.MORPH_OPEN, brush) > 0
        thin = shown & ~wide
        shown = shown | (cv2.dilate(thin.astype(np.uint8), brush) > 0)
    return shown


def check_axes(ax: object) -> Axes:
    if ax is None:
        return _ShownFigure(layout="constrained", dpi=_DPI).add_subplot()
    if not isinstance(ax, Axes):
        raise TypeError(
            f"ax must be matplotlib Axes, got {type(ax).__name__}; pass one of figure.axes, or None for a new figure"
        )
    return ax


def check_width(width: object) -> float:
    if isinstance(width, bool) or not isinstance(width, Real):
        raise TypeError(f"width must be a number of inches, got {type(width).__name__}")
    inches = float(width)
    if not (_NARROWEST <= inches < math.inf):
        raise ValueError(f"width must be at least {_NARROWEST:g} inches and finite, got {width}")
    return inches
