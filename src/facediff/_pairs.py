"""Which fake belongs to which real: plain values, and the folders they are found in."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, overload

from facediff._arrays import check_path

Label = Literal["fake", "real", "unknown"]

CLIP_SUFFIXES = (".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".webm", ".wmv")


@dataclass(frozen=True, slots=True)
class VideoPair:
    """A fake clip and the real one it was made from.

    Parameters
    ----------
    real, fake : pathlib.Path
        The two clips; in VidTIMIT the real one is a folder of numbered frames.
    name : str
        What the pair is called; unlike all others of its data set.
    method : str or None
        The folder that says how the fake was made, such as "Face2Face"; None where the data set does not say.
    split : str or None
        "train", "val", "test" or what the data set calls it; None where it has none.
    mask : pathlib.Path or None
        The clip of the true mask, if there is one.

    Examples
    --------
    >>> from pathlib import Path
    >>> from facediff.datasets import VideoPair
    >>> print(VideoPair(Path("033.mp4"), Path("033_097.mp4"), "033_097", "Face2Face", "train"))
    033_097: 033_097.mp4 made from 033.mp4, Face2Face, train
    """

    real: Path
    fake: Path
    name: str
    method: str | None = None
    split: str | None = None
    mask: Path | None = None

    def __str__(self) -> str:
        """Name, files, method and split in one line."""
        told = [f"{self.name}: {self.fake.name} made from {self.real.name}", self.method, self.split]
        return ", ".join(each for each in told if each is not None)


@dataclass(frozen=True, slots=True)
class Unpaired:
    """A clip that has no partner.

    Attributes
    ----------
    path : pathlib.Path
        The clip; for one that is missing, where it was looked for.
    label : {"fake", "real", "unknown"}
        What the data set calls it.
    reason : str
        Why it has no partner.
    """

    path: Path
    label: Label
    reason: str

    def __str__(self) -> str:
        """File, label and reason in one line."""
        return f"{self.path.name} ({self.label}): {self.reason}"


@dataclass(frozen=True, slots=True)
class VideoPairs(Sequence[VideoPair]):
    """What `find_pairs` found: a sequence of `VideoPair`, sorted by name, with what has no partner beside it.

    Attributes
    ----------
    root : pathlib.Path
        The folder that was searched.
    layout : str
        How it was read: a layout's name, or "rule".
    pairs : tuple of VideoPair
        The pairs themselves; ``len``, ``in``, iteration and indexing of this value are theirs.
    unpaired : tuple of Unpaired
        Clips without a partner, with the reason; fakes first, each kind sorted by path.
    """

    root: Path
    layout: str
    pairs: tuple[VideoPair, ...]
    unpaired: tuple[Unpaired, ...]

    def __len__(self) -> int:
        """Return how many pairs there are."""
        return len(self.pairs)

    @overload
    def __getitem__(self, index: int) -> VideoPair: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[VideoPair, ...]: ...

    def __getitem__(self, index: int | slice) -> VideoPair | tuple[VideoPair, ...]:
        """Return one pair, or a tuple of some."""
        return self.pairs[index]

    def __str__(self) -> str:
        """Numbers of pairs and of what has none in one line."""
        alone = [(label, sum(each.label == label for each in self.unpaired)) for label in ("fake", "real", "unknown")]
        told = ", ".join(f"{count} {label}" for label, count in alone if count)
        pairs = "1 pair" if len(self) == 1 else f"{len(self)} pairs"
        return f"{pairs} in {self.root} ({self.layout}); without a partner: {told or 'none'}"


def collect(
    root: Path, layout: str, pairs: Sequence[VideoPair], alone: Sequence[Unpaired], reals: Sequence[Path] = ()
) -> VideoPairs:
    """Sort what a layout found; of its `reals`, those that no pair has are alone, too."""
    used = {pair.real for pair in pairs}
    idle = [Unpaired(path, "real", "no fake here is made from it") for path in reals if path not in used]
    order = {"fake": 0, "real": 1, "unknown": 2}
    unpaired = sorted([*alone, *idle], key=lambda each: (order[each.label], each.path))
    return VideoPairs(root, layout, tuple(sorted(_named_apart(pairs), key=lambda pair: pair.name)), tuple(unpaired))


def _named_apart(pairs: Sequence[VideoPair]) -> list[VideoPair]:
    """Give back their suffix to fakes that are called alike without it."""
    times = Counter(pair.name for pair in pairs)
    return [replace(pair, name=pair.name + pair.fake.suffix) if times[pair.name] > 1 else pair for pair in pairs]


def check_folder(path: object, name: str) -> Path:
    """Let in a folder that is there."""
    folder = Path(check_path(path, name))
    if not folder.exists():
        text = "there is no such folder; check the name, and the folder that it is relative to"
        raise FileNotFoundError(errno.ENOENT, text, str(folder))
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "this is a file; name the folder that it lies in", str(folder))
    return folder


def clips_in(folder: Path) -> list[Path]:
    """Return the clips that lie directly in a folder, known by their suffix, sorted; none if there is no folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if is_clip(path))


def is_clip(path: Path) -> bool:
    """Say whether a file is called like a clip; what macOS hides beside one (``._name.mp4``) is none."""
    return path.suffix.lower() in CLIP_SUFFIXES and not path.name.startswith(".") and path.is_file()
