"""How the assertions say what is wrong: a headline, and below it what was expected, what came and what would pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from facediff import _asserting, _assignment
from facediff._arrays import Picture
from facediff._baselines import Baseline
from facediff.evidence import gate
from facediff.localise import Localisation
from facediff.regions import Box

_FIRST = 3  # places, and
_LISTED = 5  # regions that are listed one by one
_LABEL = 12  # columns


def message(headline: str, *rows: tuple[str, Sequence[str]]) -> str:
    """Lay out a message: the headline, an empty line, and labelled lines below each other."""
    lines = [headline, ""]
    for label, texts in rows:
        starts = [f"{label}:", *[""] * (len(texts) - 1)]
        lines += [f"{start:<{_LABEL}}{text}" for start, text in zip(starts, texts, strict=False)]
    return "\n".join(lines)


def broken_law(law: str, came: str, would_pass: str) -> str:
    """Say one law, what came instead, and which value of which argument would pass."""
    return f"{law}, got {came}; {would_pass} would pass"


def largest(real: Picture, fake: Picture, difference: Picture) -> str:
    """Say how much two pictures differ at most, and where first."""
    y, x = np.unravel_index(int(np.argmax(difference)), difference.shape)
    return f"{difference[y, x]:g} at {_pixel(real, fake, int(x), int(y))}"


def first_places(real: Picture, fake: Picture, difference: Picture) -> list[str]:
    """List the first pixels that differ, row by row."""
    rows, columns = np.nonzero(difference)
    places = zip(columns[:_FIRST].tolist(), rows[:_FIRST].tolist(), strict=True)
    return [_pixel(real, fake, x, y) for x, y in places]


def what_was_found(found: Localisation) -> list[str]:
    """Say the verdict, and list the regions."""
    return [str(found), *_limited([str(region) for region in found.regions])]


def too_much_evidence(found: Localisation) -> str:
    """Say that the null test failed, and at which rate it would not."""
    rate = found.parameters["false_alarm_rate"]
    peak = found.margin * found.threshold
    passing = _asserting.highest_rate_that_passes(peak)
    cure = "no false_alarm_rate" if passing is None else f"false_alarm_rate={passing:g}"
    return broken_law(f"false_alarm_rate={rate:g}: evidence of at most {gate(rate):.4g}", f"{peak:.4g}", cure)


def too_much_drift(drift: float, most: float) -> str:
    """Say that local means moved too far."""
    law = f"drift={most:g}: local means moved by at most {most:g} of 255 levels"
    return broken_law(law, f"{drift:.4g}", f"drift={math.ceil(drift * 10) / 10:g}")


def too_far(steps: npt.NDArray[np.int64], described: str, tolerance: int) -> str:
    """Say how many of the pixels that were found lie too far beyond a place, and how far."""
    law = f"tolerance={tolerance}: nothing found more than {tolerance} px beyond {described}"
    farthest = steps.max()
    return broken_law(law, f"{np.count_nonzero(steps > tolerance)} px, up to {farthest} px", f"tolerance={farthest}")


def too_little_shared(iou: float, least: float, described: str) -> str:
    """Say that what was found and what was promised overlap too little."""
    return broken_law(f"iou={least:g}: IoU of at least {least:g} with {described}", f"{iou:.4g}", _iou_that_passes(iou))


def regions_apart(headline: str, actual: Sequence[Box], expected: Sequence[Box], iou: float) -> str | None:
    """Say which boxes have no partner of at least this IoU on the other side, if any."""
    ious = _assignment.overlaps(actual, expected)
    pairs = _assignment.pair_up(ious, iou)
    if len(pairs) == len(actual) == len(expected):
        return None
    unexpected = [str(box) for index, box in enumerate(actual) if index not in pairs.values()]
    wanted = [_partner(box, index, actual, ious, pairs) for index, box in enumerate(expected)]
    if len(actual) == len(expected):
        would_pass = _iou_that_passes(_assignment.largest_passing(ious))
    else:
        would_pass = f"no iou, since {len(actual)} came and {len(expected)} were expected"
    return message(
        f"{headline}: {len(pairs)} of {len(expected)} expected came at iou={iou:g}, {len(unexpected)} unexpected",
        ("expected", _limited(wanted) or ["no region"]),
        ("unexpected", _limited(unexpected) or ["no region"]),
        ("would pass", [would_pass]),
    )


def off_baseline(
    path: Path, baseline: Baseline, boxes: Sequence[Box], shape: tuple[int, ...], iou: float
) -> str | None:
    """Say in what boxes that were found differ from a baseline, if they do."""
    if baseline.shape != shape:
        sizes = [f"{width}x{height}" for height, width in (baseline.shape, shape)]
        return message(
            f"the pictures are not of the size of the baseline {path}", ("expected", sizes[:1]), ("found", sizes[1:])
        )
    return regions_apart(f"the regions are not those of the baseline {path}", boxes, baseline.boxes, iou)


def _partner(box: Box, index: int, actual: Sequence[Box], ious: _assignment.Overlaps, pairs: dict[int, int]) -> str:
    """Say which actual box an expected one was paired with, or came nearest to it."""
    if index in pairs:
        return f"{box}: came as {actual[pairs[index]]}, IoU {ious[pairs[index], index]:.2f}"
    if not len(actual) or not ious[:, index].any():
        return f"{box}: nothing came there"
    nearest = int(np.argmax(ious[:, index]))
    return f"{box}: missing, nearest {actual[nearest]}, IoU {ious[nearest, index]:.2f}"


def _iou_that_passes(iou: float) -> str:
    rounded = math.floor(iou * 100) / 100
    return f"iou={rounded:g}" if rounded > 0 else "no iou above 0"


def _limited(texts: list[str]) -> list[str]:
    more = len(texts) - _LISTED
    return texts if more <= 0 else [*texts[:_LISTED], f"and {more} more"]


def _pixel(real: Picture, fake: Picture, x: int, y: int) -> str:
    return f"({x}, {y}): real {_value(real, x, y)}, fake {_value(fake, x, y)}"


def _value(picture: Picture, x: int, y: int) -> str:
    values = np.atleast_1d(picture[y, x])
    text = ", ".join(f"{value:g}" for value in values)
    return text if picture.ndim == 2 else f"({text})"
