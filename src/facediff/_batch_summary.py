"""A run in numbers: what was found by label, method and split, how well a score tells, what is worth a look."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from facediff._roc import Roc, measure_roc

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("name", "real", "fake", "label", "method", "split", "kind", "error", "manipulated"),
    *("margin", "mse", "psnr", "ssim", "changed", "manipulated_frames", "frames", "regions"),
)
SCORES = ("margin", "changed", "mse")


class Histogram(NamedTuple):
    """How a score spreads.

    Attributes
    ----------
    edges : ndarray of float64, (bins + 1,)
        Of the bins, rising.
    fakes, reals : ndarray of int64, (bins,)
        How many pairs of either label lie in each bin.
    """

    edges: npt.NDArray[np.float64]
    fakes: npt.NDArray[np.int64]
    reals: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """What `summarise` makes of a run.

    Attributes
    ----------
    out : str
        The folder of the run.
    recipe : str or None
        The recipe that it was made by; None = metrics only.
    pairs, failed : int
        How many pairs there are, and how many of them could not be compared.
    groups : pandas.DataFrame
        A row for each label, method and split, in this order and under these names, which are empty where a pair has
        none: "pairs", "failed", "manipulated", "share" (of the pairs that were compared, those called manipulated),
        and the medians "margin" and "ssim".
    score : str
        The column that histogram and ROC are of.
    histogram : Histogram
        How the score spreads over fakes and over reals.
    roc : Roc or None
        How well the score tells fakes from reals; None without pairs of both labels.
    missed : pandas.DataFrame
        Fakes in which nothing was found, those with the lowest score first.
    false_alarms : pandas.DataFrame
        Reals in which something was found, those with the highest score first.
    failures : pandas.DataFrame
        Pairs that could not be compared, with their error, sorted by name.
    """

    out: str
    recipe: str | None
    pairs: int
    failed: int
    groups: pd.DataFrame = field(repr=False)
    score: str
    histogram: Histogram = field(repr=False)
    roc: Roc | None = field(repr=False)
    missed: pd.DataFrame = field(repr=False)
    false_alarms: pd.DataFrame = field(repr=False)
    failures: pd.DataFrame = field(repr=False)

    def __str__(self) -> str:
        """Numbers of pairs, of what was found and what was not, in one line."""
        text = f"{self.pairs} pair{'' if self.pairs == 1 else 's'}, {self.failed} failed"
        if self.recipe is None:
            return f"{text}; metrics only"
        for label, word in (("FAKE", "fakes"), ("REAL", "reals")):
            group = self.groups[self.groups.index.get_level_values("label") == label]
            compared = int(group["pairs"].sum() - group["failed"].sum())
            if compared:
                text += f"; something found in {int(group['manipulated'].sum())} of {compared} {word}"
        if self.roc is not None:
            text += f"; ROC area of the {self.score} {self.roc.area:.3f}"
        return f"{text}, by recipe {self.recipe}"


def summary_of(table: pd.DataFrame, out: str, recipe: str | None, *, score: str, bins: int) -> Summary:
    """Sum a table of pairs up."""
    good = table[table["error"].isna()]
    manipulated = good["manipulated"].fillna(False).astype(bool)
    fakes, reals = good["label"] == "FAKE", good["label"] == "REAL"
    columns = [column for column in table.columns if column != "error"]
    return Summary(
        out=out,
        recipe=recipe,
        pairs=len(table),
        failed=len(table) - len(good),
        groups=_groups(table),
        score=score,
        histogram=_histogram(good, score, bins),
        roc=_roc(good, score),
        missed=good.loc[fakes & ~manipulated, columns].sort_values(score, kind="stable"),
        false_alarms=good.loc[reals & manipulated, columns].sort_values(score, ascending=False, kind="stable"),
        failures=table.loc[table["error"].notna(), ["real", "fake", "label", "kind", "error"]],
    )


def _groups(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    by = ["label", "method", "split"]
    named = table.fillna({"method": "", "split": ""})
    groups = named.groupby(by, sort=True)
    found = pd.DataFrame(
        {
            "pairs": groups.size(),
            "failed": groups["error"].count(),
            "manipulated": groups["manipulated"].sum().astype("int64"),
        }
    )
    found["share"] = found["manipulated"] / (found["pairs"] - found["failed"]).where(lambda count: count > 0)
    return found.join(groups[["margin", "ssim"]].median())


def _histogram(good: pd.DataFrame, score: str, bins: int) -> Histogram:
    known = good[np.isfinite(good[score])]
    values = known[score].to_numpy(np.float64)
    edges = np.histogram_bin_edges(values, bins=bins)
    fake = (known["label"] == "FAKE").to_numpy(bool)
    counts = [np.histogram(values[chosen], bins=edges)[0] for chosen in (fake, ~fake)]
    return Histogram(edges, counts[0], counts[1])


def _roc(good: pd.DataFrame, score: str) -> Roc | None:
    known = good[np.isfinite(good[score])]
    fake = (known["label"] == "FAKE").to_numpy(bool)
    if fake.all() or not fake.any():
        return None
    return measure_roc(fake, known[score].to_numpy(np.float64))
