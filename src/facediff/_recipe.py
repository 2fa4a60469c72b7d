"""What a recipe is, and what it hands back to `facediff.find_regions`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from facediff._arrays import Map, Mask
from facediff._registration import Shift
from facediff.compare import Comparison
from facediff.regions import Region


class Found(NamedTuple):
    """What a recipe hands back."""

    manipulated: bool
    regions: tuple[Region, ...]
    mask: Mask
    evidence: Map
    threshold: float
    margin: float
    shift: Shift | None = None
    alignment: str = ""


class Recipe(NamedTuple):
    """One way from a comparison to a mask."""

    version: int
    find: Callable[[Comparison, dict[str, float]], Found]
    parameters: dict[str, float]  # those it takes, with their defaults
