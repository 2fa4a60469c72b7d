"""What is exported: named results, checked once before a format sees them."""

from __future__ import annotations

import math
import os
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from facediff import _parts, _runs
from facediff._arrays import Mask, check_mask, check_number, check_whole
from facediff._versions import Versions
from facediff.regions import Box, Region

LABEL = "manipulated"


class Found(Protocol):
    """What a result must say to be exported: a `Localisation` does, and so does a `Record`."""

    @property
    def manipulated(self) -> bool:
        """The verdict."""

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions, strongest first."""

    @property
    def mask(self) -> Mask:
        """The changed pixels."""

    @property
    def threshold(self) -> float:
        """The evidence that makes a region."""

    @property
    def margin(self) -> float:
        """The largest evidence over the gate."""

    @property
    def recipe(self) -> str:
        """The recipe's name."""

    @property
    def recipe_version(self) -> int:
        """The recipe's version."""

    @property
    def versions(self) -> Versions:
        """What computed it."""


@dataclass(frozen=True, slots=True)
class Item:
    """A result and the picture that it belongs to; for a still a plain pair ``(name, found)`` does as well.

    Attributes
    ----------
    name : str
        The picture's file name without folders, such as ``"0001.png"``.
    found : Localisation or Record
        The result.
    frame : int or None
        Number of the frame, if the picture is one of a clip.
    time : float or None
        Its time in seconds.

    Raises
    ------
    TypeError
        If a value is of the wrong kind.
    ValueError
        If the name has folders or control characters in it, the frame or the time is below 0, or the time not finite.

    Examples
    --------
    >>> from facediff.export import Item
    >>> Item("frames/0001.png", None)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: name must be a file name without folders and control characters, got 'frames/0001.png'; ...
    """

    name: str
    found: Found
    frame: int | None = None
    time: float | None = None

    def __post_init__(self) -> None:
        """Check what stands beside the result, and turn NumPy's numbers into Python's."""
        _check_name(self.name)
        if self.frame is not None:
            object.__setattr__(self, "frame", check_whole(self.frame, "frame"))
            if self.frame < 0:
                raise ValueError(f"frame must be 0 or more, got {self.frame}")
        if self.time is not None:
            object.__setattr__(self, "time", check_number(self.time, "time", low=0, high=math.inf))
            if math.isinf(self.time):
                raise ValueError(f"time must be finite, got {self.time}")


def frame_items(
    frames: Iterable[tuple[int, float, Found]], *, prefix: str = "frame_", suffix: str = ".png"
) -> Iterator[Item]:
    """Name the results of a clip's frames, so that each export serves clips as well.

    The names are those that `facediff.video.extract_frames` gives: ``frame_000012.png``.

    Parameters
    ----------
    frames : iterable of (index, time, Localisation)
        Number of the frame, its time in seconds, and what was found in it.
    prefix, suffix : str
        What stands before and after the six digits of the number.

    Yields
    ------
    Item
        One for each frame, in the same order.

    Raises
    ------
    TypeError
        If `frames` does not hold such triples.
    ValueError
        As `Item`.

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> from facediff.export import frame_items, to_coco
    >>> real = np.full((32, 32, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[10:20, 10:20] = 200
    >>> found = facediff.find_regions(facediff.compare_images(real, fake))
    >>> dataset = to_coco(frame_items([(0, 0.0, found), (1, 0.04, found)]))
    >>> [image["file_name"] for image in dataset["images"]]
    ['frame_000000.png', 'frame_000001.png']
    """
    for frame in frames:
        if not isinstance(frame, tuple) or len(frame) != 3:
            raise TypeError(f"frames must hold tuples (index, time, Localisation), got {_kind(frame)}")
        index, time, found = frame
        yield Item(f"{prefix}{check_whole(index, 'index'):06d}{suffix}", found, index, time)


class Part(NamedTuple):
    """A region with its pixels: all within its contour, and those of them that the mask marks."""

    region: Region
    filled: Mask
    marked: Mask

    @property
    def box(self) -> Box:
        """The region's bounds."""
        return self.region.box

    def outline(self) -> npt.NDArray[np.int64]:
        """Return the corners of its outline along the pixels' edges, x and y in the picture."""
        corners: npt.NDArray[np.int64] = _parts.outline(self.filled) + np.array((self.box.left, self.box.top))
        return corners


