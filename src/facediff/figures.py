"""Figures of a comparison, in Matplotlib: one that shows all of it, and the panels it is made of.

Every scale is fixed and the same for every pair, so that two figures can be laid side by side: pictures from black to
`data_range`; differences from 0 to a quarter of `data_range`, what is above shown like the quarter; SSIM from 1 to 0,
what is below shown like 0 (the arrow at a colour bar's end stands for it). In all maps dark is alike and bright is
changed, in colours that are safe for the colour-blind.
Pixels that were not compared (outside ``comparison.where``) are neutral gray in every map.

A panel shows at most 1280 pixels along a side; larger pictures are averaged down to that first. Figures are plain
`matplotlib.figure.Figure` objects: nothing is registered with pyplot, so each thread may make its own.
"""

from __future__ import annotations

import io
import math
from numbers import Real
from typing import Any, Final

import cv2
import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.transforms import BboxTransformTo, ScaledTranslation, blended_transform_factory

from facediff._arrays import Mask, Picture, check_picture
from facediff.compare import Comparison
from facediff.draw import VERMILION, rgb8
from facediff.localise import Localisation

DIFFERENCE_SHARE: Final = 0.25
"""Differences are shown from 0 to this share of `data_range`."""

_MOST_PIXELS = 1280  # along the longer side of a panel
_LEAST_PART = 1 / 480  # of the longer side: what thinner parts of a mask are widened to
_NUMBERED = 9  # so many of the strongest boxes bear a number
_NOT_COMPARED = "0.6"
_BINS = 256
_LINE_COLOR = tuple(value / 255 for value in VERMILION)
_BAR_COLOR = (0 / 255, 114 / 255, 178 / 255)  # Okabe and Ito's blue
_TITLE_SIZE, _TEXT_SIZE, _NUMBER_SIZE = 9.0, 7.5, 6.5  # points

# All in inches.
_MARGIN, _GAP, _HEAD, _TITLE, _FOOT, _STRIP, _TICKS = 0.15, 0.14, 0.54, 0.22, 0.47, 1.1, 0.46
_TALLEST, _LOWEST = 6.0, 0.8
_BAR, _BAR_PAD = 0.09, 0.07
_NARROWEST = 8.0
_DPI = 150


