"""What a batch takes for a pair, what tells one from another, and how many go to a worker at a time."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from facediff._arrays import check_choice, check_path
from facediff._pairs import CLIP_SUFFIXES, VideoPair

PathLike: TypeAlias = str | os.PathLike[str]

# Small pictures take a millisecond or two, and handing a task over a third of one: a task is closed when its files add
# up to so many bytes, or it holds so many pairs. Clips go alone.
_TASK_BYTES, _TASK_PAIRS = 1 << 18, 16
_MOVING = (*CLIP_SUFFIXES, ".gif")
_STEM = 60  # letters of a pair's name that are left in the name of a file


def _side(path: object, name: str) -> str:
    """Let in a path, be it one that no file can have: that is the failure of this pair, and not of the run."""
    text = os.fspath(path) if isinstance(path, os.PathLike) else path
    return text if isinstance(text, str) else check_path(path, name)


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """A pair with what is known of it: a real and a fake file, a name, and what to count it under.

    Parameters
    ----------
    real, fake : str or os.PathLike
        Two pictures or two clips; kept as str.
    name : str
        What the pair is called, unlike all others of its run; the fake's path unless given.
    label : {"FAKE", "REAL"}
        "REAL" for a pair in which nothing was manipulated, such as a clip and the same clip coded once more.
    method, split : str or None
        How the fake was made, and the part of the data set that it belongs to, if either is known.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If the label is another word.

    Examples
    --------
    >>> from facediff.batch import LabelledPair
    >>> print(LabelledPair("a.png", "a-again.jpg", label="REAL"))
    a-again.jpg: REAL, a-again.jpg against a.png
    """

    real: PathLike
    fake: PathLike
    name: str = ""
    label: Literal["FAKE", "REAL"] = "FAKE"
    method: str | None = None
    split: str | None = None

    def __post_init__(self) -> None:
        """Turn paths into text and check the rest."""
        object.__setattr__(self, "real", _side(self.real, "real"))
        object.__setattr__(self, "fake", _side(self.fake, "fake"))
        for word in ("name", "method", "split"):
            value = getattr(self, word)
            if not (isinstance(value, str) or (value is None and word != "name")):
                raise TypeError(f"{word} must be a str, got {value!r} ({type(value).__name__})")
        check_choice(self.label, "label", ("FAKE", "REAL"))
        if not self.name:
            object.__setattr__(self, "name", self.fake)

    def __str__(self) -> str:
        """Name, label and files in one line."""
        return f"{self.name}: {self.label}, {self.fake} against {self.real}"


def check_iterable(pairs: object) -> None:
    """Let in something to iterate over that is not a mere name."""
    if isinstance(pairs, (str, bytes)) or not isinstance(pairs, Iterable):
        raise TypeError(f"pairs must be an iterable of pairs, got {type(pairs).__name__}")


def as_pair(item: object, number: int) -> LabelledPair:
    """Let in a pair in any of the ways in which it may be given."""
    if isinstance(item, LabelledPair):
        return item
    if isinstance(item, VideoPair):
        return LabelledPair(item.real, item.fake, item.name, "FAKE", item.method, item.split)
    if isinstance(item, (tuple, list)) and len(item) in (2, 3):
        return LabelledPair(*item)
    got = f"{len(item)} values" if isinstance(item, (tuple, list)) else type(item).__name__
    raise TypeError(
        f"pairs must hold (real, fake), (real, fake, name), VideoPair or LabelledPair, got {got} at place {number}"
    )


def is_clip(pair: LabelledPair) -> bool:
    """Say whether a pair is one of clips: by a suffix of either file, or by a folder of frames."""
    return any(str(path).lower().endswith(_MOVING) or os.path.isdir(path) for path in (pair.real, pair.fake))


def key_of(name: str) -> bytes:
    """Return what a name is remembered by: short, for there may be very many."""
    return hashlib.blake2b(text_of(name).encode(), digest_size=16).digest()


def text_of(name: str) -> str:
    """Return a file's name as Unicode: bytes that are none, as old archives have them, become escapes."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def file_name_of(name: str) -> str:
    """Return a name for files about a pair, safe in any folder whatever the pair is called, and its own."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_")
    return f"{stem[-_STEM:]}-{key_of(name).hex()[:16]}"


def sizes_of(pair: LabelledPair) -> tuple[int | None, int | None]:
    """Return how many bytes the two files have; None where there is no such file."""
    return _size(str(pair.real)), _size(str(pair.fake))


def in_tasks(pairs: Iterable[LabelledPair]) -> Iterator[tuple[LabelledPair, ...]]:
    """Group pairs into tasks: a clip, or pictures that are worth a trip to a worker."""
    task: list[LabelledPair] = []
    size = 0
    for pair in pairs:
        if is_clip(pair):
            yield (pair,)
            continue
        task.append(pair)
        size += sum(each or 0 for each in sizes_of(pair))
        if len(task) == _TASK_PAIRS or size >= _TASK_BYTES:
            yield tuple(task)
            task, size = [], 0
    if task:
        yield tuple(task)


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):  # a name with a zero byte is a ValueError
        return None
