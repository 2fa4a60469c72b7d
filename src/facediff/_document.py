"""JSON documents that may be damaged: each value is asked for by kind, and an error says where it stands."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

NUMBER_WORDS = ("nan", "inf", "-inf")  # JSON has no such numbers, so they stand as words


def number_or_word(value: float) -> float | str:
    """Return a number as JSON can hold it."""
    return float(value) if math.isfinite(value) else str(float(value))


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document, and the place where it stands, such as ``data['regions'][0]``."""

    value: object
    place: str

    def refuse(self, needed: str) -> ValueError:
        """Return the error that says what is needed here, and what came."""
        text = repr(self.value)
        got = text if len(text) <= 60 else f"{text[:60]}..."
        return ValueError(f"{self.place} must be {needed}, got {got}; the data are damaged")

    def __getitem__(self, key: str) -> Node:
        """Return what stands under a key, which must be there."""
        if not isinstance(self.value, dict):
            raise self.refuse("a dict")
        if key not in self.value:
            raise ValueError(
                f"{self.place} must hold {key!r}, got {sorted(map(str, self.value))}; the data are damaged"
            )
        return Node(self.value[key], f"{self.place}[{key!r}]")

    def keys(self) -> list[str]:
        """Return the keys, which must be texts."""
        if not isinstance(self.value, dict) or not all(isinstance(key, str) for key in self.value):
            raise self.refuse("a dict with texts for keys")
        return list(self.value)

    def members(self, *, count: int | None = None) -> Iterator[Node]:
        """Yield the members of a list, which must be `count` if that is given."""
        if not isinstance(self.value, (list, tuple)) or (count is not None and len(self.value) != count):
            raise self.refuse("a list" if count is None else f"a list of {count}")
        for index, value in enumerate(self.value):
            yield Node(value, f"{self.place}[{index}]")

    def whole(self, *, low: int | None = None) -> int:
        """Return a whole number, of at least `low` if that is given."""
        if type(self.value) is not int or (low is not None and self.value < low):
            raise self.refuse("a whole number" if low is None else f"a whole number of at least {low}")
        return self.value

    def number(self) -> float:
        """Return a number; those that are not finite stand as words."""
        if self.value in NUMBER_WORDS:
            return float(str(self.value))
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)) or not math.isfinite(self.value):
            raise self.refuse("a number")
        return float(self.value)

    def text(self) -> str:
        """Return a text."""
        if not isinstance(self.value, str):
            raise self.refuse("a text")
        return self.value

    def truth(self) -> bool:
        """Return True or False."""
        if not isinstance(self.value, bool):
            raise self.refuse("true or false")
        return self.value
