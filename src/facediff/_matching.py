"""Found regions against true ones: which is which, one to one, by the overlap of their boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from facediff._arrays import Mask
from facediff._assignment import overlaps
from facediff._tally import Empty, describe_empty, measure_rates
from facediff.regions import Box


@dataclass(frozen=True, slots=True)
class Match:
    """A found region and the true one that it is taken for.

    Attributes
    ----------
    found : int
        Its place among the found regions.
    true : int
        Its place among the true regions.
    iou : float
        Intersection over union of their boxes.
    """

    found: int
    true: int
    iou: float

    def __str__(self) -> str:
        """Both places and the overlap in one line."""
        return f"found {self.found} is true {self.true}, IoU {self.iou:.4f}"


@dataclass(frozen=True, slots=True)
class RegionScore:
    """How well found regions agree with true ones, from `score_regions`; frozen.

    Attributes
    ----------
    matches : tuple of Match
        Found and true regions that belong together, by falling IoU.
    extra : tuple of int
        Places of the found regions that match none.
    missed : tuple of int
        Places of the true regions that none matches.
    iou : float
        The least IoU of a match.
    empty : {"one", "zero", "nan"}
        What a rate scores that has nothing to count.
    """

    matches: tuple[Match, ...]
    extra: tuple[int, ...]
    missed: tuple[int, ...]
    iou: float
    empty: Empty

    @property
    def precision(self) -> float:
        """Share of the found regions that match, in [0, 1]; 1 = none is false."""
        return self._rate(1)

    @property
    def recall(self) -> float:
        """Share of the true regions that were found, in [0, 1]; 1 = none was missed."""
        return self._rate(2)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, in [0, 1]."""
        return self._rate(3)

    def _rate(self, place: int) -> float:
        counts = np.array((len(self.matches), len(self.extra), len(self.missed), 0))
        return float(measure_rates(counts, self.empty)[place])

    def __str__(self) -> str:
        """Say in one line how many match, and by what conventions."""
        matched = len(self.matches)
        return (
            f"{matched} of {matched + len(self.missed)} true regions found, {len(self.extra)} false: "
            f"precision {self.precision:.4f}, recall {self.recall:.4f}, F1 {self.f1:.4f}; "
            f"boxes match from IoU {self.iou:g}, the closest first, one to one; {describe_empty(self.empty)}"
        )


def boxes_of_mask(mask: Mask) -> list[Box]:
    """Return the bounds of a mask's 8-connected components, from left to right."""
    pixels = np.ascontiguousarray(mask).view(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(pixels, connectivity=8)
    return sorted(Box.from_xywh(*stats[label, :4]) for label in range(1, count))


def match_boxes(found: Sequence[Box], true: Sequence[Box], least: float) -> tuple[Match, ...]:
    """Pair boxes off, those of largest IoU first, each once; equal ones in their given order.

    Where neither the true boxes overlap each other nor the found ones, and `least` is above 0.5, a box has at most one
    partner, so no other way of pairing finds more.
    """
    ious = overlaps(found, true)
    places = np.argwhere(ious >= least)
    falling = np.argsort(-ious[tuple(places.T)], kind="stable")
    matches: list[Match] = []
    free_found, free_true = set(range(len(found))), set(range(len(true)))
    for one, other in places[falling].tolist():
        if one in free_found and other in free_true:
            free_found.remove(one)
            free_true.remove(other)
            matches.append(Match(one, other, float(ious[one, other])))
    return tuple(matches)
