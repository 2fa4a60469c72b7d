"""The page of a run: what its template needs to know, of any number of pairs, in bounded size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from facediff import _footage
from facediff import _report_charts as charts
from facediff import _report_pictures as pictures
from facediff._arrays import Picture
from facediff._printable import printable
from facediff._report_page import Fact, number, shortened
from facediff.draw import draw_regions
from facediff.images import read_image
from facediff.regions import Box

if TYPE_CHECKING:
    import pandas as pd

    from facediff._batch_summary import Summary

MOST_ROWS = 1000
MOST_THUMBNAILS = 100
_MOST_CHOICES = 50  # of a filter
_LONGEST = 300  # letters that are shown of a text


class _Column(NamedTuple):
    """A column of the page's table."""

    title: str
    source: str
    kind: str  # the class of its cells; "n" = a number
    about: str = ""


_COLUMNS = (
    _Column("Pair", "name", "wide"),
    _Column("Verdict", "verdict", "verdict"),
    _Column("Label", "label", "text"),
    _Column("Method", "method", "text"),
    _Column("Split", "split", "text"),
    _Column("Over the gate", "margin", "n", "Largest evidence over what coding alone may reach"),
    _Column("Changed, %", "changed", "n", "Of the pixels"),
    _Column("SSIM", "ssim", "n", "1 = identical"),
    _Column("PSNR, dB", "psnr", "n", "More = closer"),
    _Column("Frames", "frames", "n"),
    _Column("Regions", "regions", "n", "Regions of a picture, tracks of a clip"),
)
_ALWAYS = ("name", "verdict", "label")
_FILTERED = ("verdict", "label", "method", "split")
_SEARCHED = ("name", "method", "split")


def run_context(summary: Summary, pairs: pd.DataFrame, manifest: dict[str, Any]) -> dict[str, Any]:
    """Return what the template of a run shows, of its summary, its table of pairs and its manifest."""
    shown = _worth_a_look_first(summary, pairs).iloc[:MOST_ROWS]
    columns = [each for each in _COLUMNS if each.source in _ALWAYS or shown[each.source].notna().any()]
    sources = [each.source for each in columns]
    return {
        "title": printable(summary.out),
        "kind": "Run",
        "state": "run",
        "headline": _headline(summary, pairs),
        "sentence": str(summary),
        "inputs": [],
        "facts": _facts(summary, pairs),
        "charts": _charts(summary, pairs),
        "columns": columns,
        "filters": _filters(shown, sources),
        "run": {
            "rows": list(zip(*(_cells(shown[each.source], each.kind) for each in columns), strict=True)),
            "kinds": [each.kind for each in columns],
            "searched": [sources.index(source) for source in _SEARCHED if source in sources],
            "errors": _cells(shown["error"], "error"),
            "thumbnails": _thumbnails(shown.iloc[:MOST_THUMBNAILS]),
        },
        "limits": _limits(summary.pairs),
        "recipe": "none: metrics only"
        if summary.recipe is None
        else f"{summary.recipe}, version {manifest['recipe_version']}",
        "parameters": {**manifest["parameters"], **manifest["clips"]},
        "versions": manifest["versions"],
    }


def _worth_a_look_first(summary: Summary, pairs: pd.DataFrame) -> pd.DataFrame:
    """Sort: missed fakes and false alarms, then failures, then all others, those with most evidence first."""
    words = pairs["manipulated"].map({True: "manipulated", False: "unchanged"}, na_action="ignore").astype(object)
    table = pairs.assign(
        verdict=words.where(pairs["error"].isna(), "failed"), changed=100 * pairs["changed"], name=pairs.index
    )
    # Without a recipe nothing was looked for, so that nothing was missed.
    missed = [] if summary.recipe is None else [*summary.missed.index, *summary.false_alarms.index]
    first = [*missed, *summary.failures.index]
    rest = table.drop(index=first).sort_values("margin", ascending=False, kind="stable")
    return table.loc[[*first, *rest.index]]


def _headline(summary: Summary, pairs: pd.DataFrame) -> str:
    count = f"{summary.pairs:,} pair{'' if summary.pairs == 1 else 's'}"
    if summary.recipe is None:
        return f"{count} compared"
    return f"{int(pairs['manipulated'].sum()):,} of {count} manipulated"


