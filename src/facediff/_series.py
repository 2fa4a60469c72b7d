"""Series and tracks of a compared clip on axes of time: steps over the time of each frame, on a scale that suits."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, NullFormatter

from facediff import _panels
from facediff._tracks import Track
from facediff.draw import CYCLE, VERMILION, nth_color
from facediff.timeline import VideoComparison

_LINE_COLOR = _panels.unit_color(CYCLE[1])
_SHADE_COLOR = _panels.unit_color(VERMILION)
_GRAY = "0.35"
_LEAST_MARGIN, _MOST_MARGIN = 0.1, 10.0  # shown at least; margins below are shown like the least
_MOST_TRACKS = 12
_THICK, _THIN, _MANY = 1.4, 0.6, 1000  # points; of many frames the line is thin
_ALONE = 1.0  # seconds: for how long a clip of one frame is drawn

Values = npt.NDArray[np.float64]


class _Kind(NamedTuple):
    """What a series measures, and how it is shown."""

    label: str
    of: Callable[[VideoComparison], Values]
    limits: Callable[[Values], tuple[float, float]]


def _margin_limits(values: Values) -> tuple[float, float]:
    return 0.9 * _LEAST_MARGIN, max(_MOST_MARGIN, 1.5 * float(values.max()))


def _ssim_limits(values: Values) -> tuple[float, float]:
    below = max(1 - float(values.min()), 0.01)
    return 1 - 1.08 * below, 1 + 0.08 * below


def _psnr_limits(values: Values) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    room = max(0.08 * (high - low), 1.0)
    return max(low - room, 0.0), high + room


def _limits_from_0(values: Values) -> tuple[float, float]:
    return 0.0, max(1.1 * float(values.max()), 0.1)


SERIES = {
    "margin": _Kind("margin, gate = 1", lambda result: np.maximum(result.margin, _LEAST_MARGIN), _margin_limits),
    "ssim": _Kind("SSIM", lambda result: result.ssim, _ssim_limits),
    "psnr": _Kind("PSNR, dB", lambda result: result.psnr, _psnr_limits),
    "mse": _Kind("MSE", lambda result: result.mse, _limits_from_0),
    "area": _Kind("changed, %", lambda result: 100 * result.area / math.prod(result.shape), _limits_from_0),
}


def shown_series(result: VideoComparison) -> tuple[str, ...]:
    """Return the series that tell most about a result: of those that it has."""
    if result.recipe is None:
        return "ssim", "psnr"
    return ("margin", "ssim", "area") if "false_alarm_rate" in result.parameters else ("ssim", "area")


def edges_of(result: VideoComparison) -> Values:
    """Return when each frame begins to be shown and, at the end, when the last one ceases."""
    time = result.time
    step = float(np.median(np.diff(time))) if time.size > 1 else _ALONE
    return np.append(time, time[-1] + step)


def draw_series(ax: Axes, result: VideoComparison, name: str) -> None:
    """Draw a series as steps, its segments shaded; a triangle where it is infinite, nothing where it is no number."""
    _shade_spans(ax, result)
    kind, edges = SERIES[name], edges_of(result)
    values = kind.of(result)
    finite = np.where(np.isfinite(values), values, np.nan)
    known = finite[np.isfinite(finite)]
    low, high = kind.limits(known if known.size else np.ones(1))
    if name == "margin":
        ax.set_yscale("log")
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.yaxis.set_major_formatter("{x:g}")
        ax.axhline(1, color=_GRAY, linewidth=1.0, linestyle="--", label="gate", zorder=4)
    elif known.size:
        ax.yaxis.set_major_locator(MaxNLocator(4))
        ax.yaxis.set_major_formatter("{x:g}")
    else:
        ax.set_yticks([])
    width = _THICK if values.size <= _MANY else _THIN
    held = np.append(finite, finite[-1])  # until the last frame ceases
    if name == "area":
        ax.fill_between(edges, held, step="post", color=_LINE_COLOR, alpha=0.3, linewidth=0)
    ax.plot(edges, held, drawstyle="steps-post", color=_LINE_COLOR, linewidth=width, label=name, zorder=3)
    endless = np.flatnonzero(np.isposinf(values))
    if endless.size:
        middles = (edges[endless] + edges[endless + 1]) / 2
        ax.plot(
            middles,
            np.ones(endless.size),
            transform=ax.get_xaxis_transform(),
            linestyle="none",
            marker="^",
            markersize=4,
            color=_LINE_COLOR,
            clip_on=False,
            label="infinite",
        )
    ax.set(xlim=(edges[0], edges[-1]), ylim=(low, high))
    ax.set_ylabel(kind.label, fontsize=_panels.TEXT_SIZE)


def _shade_spans(ax: Axes, result: VideoComparison) -> None:
    """Shade the segments, and hatch the frames that were refused."""
    edges = edges_of(result)
    for segment in result.segments:
        start, stop = np.searchsorted(result.index, (segment.start, segment.stop))
        ax.axvspan(edges[start], edges[stop], color=_SHADE_COLOR, alpha=0.16, linewidth=0.8, zorder=0, label="segment")
    refused = np.array([index for index, _ in result.refused], dtype=np.int64)
    for start, stop in runs(np.searchsorted(result.index, refused)):
        ax.axvspan(
            edges[start],
            edges[stop],
            facecolor="none",
            edgecolor="0.7",
            hatch="////",
            linewidth=0,
            zorder=0.5,
            label="refused",
        )


def shown_tracks(result: VideoComparison) -> list[tuple[int, Track]]:
    """Return tracks with their numbers: all, or of many those that were seen in most frames."""
    numbered = list(enumerate(result.tracks, start=1))
    longest = sorted(numbered, key=lambda each: -each[1].frames.size)[:_MOST_TRACKS]
    return sorted(longest, key=lambda each: each[0])


def draw_tracks(ax: Axes, result: VideoComparison) -> None:
    """Draw tracks as rows: a bar over each run of frames in which one was seen, and a thin line through the gaps."""
    shown, edges = shown_tracks(result), edges_of(result)
    for row, (number, track) in enumerate(shown):
        color = _panels.unit_color(nth_color(number))
        seen = runs(np.searchsorted(result.index, track.frames))
        ax.plot(
            (edges[seen[0][0]], edges[seen[-1][1]]),
            (row, row),
            color=color,
            linewidth=1.2,
            solid_capstyle="butt",
            zorder=2,
        )
        spans = [(edges[start], edges[stop] - edges[start]) for start, stop in seen]
        # The edge keeps a bar visible that is thinner than a pixel.
        ax.broken_barh(spans, (row - 0.36, 0.72), facecolor=color, edgecolor=color, linewidth=0.8, zorder=3)
    few = len(result.tracks) < 3
    ax.set_yticks(range(len(shown)), [f"track {number}" if few else str(number) for number, _ in shown])
    ax.set(xlim=(edges[0], edges[-1]), ylim=(len(shown) - 0.4, -0.6))
    ax.tick_params(axis="y", length=0)
    total = len(result.tracks)
    label = "" if few else "tracks" if total == len(shown) else f"{len(shown)} of {total} tracks"
    ax.set_ylabel(label, fontsize=_panels.TEXT_SIZE)


def runs(places: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return the half-open spans of sorted places that follow one another."""
    if not places.size:
        return []
    parts = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    return [(int(part[0]), int(part[-1]) + 1) for part in parts]


def style_time(ax: Axes, result: VideoComparison, *, last: bool) -> None:
    """Give axes of time their look; only the last of a column says what the time is."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=_panels.TEXT_SIZE, labelbottom=last)
    if last:
        if result.time.size == 1:
            ax.set_xticks(result.time)
        ax.set_xlabel("time, s", fontsize=_panels.TEXT_SIZE, labelpad=1)


def number_frames(ax: Axes, result: VideoComparison) -> None:
    """Write indexes of frames along the upper end of the axes, at the times when they are shown."""
    first, last = int(result.index[0]), int(result.index[-1])
    wanted = MaxNLocator(8, integer=True).tick_values(first, last) if last > first else [first]
    indexes = np.unique(np.array([round(index) for index in wanted if first <= index <= last]))
    places = np.searchsorted(result.index, indexes)
    upper = ax.secondary_xaxis("top")
    upper.set_xticks(result.time[places], [str(result.index[place]) for place in places])
    upper.tick_params(labelsize=_panels.TEXT_SIZE, length=2, pad=1)
    upper.spines["top"].set_color("0.7")
    upper.set_xlabel("frame", fontsize=_panels.TEXT_SIZE, labelpad=2)
