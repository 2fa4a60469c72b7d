"""Pages about clips: where panels stand, in inches, so that clips of any shape line up, and what the heading says."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from facediff import _panels
from facediff.timeline import VideoComparison

NAME_LENGTH = 24  # letters that are shown of a clip's name in a heading

# All in inches.
_MARGIN, _GAP, _HEAD, _TITLE = 0.15, 0.1, 0.54, 0.22
_LEFT, _WORDS, _FRAMES, _TIMES, _LEAD, _NOTES = 0.62, 0.46, 0.36, 0.34, 0.24, 0.34
_TALL, _LOW = 1.35, 0.85  # the first series, and the others
_SIDES = 0.2  # for the words "real" and "fake"
_TALLEST, _LOWEST, _NARROWEST = 4.0, 0.3, 0.85
_HIGHLIGHT = 2.0  # of the longer side of a highlight
_MOST_ACROSS = 6


class Page:
    """A figure whose panels are placed from its upper end down, once its height is known."""

    def __init__(self, width: float, height: float) -> None:
        """Make an empty page of a size in inches."""
        self.figure = _panels.new_figure(width, height)
        self.width, self.height = width, height

    def panel(self, name: str, left: float, top: float, width: float, height: float) -> Axes:
        """Add axes, all in inches, `top` from the upper end of the page."""
        bottom = self.height - top - height
        place = (left / self.width, bottom / self.height, width / self.width, height / self.height)
        return self.figure.add_axes(place, label=name)

    def line(self, points: Sequence[tuple[float, float]]) -> None:
        """Draw a thin line behind all panels through points in inches from the left and upper end."""
        across = [left / self.width for left, _ in points]
        down = [1 - top / self.height for _, top in points]
        thin = Line2D(across, down, color="0.6", linewidth=0.7, zorder=-1, transform=self.figure.transFigure)
        self.figure.add_artist(thin)


def lay_out_timeline(
    names: Sequence[str], tracks: float, highlights: Sequence[float], shape: tuple[int, int], width: float
) -> tuple[Page, dict[str, Axes], list[Axes]]:
    """Lay out panels of time, of `tracks` inches that for tracks, and below them pictures led to from their times.

    `highlights` are the times as shares of the axes' length, in order.
    """
    wide = width - _LEFT - _MARGIN
    heights = {name: _LOW if place else _TALL for place, name in enumerate(names)}
    if tracks:
        heights["tracks"] = tracks
    small = highlight_size(shape, len(highlights), width)
    ending = _HEAD + _FRAMES + sum(heights.values()) + _GAP * (len(heights) - 1)
    pictures_top = ending + _TIMES + _LEAD + _TITLE
    page = Page(width, pictures_top + small[1] + _NOTES + _MARGIN)
    axes, top = {}, _HEAD + _FRAMES
    for name, height in heights.items():
        axes[name] = page.panel(name, _LEFT, top, wide, height)
        axes[name].yaxis.set_label_coords(-_WORDS / wide, 0.5)
        top += height + _GAP
    room = max(small[0], _NARROWEST)
    middles = spread([_LEFT + share * wide for share in highlights], room + _GAP, _MARGIN + room / 2, width - _MARGIN)
    pictures = []
    for number, (middle, share) in enumerate(zip(middles, highlights, strict=True), start=1):
        picture = page.panel(f"highlight {number}", middle - small[0] / 2, pictures_top, *small)
        picture.set_anchor("N")
        pictures.append(picture)
        at = _LEFT + share * wide
        page.line([(at, _HEAD + _FRAMES), (at, ending), (middle, pictures_top - _TITLE), (middle, pictures_top)])
    return page, axes, pictures


def highlight_size(shape: tuple[int, int], count: int, width: float) -> tuple[float, float]:
    """Return width and height of the pictures below a timeline: `count` of them fit side by side."""
    widest = (width - 2 * _MARGIN - (count - 1) * _GAP) / count
    across = min(widest, _HIGHLIGHT * min(1.0, shape[1] / shape[0]))
    return across, min(max(across * shape[0] / shape[1], _LOWEST), _HIGHLIGHT)


def spread(wanted: Sequence[float], apart: float, least: float, end: float) -> list[float]:
    """Move sorted places as little as it takes to stand `apart`, from `least` on and half of that before the end."""
    places: list[float] = []
    for place in wanted:
        places.append(max(place, places[-1] + apart if places else least))
    most = end - (apart - _GAP) / 2
    for at in reversed(range(len(places))):
        places[at] = min(places[at], most)
        most = places[at] - apart
    return places


def lay_out_sheet(shape: tuple[int, int], count: int, width: float) -> tuple[Figure, list[tuple[Axes, Axes]]]:
    """Lay out pairs of panels, real above fake, at most six pairs side by side and as many in each row as can be."""
    rows = math.ceil(count / _MOST_ACROSS)
    columns = math.ceil(count / rows)
    across = (width - 2 * _MARGIN - _SIDES - (columns - 1) * _GAP) / columns
    down = min(max(across * shape[0] / shape[1], _LOWEST), _TALLEST)
    block = _TITLE + 2 * down + _GAP / 2 + _NOTES
    page = Page(width, _HEAD + rows * block + _MARGIN)
    pairs = []
    for place in range(count):
        row, column = divmod(place, columns)
        left, top = _MARGIN + _SIDES + column * (across + _GAP), _HEAD + row * block + _TITLE
        real = page.panel(f"real {place + 1}", left, top, across, down)
        fake = page.panel(f"fake {place + 1}", left, top + down + _GAP / 2, across, down)
        if column == 0:
            real.set_ylabel("real", fontsize=_panels.TEXT_SIZE)
            fake.set_ylabel("fake", fontsize=_panels.TEXT_SIZE)
        pairs.append((real, fake))
    return page.figure, pairs


def lay_out_grid(
    shapes: Sequence[tuple[int, ...]], count: int, columns: int, width: float
) -> tuple[Figure, list[Axes]]:
    """Lay out panels in a grid, high enough for the highest of the shapes."""
    across = (width - 2 * _MARGIN - (columns - 1) * _GAP) / columns
    steepest = max((shape[0] / shape[1] for shape in shapes), default=0.6)
    down = min(max(across * steepest, _LOWEST), _TALLEST)
    page = Page(width, _MARGIN + math.ceil(count / columns) * (_TITLE + down + _GAP))
    panels = []
    for place in range(count):
        row, column = divmod(place, columns)
        top = _MARGIN / 2 + row * (_TITLE + down + _GAP) + _TITLE
        ax = page.panel(f"clip {place + 1}", _MARGIN + column * (across + _GAP), top, across, down)
        ax.set_anchor("N")
        panels.append(ax)
    return page.figure, panels


def write_heading(figure: Figure, result: VideoComparison) -> None:
    """Write what was found, and how, at the head of a page."""
    real, fake = (_panels.shorten(os.path.basename(path), NAME_LENGTH) for path in (result.real, result.fake))
    count = result.index.size
    told = [f"{count} frame{'' if count == 1 else 's'}", f"mean SSIM {result.ssim.mean():.4f}"]
    if result.recipe is not None:
        told.append(f"recipe {result.recipe}")
    if result.refused:
        told.append(f"{len(result.refused)} refused as shifted")
    _panels.write_heading(figure, headline(result), f"{', '.join(told)}; real: {real}, fake: {fake}", "")


def headline(result: VideoComparison) -> str:
    """Return what was found, in a line that always fits."""
    if result.recipe is None:
        return "Metrics only, no regions looked for"
    if not result.tracks:
        alone = int(result.manipulated.sum())
        frames = "1 frame passes" if alone == 1 else f"{alone} frames pass"
        return "Nothing changed" + (f", though {frames} the test alone" if alone else "")
    tracks = "1 track" if len(result.tracks) == 1 else f"{len(result.tracks)} tracks"
    more = len(result.segments) - 1
    rest = f" and {more} more span{'' if more == 1 else 's'}" if more else ""
    return f"{tracks}, manipulated in {result.segments[0]}{rest}"
