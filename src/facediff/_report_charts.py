"""The charts of a page, as places in an SVG: plain numbers, which the template draws in the page's own colours."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

WIDTH = 960
_LEFT, _RIGHT, _TOP, _FOOT, _GAP, _PANEL = 56, 16, 22, 46, 28, 130
_SIDE, _MARGIN = 300, 44  # of the charts of a run
_POWERS, _BINS = (-2, 3), 30  # of ten, from one end of the margins to the other

_Values = npt.NDArray[Any]


class Tick(NamedTuple):
    """A place on an axis, and what stands there."""

    at: float
    text: str


class Panel(NamedTuple):
    """One series over time."""

    title: str
    top: float
    height: float
    path: str
    ticks: list[Tick]
    rule: float | None  # the height of the gate


class Timeline(NamedTuple):
    """Panels one below the other over one axis of time."""

    width: int
    height: float
    left: float
    right: float
    bottom: float
    panels: list[Panel]
    ticks: list[Tick]
    bands: list[tuple[float, float]]  # where the clip is manipulated: from, width
    marks: list[Tick]


class Chart(NamedTuple):
    """A square chart: curves or bars, with both axes."""

    title: str
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    x_label: str
    y_label: str
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    curves: list[tuple[str, str]]  # which kind it is, and its path
    rule: float | None


class Series(NamedTuple):
    """What a panel shows."""

    title: str
    values: _Values
    low: float
    high: float
    logarithmic: bool = False
    rule: float | None = None


def timeline(
    times: _Values, series: Sequence[Series], spans: Iterable[tuple[float, float]], marks: Sequence[float]
) -> Timeline:
    """Lay out series over time, the manipulated spans behind them and numbered marks above them."""
    first, last = float(times[0]), float(times[-1])
    length = (last - first) or 1.0
    right = WIDTH - _RIGHT

    def across(time: float | _Values) -> Any:
        return _LEFT + (right - _LEFT) * np.clip((np.asarray(time) - first) / length, 0, 1)

    panels = []
    for number, each in enumerate(series):
        top = _TOP + number * (_PANEL + _GAP)
        panels.append(_panel(each, across(times), top))
    bottom = panels[-1].top + _PANEL
    return Timeline(
        WIDTH,
        bottom + _FOOT,
        _LEFT,
        right,
        bottom,
        panels,
        [Tick(round(float(across(tick)), 1), f"{tick:g} s") for tick in _ticks(first, last, 8)],
        _bands((float(across(start)), float(across(stop))) for start, stop in spans),
        [Tick(round(float(across(time)), 1), str(number)) for number, time in enumerate(marks, start=1)],
    )


def histogram(kinds: Sequence[tuple[str, _Values]]) -> Chart:
    """Count margins on a logarithmic axis, in percent of their own kind; what is beyond an end is counted there."""
    edges = np.logspace(*_POWERS, _BINS + 1)
    shares = [
        (kind, 100 * np.histogram(np.clip(values, *edges[[0, -1]]), edges)[0] / max(values.size, 1))
        for kind, values in kinds
    ]
    highest = max((float(share.max()) for _, share in shares), default=0) or 1
    frame = _frame()
    curves = []
    for kind, share in shares:
        x = frame.x(np.repeat(np.linspace(0, 1, _BINS + 1), 2))
        y = frame.y(np.concatenate([[0], np.repeat(share, 2), [0]]) / highest)
        curves.append((kind, _path(x, y)))
    return Chart(
        "Evidence over the gate",
        *frame,
        "largest evidence over the gate",
        "% of the pairs of their kind",
        [
            Tick(float(frame.x(_share_of(10.0**power))), f"{10.0**power:g}")
            for power in range(_POWERS[0], _POWERS[1] + 1)
        ],
        [Tick(round(float(frame.y(tick / highest)), 1), f"{tick:g}") for tick in _ticks(0, highest, 4)],
        curves,
        float(frame.x(_share_of(1.0))),
    )


def roc(false_alarms: _Values, detections: _Values, thresholds: _Values, area: float, *, score: str) -> Chart:  # noqa: ARG001
    """Draw the receiver operating characteristic of a score, from `facediff._roc.Roc`."""
    frame = _frame()
    kept = np.unique(np.linspace(0, false_alarms.size - 1, min(false_alarms.size, 400)).astype(int))
    path = _path(frame.x(false_alarms[kept]), frame.y(detections[kept]))
    ticks = (0, 0.5, 1)
    return Chart(
        f"ROC of the {score}, area {area:.3f}",
        *frame,
        "share of reals called fake",
        "share of fakes found",
        [Tick(float(frame.x(tick)), f"{tick:g}") for tick in ticks],
        [Tick(float(frame.y(tick)), f"{tick:g}") for tick in ticks],
        [("chance", _path(frame.x(np.array([0, 1])), frame.y(np.array([0, 1])))), ("roc", path)],
        None,
    )


def _share_of(margin: float) -> float:
    return (math.log10(margin) - _POWERS[0]) / (_POWERS[1] - _POWERS[0])


class _Frame(NamedTuple):
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float

    def x(self, share: Any) -> Any:
        return np.round(self.left + (self.right - self.left) * np.asarray(share), 1)

    def y(self, share: Any) -> Any:
        return np.round(self.bottom - (self.bottom - self.top) * np.asarray(share), 1)


def _frame() -> _Frame:
    return _Frame(_SIDE + 64, _SIDE - 40, _MARGIN, _SIDE + 44, 12, _SIDE - 40 - _MARGIN)


def _bands(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return spans as places and widths; those less than a pixel apart are one, so that there are never many."""
    bands: list[list[float]] = []
    for start, stop in spans:
        stop = max(stop, start + 1)
        if bands and start < bands[-1][1] + 1:
            bands[-1][1] = max(bands[-1][1], stop)
        else:
            bands.append([start, stop])
    return [(round(start, 1), round(stop - start, 1)) for start, stop in bands]


def _panel(series: Series, x: _Values, top: float) -> Panel:
    low, high = series.low, series.high

    def down(values: Any) -> Any:
        shown = np.clip(np.asarray(values, np.float64), low, high)
        share = np.log(shown / low) / np.log(high / low) if series.logarithmic else (shown - low) / (high - low)
        return top + _PANEL * (1 - share)

    if series.logarithmic:
        powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
        marks = [10.0**power for power in powers]
    else:
        marks = _ticks(low, high, 4)
    ticks = [Tick(round(float(down(mark)), 1), f"{mark:g}") for mark in marks]
    rule = None if series.rule is None else round(float(down(series.rule)), 1)
    return Panel(series.title, top, _PANEL, _path(x, down(series.values)), ticks, rule)


def _ticks(low: float, high: float, most: int) -> list[float]:
    """Return round numbers between two."""
    from matplotlib.ticker import MaxNLocator

    if high <= low:
        return [low]
    values = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    reach = 1e-9 * (high - low)
    return [float(value) for value in values if low - reach <= value <= high + reach]


def _path(x: _Values, y: _Values) -> str:
    """Return a line through points; where there is no number it breaks off."""
    parts = []
    pen = "M"
    for across, down in zip(x.tolist(), y.tolist(), strict=True):
        if math.isnan(down):
            pen = "M"
            continue
        parts.append(f"{pen}{across:.1f} {down:.1f}")
        pen = "L"
    return "".join(parts)