class Entry(NamedTuple):
    """An item that passed the checks."""

    name: str
    stem: str
    height: int
    width: int
    found: Found
    parts: tuple[Part, ...]
    frame: int | None
    time: float | None

    def row_runs(self, part: Part) -> list[int]:
        """Return the run lengths, row by row, of a region in the whole picture."""
        box = part.box
        runs = _runs.runs_of(part.marked, left=box.left, top=box.top, shape=(self.height, self.width))
        return [int(run) for run in runs]

    def coco_rle(self, part: Part) -> dict[str, object]:
        """Return COCO's run-length code of a region in the whole picture."""
        return _runs.coco_rle(part.marked, left=part.box.left, top=part.box.top, shape=(self.height, self.width))


def entries(items: Iterable[Item | tuple[str, Found]], *, by_stem: bool = False) -> Iterator[Entry]:
    """Check items one by one; with `by_stem`, each must give a file of its own when its suffix is replaced."""
    if not isinstance(items, Iterable):
        raise TypeError(f"items must be an iterable of (name, Localisation) pairs, got {_kind(items)}")
    seen: dict[str, str] = {}
    for item in items:
        if isinstance(item, tuple) and len(item) == 2:
            item = Item(*item)
        if not isinstance(item, Item):
            raise TypeError(
                f"items must hold (name, Localisation) pairs, got {_kind(item)}; put a single pair into a list"
            )
        entry = _entry(item)
        key = entry.stem if by_stem else entry.name
        key = key.casefold()  # some file systems take A.png and a.png for one
        if key in seen:
            raise ValueError(
                f"each picture must have a name of its own, got {seen[key]!r} and {entry.name!r}"
                + (", which give the same file; rename one" if by_stem else "; rename one")
            )
        seen[key] = entry.name
        yield entry


def check_label(label: object) -> str:
    """Let in the name of the class."""
    if not isinstance(label, str):
        raise TypeError(f"label must be a str, got {_kind(label)}")
    if not label.strip() or _unwritable(label):
        raise ValueError(f"label must be a word or more, without control characters, got {label!r}")
    return label


def region_parts(found: Found, name: str) -> tuple[Part, ...]:
    """Check a result against its own mask, and return its regions with their pixels."""
    if not hasattr(found, "mask") or not hasattr(found, "regions"):
        raise TypeError(f"found of {name} must be a Localisation, got {_kind(found)}; facediff.find_regions makes one")
    mask = check_mask(found.mask, f"mask of {name}")
    return tuple(_part(region, mask, f"region {index} of {name}") for index, region in enumerate(found.regions))


def _entry(item: Item) -> Entry:
    parts = region_parts(item.found, item.name)
    height, width = item.found.mask.shape
    stem = os.path.splitext(item.name)[0]
    return Entry(item.name, stem, height, width, item.found, parts, item.frame, item.time)


def _part(region: Region, mask: Mask, name: str) -> Part:
    if not isinstance(region, Region):
        raise TypeError(f"{name} must be a Region, got {_kind(region)}")
    box, contour = region.box, region.contour
    height, width = mask.shape
    if box.left < 0 or box.top < 0 or box.right > width or box.bottom > height:
        raise ValueError(f"{name} must lie within the picture of {width}x{height} pixels, got box {box}; crop the box")
    if not isinstance(contour, np.ndarray) or contour.dtype.kind not in "iu":
        got = f"{contour.dtype.name} array" if isinstance(contour, np.ndarray) else _kind(contour)
        raise TypeError(f"{name} must have a contour of whole numbers, got {got}")
    if contour.ndim != 2 or contour.shape[1] != 2 or not len(contour):
        raise ValueError(f"{name} must have a contour (N, 2) of x and y, got shape {contour.shape}")
    bounds = (*contour.min(axis=0).tolist(), *(contour.max(axis=0) + 1).tolist())
    if bounds != box.xyxy:
        raise ValueError(f"{name} must have the box of its contour, got {box} and a contour from {Box(*bounds)}")
    within = _parts.filled(region)
    marked = within & mask[box.slices]
    if not marked.any():
        raise ValueError(f"{name} must hold pixels of the mask, got none at {box}; region and mask are of two results")
    return Part(region, within, marked)


def _check_name(name: object) -> None:
    if not isinstance(name, str):
        raise TypeError(f"name must be the picture's file name, a str, got {_kind(name)}")
    if name in ("", ".", "..") or any(mark in name for mark in "/\\:") or _unwritable(name):
        raise ValueError(
            f"name must be a file name without folders and control characters, got {name!r}; pass for example "
            "pathlib.Path(path).name"
        )


def _unwritable(text: str) -> bool:
    """Say whether a text holds what XML 1.0 or UTF-8 cannot: control characters, halves of pairs, no characters."""
    return any(unicodedata.category(mark) in ("Cc", "Cs") or mark in "\ufffe\uffff" for mark in text)


def _kind(value: object) -> str:
    return repr(value) if isinstance(value, (str, int, float)) else type(value).__name__
