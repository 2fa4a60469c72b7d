"""Figures of a comparison, in Matplotlib: pages that show all of it or how it was judged, and the panels of both.

Every scale is fixed and the same for every pair, so that two figures can be laid side by side: pictures from black to
`data_range`; differences from 0 to a quarter of `data_range`, what is above shown like the quarter; SSIM from 1 to 0,
what is below shown like 0; evidence from 1 to 1000 times the coding noise, on a logarithmic scale, what is beyond an
end shown like that end (the arrow at a colour bar's end stands for it). In all maps dark is alike and bright is
changed, in colours that are safe for the colour-blind.
Pixels that were not compared (outside ``comparison.where``) are neutral gray in every map.

A panel shows at most 1280 pixels along a side; larger pictures are averaged down to that first. Figures are plain
`matplotlib.figure.Figure` objects: nothing is registered with pyplot, so each thread may make its own.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from facediff import _panels
from facediff._arrays import Picture, check_picture
from facediff._cells import CELL
from facediff.compare import Comparison, check_comparison
from facediff.evidence import measure_evidence
from facediff.localise import Localisation

DIFFERENCE_SHARE: Final = 0.25
"""Differences are shown from 0 to this share of `data_range`."""

EVIDENCE_LIMITS: Final = (1.0, 1000.0)
"""Evidence is shown between these, in times the coding noise."""

_BINS = 256
_BAR_COLOR = (0 / 255, 114 / 255, 178 / 255)  # Okabe and Ito's blue


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
    check_comparison(comparison)
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
    figure, axes = _panels.lay_out(rows, comparison.shape, _panels.check_width(width))
    _panels.show_picture(axes["real"], comparison.real, comparison.data_range)
    _panels.name(axes["real"], "Real")
    plot_difference(comparison, ax=axes["difference"])
    plot_ssim_map(comparison, ax=axes["ssim_map"])
    plot_histogram(comparison, ax=axes["histogram"])
    if found is None:
        _panels.show_picture(axes["fake"], comparison.fake, comparison.data_range)
        _panels.name(axes["fake"], "Fake")
    else:
        plot_regions(comparison, found, ax=axes["fake"])
        plot_mask(comparison, found, ax=axes["mask"])
    _panels.write_heading(figure, _metrics(comparison), _summary(comparison, found), _origin(comparison, found))
    return figure


def evidence_figure(comparison: Comparison, found: Localisation, *, width: float = 10.0) -> Figure:
    """Show how a pair was judged: the evidence, what of it passed the gate, the mask, and the regions on the fake.

    Parameters
    ----------
    comparison : Comparison
        From `facediff.compare_images`.
    found : Localisation
        From `facediff.find_regions`, by a recipe that tests: "noise-aware".
    width : float
        Width of the figure in inches, at least 8; its height follows from the pictures' shape.

    Returns
    -------
    matplotlib.figure.Figure
        For `savefig` or a notebook. Its axes bear the labels "evidence", "gate", "mask" and "fake"; the heading has
        the verdict, its false-alarm rate and the margin, or why nothing was found.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If `found` comes from pictures of another size or from a recipe without a gate, or `width` is below 8 or not
        finite.

    See Also
    --------
    difference_figure : What differs, whether coding explains it or not.

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> real = np.full((64, 64, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[20:30, 20:40] = 200
    >>> comparison = facediff.compare_images(real, fake)
    >>> figure = facediff.evidence_figure(comparison, facediff.find_regions(comparison))
    >>> figure.get_suptitle()
    'Manipulated at a false-alarm rate of 0.01'
    """
    _check_tested(found, check_comparison(comparison))
    upright = comparison.shape[0] > 1.25 * comparison.shape[1]
    rows = [["evidence", "gate", "mask", "fake"]] if upright else [["evidence", "gate"], ["mask", "fake"]]
    figure, axes = _panels.lay_out(rows, comparison.shape, _panels.check_width(width))
    plot_evidence(comparison, found, ax=axes["evidence"])
    plot_gate(comparison, found, ax=axes["gate"])
    plot_mask(comparison, found, ax=axes["mask"])
    plot_regions(comparison, found, ax=axes["fake"])
    grounds = _reason(found)
    if found.manipulated:
        grounds = (
            f"{_count(found)}, {_extent(comparison, found)}; the largest evidence is {found.margin:.1f} times the gate"
        )
    elif not math.isinf(found.threshold):
        grounds += f" at a false-alarm rate of {found.parameters['false_alarm_rate']:g}"
    grounds = grounds[0].upper() + grounds[1:]
    _panels.write_heading(figure, _verdict(found), grounds, _origin(comparison, found))
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
    return _panels.show_picture(_panels.check_axes(ax), checked, limit)


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
    _check_found(found, check_comparison(comparison))
    ax = _panels.show_picture(_panels.check_axes(ax), comparison.fake, comparison.data_range)
    _panels.draw_boxes(ax, [region.box for region in found.regions], comparison.shape)
    return _panels.name(ax, f"Fake, {_count(found)}")


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
    check_comparison(comparison)
    ax = _panels.check_axes(ax)
    plane = _panels.shrink(comparison.difference, comparison.where)
    top = DIFFERENCE_SHARE * comparison.data_range
    image = _panels.show_map(ax, plane, comparison.shape, cmap="magma", norm=Normalize(0, top))
    _panels.add_bar(ax, image, f"difference (white = {comparison.data_range:g})", extend="max")
    return _panels.name(ax, "Difference")


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
    check_comparison(comparison)
    ax = _panels.check_axes(ax)
    plane = _panels.shrink(comparison.ssim_map, comparison.where)
    image = _panels.show_map(ax, plane, comparison.shape, cmap="viridis_r", norm=Normalize(0, 1))
    _panels.add_bar(ax, image, "SSIM (1 = alike)", extend="min")
    return _panels.name(ax, "SSIM map")


def plot_evidence(comparison: Comparison, found: Localisation, *, ax: Axes | None = None) -> Axes:
    """Show the evidence, from 1 to 1000 times the coding noise on a logarithmic scale; the gate is marked on the bar.

    Parameters
    ----------
    comparison : Comparison
        From `facediff.compare_images`.
    found : Localisation
        From `facediff.find_regions`, by a recipe that tests: "noise-aware".
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
    ValueError
        If `found` comes from pictures of another size, or from a recipe without a gate.
    """
    _check_tested(found, check_comparison(comparison))
    ax = _panels.check_axes(ax)
    low, high = EVIDENCE_LIMITS
    plane = _panels.shrink(np.maximum(found.evidence, np.float32(low)), comparison.where)
    image = _panels.show_map(ax, plane, comparison.shape, cmap="inferno", norm=LogNorm(low, high))
    if math.isinf(found.threshold):
        _panels.add_bar(ax, image, "times the coding noise", extend="both")
    else:
        label = f"times the coding noise (gate: {found.threshold:.3g})"
        _panels.add_bar(ax, image, label, extend="both", mark=found.threshold)
    return _panels.name(ax, "Evidence")


def plot_gate(comparison: Comparison, found: Localisation, *, ax: Axes | None = None) -> Axes:
    """Show the cells of 4x4 pixels whose evidence is above the gate, white on black: what the verdict rests on.

    They are tested at one scale, whereas the evidence that is shown is the largest over all scales, those that only
    serve to draw the mask included: it may exceed the gate where no cell does.

    Parameters
    ----------
    comparison : Comparison
        From `facediff.compare_images`.
    found : Localisation
        From `facediff.find_regions`, by a recipe that tests: "noise-aware".
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
        If `found` comes from pictures of another size, or from a recipe without a gate.
    """
    _check_tested(found, check_comparison(comparison))
    ax = _panels.check_axes(ax)
    height, width = comparison.shape
    above = measure_evidence(comparison).tested > found.threshold
    pixels = above.repeat(CELL, axis=0).repeat(CELL, axis=1)[:height, :width]
    _panels.show_mask(ax, pixels, comparison.where)
    count = np.count_nonzero(above)
    return _panels.name(ax, f"Above the gate, {count or 'no'} cell{'' if count == 1 else 's'}")


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
    _check_found(found, check_comparison(comparison))
    ax = _panels.check_axes(ax)
    _panels.show_mask(ax, found.mask, comparison.where)
    return _panels.name(ax, f"Mask, {_share(comparison, found)}")


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
    check_comparison(comparison)
    ax = _panels.check_axes(ax)
    counts, edges = _count_differences(comparison)
    ax.stairs(counts, edges, baseline=0.5, fill=True, color=_BAR_COLOR, linewidth=0.6)
    ax.set_yscale("log")
    ax.set(xlim=(-0.015 * edges[-1], edges[-1]), ylim=(0.5, 2.0 * counts.max()))
    ax.set_xlabel(f"difference (white = {comparison.data_range:g})", fontsize=_panels.TEXT_SIZE)
    ax.set_ylabel("pixels", fontsize=_panels.TEXT_SIZE)
    ax.tick_params(labelsize=_panels.TEXT_SIZE)
    ax.spines[["top", "right"]].set_visible(False)
    return _panels.name(ax, "Histogram of differences")


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


def _metrics(comparison: Comparison) -> str:
    if comparison.identical:
        return "Identical: MSE 0, PSNR infinite, SSIM 1"
    return f"MSE {comparison.mse:.4g}, PSNR {comparison.psnr:.2f} dB, SSIM {comparison.ssim:.4f}"


def _summary(comparison: Comparison, found: Localisation | None) -> str:
    """Return the verdict and its grounds, or what was compared if nothing was looked for."""
    if found is None:
        return str(comparison).partition(":")[0]
    if not _has_test(found):
        return f"{_count(found)} by recipe {found.recipe}, which has no test: {_extent(comparison, found)}"
    if found.manipulated:
        return (
            f"{_verdict(found)}: {_count(found)}, {_extent(comparison, found)}, "
            f"evidence {found.margin:.1f} times the gate"
        )
    return f"{_verdict(found)}: {_reason(found)}"


def _verdict(found: Localisation) -> str:
    if found.manipulated:
        return f"Manipulated at a false-alarm rate of {found.parameters['false_alarm_rate']:g}"
    return "Nothing changed beyond coding noise"


def _reason(found: Localisation) -> str:
    """Return why nothing was found, in the words of the localisation."""
    return str(found).partition(": ")[2]


def _origin(comparison: Comparison, found: Localisation | None) -> str:
    """Return how the page was made."""
    parts = [] if found is None else [f"recipe {found.recipe} (version {found.recipe_version})"]
    return "; ".join(parts if comparison.where is None else [*parts, "gray: not compared"])


def _has_test(found: Localisation) -> bool:
    return "false_alarm_rate" in found.parameters


def _count(found: Localisation) -> str:
    count = len(found.regions)
    return f"{count or 'no'} region{'' if count == 1 else 's'}"


def _share(comparison: Comparison, found: Localisation) -> str:
    """Return the marked share of the compared pixels."""
    where = comparison.where
    marked = found.mask if where is None else found.mask[where]
    return f"{100 * marked.mean():.3g}%"


def _extent(comparison: Comparison, found: Localisation) -> str:
    of = "the picture" if comparison.where is None else "what was compared"
    return f"{_share(comparison, found)} of {of}"


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


def _check_tested(found: Localisation, comparison: Comparison) -> None:
    _check_found(found, comparison)
    if not _has_test(found):
        raise ValueError(
            f"found must come from a recipe with a gate, got recipe {found.recipe!r}; "
            'pass facediff.find_regions(comparison, recipe="noise-aware")'
        )


__all__ = [
    "DIFFERENCE_SHARE",
    "EVIDENCE_LIMITS",
    "difference_figure",
    "evidence_figure",
    "plot_difference",
    "plot_evidence",
    "plot_gate",
    "plot_histogram",
    "plot_mask",
    "plot_picture",
    "plot_regions",
    "plot_ssim_map",
]