def _facts(summary: Summary, pairs: pd.DataFrame) -> list[Fact]:
    facts = [Fact("Pairs", f"{summary.pairs:,}", "")]
    good = pairs[pairs["error"].isna()]
    for label, word in (("FAKE", "Fakes found"), ("REAL", "False alarms")):
        found = good.loc[good["label"] == label, "manipulated"].dropna().to_numpy(bool)
        if found.size:
            facts.append(Fact(word, f"{100 * found.mean():.3g} %", f"{int(found.sum()):,} of {found.size:,}"))
    facts.append(Fact("Failed", f"{summary.failed:,}", "could not be compared"))
    if len(good):
        facts.append(Fact("SSIM", f"{good['ssim'].mean():.4f}", "mean over the pairs"))
    return facts


def _charts(summary: Summary, pairs: pd.DataFrame) -> list[charts.Chart]:
    made = []
    scored = pairs[pairs["margin"].notna()]
    margins = [
        (kind, scored.loc[scored["label"] == label, "margin"].to_numpy(np.float64))
        for kind, label in (("fake", "FAKE"), ("real", "REAL"))
    ]
    if len(scored):
        made.append(charts.histogram([(kind, values) for kind, values in margins if values.size]))
    if summary.roc is not None:
        made.append(charts.roc(*summary.roc, score=summary.score))
    return made


def _cells(column: pd.Series, kind: str) -> list[Any]:
    """Return a column as JSON can hold it."""
    if kind == "n":
        return [_number(value) for value in column.to_numpy(np.float64, na_value=math.nan).tolist()]
    return [shortened(printable(value), _LONGEST) if isinstance(value, str) else None for value in column.tolist()]


def _number(value: float) -> float | int | str | None:
    if math.isnan(value):
        return None
    if math.isinf(value):
        return number(value)
    return int(value) if value.is_integer() else float(f"{value:.5g}")


def _filters(shown: pd.DataFrame, sources: Sequence[str]) -> list[dict[str, Any]]:
    made = []
    for source in _FILTERED:
        if source not in sources:
            continue
        choices = sorted({shortened(printable(value), _LONGEST) for value in shown[source].dropna().tolist()})
        if 1 < len(choices) <= _MOST_CHOICES:
            title = next(each.title for each in _COLUMNS if each.source == source)
            made.append({"title": title, "column": sources.index(source), "choices": choices})
    return made


def _thumbnails(shown: pd.DataFrame) -> list[dict[str, str]]:
    """Return the first pictures of each pair, where they can be read: what became of it is in the table."""
    made = []
    for kind, real, fake, boxes in zip(*(shown[name] for name in ("kind", "real", "fake", "boxes")), strict=True):
        uris = {}
        for side, path in (("real", real), ("fake", fake)):
            picture = _first_picture(path, kind)
            if picture is None:
                continue
            if side == "fake":
                marked = [Box(*box) for box in boxes]
                picture = draw_regions(picture, marked, thickness=_visible(picture))
            uris[side] = pictures.thumbnail(picture)
        made.append(uris)
    return made


def _first_picture(path: str, kind: str) -> Picture | None:
    try:
        picture = _footage.first_frame(Path(path)) if kind == "clip" else read_image(path)
    except (OSError, ValueError, ImportError):
        return None
    if picture.dtype != np.uint8:
        picture = (picture >> 8).astype(np.uint8)
    return picture


def _visible(picture: Picture) -> int:
    """Return how wide a line must be to be seen in a thumbnail."""
    side: int = max(picture.shape[:2])
    return max(1, round(1.5 * side / pictures.THUMBNAIL))


def _limits(count: int) -> str:
    text = (
        f"Thumbnails, with the boxes of what was found, are those of the first {MOST_THUMBNAILS} pairs at most; "
        "of clips they show the first frame."
    )
    if count <= MOST_ROWS:
        return text
    return (
        f"The table holds the {MOST_ROWS:,} pairs of {count:,} that are most worth a look; "
        f"charts and numbers above it count all. {text}"
    )