class _ShownFigure(Figure):
    """A figure that notebooks show even if pyplot, which would teach them to, was never imported."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, format="png")
        return file.getvalue()


def difference_figure(comparison: Comparison, found: Localisation | None = None, *, width: float = 10.0) -> Figure:
    """Show a comparison on one page: both pictures, the difference, the SSIM map and what was found.

    Parameters
    ----------
    comparison : Comparison
        From `facediff.compare_images`.
    found : Localisation, optional
        From `facediff.find_regions`; adds the boxes on the fake, the mask and the verdict.
    width : float
        Width of the figure in inches, at least 8; its height follows from the pictures' shape.

    Returns
    -------
    matplotlib.figure.Figure
        For `savefig` or a notebook. Its axes bear the labels "real", "fake", "difference", "ssim_map", "histogram"
        and, with `found`, "mask".

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If `found` comes from pictures of another size, or `width` is below 8 or not finite.

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> real = np.full((64, 64, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[20:30, 20:40] = 200
    >>> comparison = facediff.compare_images(real, fake)
    >>> figure = facediff.difference_figure(comparison, facediff.find_regions(comparison))
    >>> [axes.get_title(loc="left") for axes in figure.axes][:2]
    ['Real', 'Fake, 1 region']
    """
    _check_comparison(comparison)
    if found is not None:
        _check_found(found, comparison)
    upright = comparison.shape[0] > 1.25 * comparison.shape[1]
    if found is None:
        rows = [["real", "fake"], ["difference", "ssim_map"], ["histogram"]]
    else:
        rows = [["real", "fake", "mask"], ["difference", "ssim_map", "histogram"]]
    if upright:
        maps = ["difference", "ssim_map"] if found is None else ["difference", "ssim_map", "mask"]
        rows = [["real", "fake", *maps], ["histogram"]]
    figure, axes = _lay_out(rows, comparison.shape, _check_width(width))
    _show_picture(axes["real"], comparison.real, comparison.data_range)
    _name(axes["real"], "Real")
    plot_difference(comparison, ax=axes["difference"])
    plot_ssim_map(comparison, ax=axes["ssim_map"])
    plot_histogram(comparison, ax=axes["histogram"])
    if found is None:
        _show_picture(axes["fake"], comparison.fake, comparison.data_range)
        _name(axes["fake"], "Fake")
    else:
        plot_regions(comparison, found, ax=axes["fake"])
        plot_mask(comparison, found, ax=axes["mask"])
    _write_heading(figure, _metrics(comparison), _verdict(comparison, found))
    return figure


def plot_picture(picture: Picture, *, data_range: float | None = None, ax: Axes | None = None) -> Axes:
    """Show one picture, gray or RGB, from black to `data_range`.

    Parameters
    ----------
    picture : ndarray, (H, W) or (H, W, 3)
        uint8, uint16, float32 or float64.
    data_range : float, optional
        The value of white. Needed for float pictures; for integers the dtype's largest value unless given.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the only axes of a new figure by default. One unit is one pixel, the first one centred on 0.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; its ``figure`` can be saved.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If the picture's shape or values do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.figures import plot_picture
    >>> axes = plot_picture(np.zeros((20, 30), np.uint8))
    >>> axes.images[0].get_array().shape
    (20, 30, 3)
    """
    checked, limit = check_picture(picture, data_range=data_range)
    return _show_picture(_check_axes(ax), checked, limit)


def plot_regions(comparison: Comparison, found: Localisation, *, ax: Axes | None = None) -> Axes:
    """Show the fake picture with the boxes of the found regions.

    If there are several, the nine strongest are numbered, in the order of ``found.regions``.

    Parameters
    ----------
    comparison : Comparison
        From `facediff.compare_images`.
    found : Localisation
        From `facediff.find_regions`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the only axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; its ``patches`` are the boxes, the weakest first.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If `found` comes from pictures of another size.
    """
    _check_found(found, _check_comparison(comparison))
    ax = _show_picture(_check_axes(ax), comparison.fake, comparison.data_range)
    halo = [withStroke(linewidth=3.0, foreground="black", alpha=0.7)]
    for region in reversed(found.regions):
        box = region.box
        corner = (box.left - 0.5, box.top - 0.5)
        outline = Rectangle(corner, box.width, box.height, fill=False, edgecolor=_LINE_COLOR, linewidth=1.7)
        outline.set(path_effects=halo, clip_on=False, joinstyle="miter")
        ax.add_patch(outline)
    numbered = list(enumerate(found.regions[:_NUMBERED], start=1)) if len(found.regions) > 1 else []
    for number, region in reversed(numbered):
        _write_number(ax, number, region.box.left, region.box.top, comparison.shape)
    return _name(ax, f"Fake, {_count(found)}")


def plot_difference(comparison: Comparison, *, ax: Axes | None = None) -> Axes:
    """Show the largest absolute difference over the channels, from 0 to a quarter of `data_range`.

    Parameters
    ----------
    comparison : Comparison
        From `facediff.compare_images`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the only axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, with a colour bar below it.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    """
    _check_comparison(comparison)
    ax = _check_axes(ax)
    plane = _shrink(comparison.difference, comparison.where)
    top = DIFFERENCE_SHARE * comparison.data_range
    image = _show_map(ax, plane, comparison.shape, cmap="magma", limits=(0, top))
    _add_bar(ax, image, f"difference (white = {comparison.data_range:g})", extend="max")
    return _name(ax, "Difference")


def plot_ssim_map(comparison: Comparison, *, ax: Axes | None = None) -> Axes:
    """Show the SSIM map from 0 to 1; negative values look like 0.

    Parameters
    ----------
    comparison : Comparison
        From `facediff.compare_images`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the only axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on, with a colour bar below it.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    """
    _check_comparison(comparison)
    ax = _check_axes(ax)
    plane = _shrink(comparison.ssim_map, comparison.where)
    image = _show_map(ax, plane, comparison.shape, cmap="viridis_r", limits=(0, 1))
    _add_bar(ax, image, "SSIM (1 = alike)", extend="min")
    return _name(ax, "SSIM map")


def plot_mask(comparison: Comparison, found: Localisation, *, ax: Axes | None = None) -> Axes:
    """Show the mask of changed pixels, white on black.

    Parts thinner than 1/480 of the picture's longer side are shown that wide, or they would not be seen.

    Parameters
    ----------
    comparison : Comparison
        From `facediff.compare_images`.
    found : Localisation
        From `facediff.find_regions`.
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
    ValueError
        If `found` comes from pictures of another size.
    """
    _check_found(found, _check_comparison(comparison))
    ax = _check_axes(ax)
    mask = _shrink_mask(found.mask)
    if comparison.where is not None:
        mask = np.ma.masked_array(mask, ~_shrink_mask(comparison.where))
    _show_map(ax, mask, comparison.shape, cmap="gray", limits=(0, 1))
    return _name(ax, f"Mask, {_share(comparison, found)}")


def plot_histogram(comparison: Comparison, *, ax: Axes | None = None) -> Axes:
    """Count the compared pixels by their difference, on a logarithmic scale.

    Integer pictures have one bin for each level up to 256 levels, beyond that at most 256 bins of equally many
    levels; float pictures 256 bins. The bins span [0, data_range] whatever the differences.

    Parameters
    ----------
    comparison : Comparison
        From `facediff.compare_images`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; the only axes of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; its only patch is the outline of the counts.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    """
    _check_comparison(comparison)
    ax = _check_axes(ax)
    counts, edges = _count_differences(comparison)
    ax.stairs(counts, edges, baseline=0.5, fill=True, color=_BAR_COLOR, linewidth=0.6)
    ax.set_yscale("log")
    ax.set(xlim=(-0.015 * edges[-1], edges[-1]), ylim=(0.5, 2.0 * counts.max()))
    ax.set_xlabel(f"difference (white = {comparison.data_range:g})", fontsize=_TEXT_SIZE)
    ax.set_ylabel("pixels", fontsize=_TEXT_SIZE)
    ax.tick_params(labelsize=_TEXT_SIZE)
    ax.spines[["top", "right"]].set_visible(False)
    return _name(ax, "Histogram of differences")


def _count_differences(comparison: Comparison) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the pixels in each bin, and the edges of the bins."""
    difference, where = comparison.difference, comparison.where
    counted = difference.ravel() if where is None else difference[where]
    if counted.dtype.kind == "f":
        return np.histogram(counted, bins=_BINS, range=(0, comparison.data_range))
    levels = math.floor(comparison.data_range) + 1
    step = math.ceil(levels / _BINS)
    bins = math.ceil(levels / step)
    edges = np.arange(bins + 1) * step - 0.5
    return np.bincount(counted // step, minlength=bins), edges


def _lay_out(rows: list[list[str]], shape: tuple[int, int], width: float) -> tuple[Figure, dict[str, Axes]]:
    """Make a figure with rows of panels that have the pictures' shape; a lone histogram is a low strip.

    All places are computed in inches, so that pictures of any shape line up and leave no gaps.
    """
    columns = len(rows[0])
    across = (width - 2 * _MARGIN - (columns - 1) * _GAP) / columns
    down = min(max(across * shape[0] / shape[1], _LOWEST), _TALLEST)
    heights = [_STRIP if row == ["histogram"] else down for row in rows]
    feet = [0.0 if set(row) <= {"real", "fake", "mask"} else _FOOT for row in rows]
    height = _HEAD + sum(heights) + sum(feet) + len(rows) * _TITLE + _MARGIN
    figure = _ShownFigure(figsize=(width, height), dpi=_DPI)
    axes: dict[str, Axes] = {}
    bottom = height - _HEAD
    for row, tall, foot in zip(rows, heights, feet, strict=True):
        bottom -= _TITLE + tall
        for column, name in enumerate(row):
            left, wide = _MARGIN + column * (across + _GAP), across
            if name == "histogram":
                left, wide = left + _TICKS, (width - 2 * _MARGIN if len(row) == 1 else across) - _TICKS
            place = (left / width, bottom / height, wide / width, tall / height)
            axes[name] = figure.add_axes(place, label=name)
        bottom -= foot
    return figure, axes


def _show_picture(ax: Axes, picture: Picture, data_range: float) -> Axes:
    _show_image(ax, _shrink(rgb8(picture, data_range)), picture.shape)
    return ax


def _show_map(
    ax: Axes, plane: npt.NDArray[Any], shape: tuple[int, ...], *, cmap: str, limits: tuple[float, float]
) -> AxesImage:
    colors = mpl.colormaps[cmap].with_extremes(bad=_NOT_COMPARED)
    return _show_image(ax, plane, shape, cmap=colors, vmin=limits[0], vmax=limits[1])


def _show_image(ax: Axes, pixels: npt.NDArray[Any], shape: tuple[int, ...], **scale: Any) -> AxesImage:
    extent = (-0.5, shape[1] - 0.5, shape[0] - 0.5, -0.5)
    image = ax.imshow(pixels, extent=extent, origin="upper", aspect="equal", interpolation="antialiased", **scale)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(linewidth=0.5, color="0.5")
    return image


def _add_bar(ax: Axes, image: AxesImage, label: str, *, extend: str) -> None:
    """Add a colour bar exactly as wide as the picture, of a fixed height at a fixed distance below it."""
    lower_edge = ScaledTranslation(0, 0, BboxTransformTo(ax.bbox))
    inches = ax.figure.dpi_scale_trans + lower_edge
    place = blended_transform_factory(ax.transAxes, inches)
    bar = ax.inset_axes((0, -_BAR_PAD - _BAR, 1, _BAR), transform=place)
    ax.figure.colorbar(image, cax=bar, orientation="horizontal", extend=extend)
    bar.set_xlabel(label, fontsize=_TEXT_SIZE, labelpad=1.5)
    bar.tick_params(labelsize=_TEXT_SIZE, length=2, pad=1.5)


def _write_number(ax: Axes, number: int, left: int, top: int, shape: tuple[int, int]) -> None:
    inside = top < 0.08 * shape[0]
    at_end = left > 0.92 * shape[1]
    plate = {"boxstyle": "square,pad=0.15", "facecolor": _LINE_COLOR, "edgecolor": "black", "linewidth": 0.5}
    ax.annotate(
        str(number),
        (left - 0.5, top - 0.5),
        xytext=(-1 if at_end else 1, -2 if inside else 1),
        textcoords="offset points",
        ha="right" if at_end else "left",
        va="top" if inside else "bottom",
        fontsize=_NUMBER_SIZE,
        fontweight="bold",
        color="black",
        bbox=plate,
    )


def _name(ax: Axes, title: str) -> Axes:
    ax.set_title(title, loc="left", fontsize=_TITLE_SIZE, pad=3)
    return ax


def _write_heading(figure: Figure, first: str, second: str) -> None:
    width, height = figure.get_size_inches()
    left = _MARGIN / width
    figure.suptitle(first, x=left, y=1 - 0.1 / height, ha="left", va="top", fontsize=11, fontweight="bold")
    figure.text(left, 1 - 0.31 / height, second, ha="left", va="top", fontsize=_TITLE_SIZE)


def _metrics(comparison: Comparison) -> str:
    if comparison.identical:
        return "Identical: MSE 0, PSNR infinite, SSIM 1"
    return f"MSE {comparison.mse:.4g}, PSNR {comparison.psnr:.2f} dB, SSIM {comparison.ssim:.4f}"


def _verdict(comparison: Comparison, found: Localisation | None) -> str:
    """Return what was found and by which recipe, or what was compared if nothing was looked for."""
    if found is None:
        words = str(comparison).partition(":")[0]
    elif found.manipulated:
        of = "the picture" if comparison.where is None else "what was compared"
        words = f"Manipulated: {_count(found)}, {_share(comparison, found)} of {of}, by recipe {found.recipe}"
    else:
        words = f"Not manipulated, by recipe {found.recipe}"
    if found is not None:
        words += f" (version {found.recipe_version})"
    return words if comparison.where is None else f"{words}; gray: not compared"


def _count(found: Localisation) -> str:
    count = len(found.regions)
    return f"{count or 'no'} region{'' if count == 1 else 's'}"


def _share(comparison: Comparison, found: Localisation) -> str:
    """Return the marked share of the compared pixels."""
    where = comparison.where
    marked = found.mask if where is None else found.mask[where]
    return f"{100 * marked.mean():.3g}%"


def _grid(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Return the width and height to show a picture in, or None for its own."""
    factor = _MOST_PIXELS / max(shape[:2])
    return None if factor >= 1 else (max(1, round(shape[1] * factor)), max(1, round(shape[0] * factor)))


def _shrink(pixels: npt.NDArray[Any], where: Mask | None = None) -> npt.NDArray[Any]:
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


def _check_comparison(comparison: object) -> Comparison:
    if not isinstance(comparison, Comparison):
        raise TypeError(
            f"comparison must be a Comparison, got {type(comparison).__name__}; make one with facediff.compare_images"
        )
    return comparison


def _check_found(found: object, comparison: Comparison) -> None:
    if not isinstance(found, Localisation):
        raise TypeError(
            f"found must be a Localisation, got {type(found).__name__}; make one with facediff.find_regions"
        )
    if found.mask.shape != comparison.shape:
        raise ValueError(
            f"found must come from this comparison, got a mask of {found.mask.shape} for pictures of "
            f"{comparison.shape}; pass facediff.find_regions(comparison)"
        )


def _check_axes(ax: object) -> Axes:
    if ax is None:
        return _ShownFigure(layout="constrained", dpi=_DPI).add_subplot()
    if not isinstance(ax, Axes):
        raise TypeError(
            f"ax must be matplotlib Axes, got {type(ax).__name__}; pass one of figure.axes, or None for a new figure"
        )
    return ax


def _check_width(width: object) -> float:
    if isinstance(width, bool) or not isinstance(width, Real):
        raise TypeError(f"width must be a number of inches, got {type(width).__name__}")
    inches = float(width)
    if not (_NARROWEST <= inches < math.inf):
        raise ValueError(f"width must be at least {_NARROWEST:g} inches and finite, got {width}")
    return inches


__all__ = [
    "DIFFERENCE_SHARE",
    "difference_figure",
    "plot_difference",
    "plot_histogram",
    "plot_mask",
    "plot_picture",
    "plot_regions",
    "plot_ssim_map",
]
