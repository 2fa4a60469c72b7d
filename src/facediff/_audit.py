"""Checking the clips of pairs against each other; what is wrong with one is noted, and the next one is taken."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from facediff import _footage
from facediff._footage import ClipFacts
from facediff._pairs import Unpaired, VideoPair
from facediff._progress import with_progress

if TYPE_CHECKING:
    import pandas as pd

KINDS = (
    "unreadable",
    "size",
    "length",
    "rate",
    "offset",
    "misaligned",
    "unmanipulated",
    "duplicate",
    "unpaired",
)

_MEASURABLE = 4  # frames: shorter clips have no course through time that could show an offset


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """What `audit` found out about a data set.

    Attributes
    ----------
    findings : pandas.DataFrame
        One row per finding, indexed by the "name" of the pair or, for a clip without a partner, its path: "kind", see
        `facediff.datasets.audit`, and "detail", a sentence that says what was found.
    table : pandas.DataFrame
        One row per pair, indexed by "name": "real", "fake", "method", "split"; "real_size", "fake_size" such as
        "640x480"; "real_frames", "fake_frames"; "real_rate", "fake_rate" in frames a second; "offset" of the fake in
        frames, above 0 = it runs behind the real; "sampled", how many frames were compared; "manipulated", in how many
        of them something was; "findings", their kinds, empty if there are none. What is not known is missing.
    """

    findings: pd.DataFrame = field(repr=False)
    table: pd.DataFrame = field(repr=False)

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return self.findings.empty

    def __str__(self) -> str:
        """Numbers of pairs and of each kind of finding in one line."""
        pairs = len(self.table)
        good = int((self.table["findings"] == "").sum())
        counts = Counter(self.findings["kind"])
        told = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind])
        return f"{pairs} pair{'' if pairs == 1 else 's'}, {good} sound; findings: {told or 'none'}"


@dataclass(slots=True)
class _Row:
    """What is known of one pair so far."""

    pair: VideoPair
    real: ClipFacts | None = None
    fake: ClipFacts | None = None
    offset: int | None = None
    sampled: int = 0
    manipulated: int = 0
    findings: list[tuple[str, str]] = field(default_factory=list)

    def note(self, kind: str, detail: str) -> None:
        self.findings.append((kind, detail))


def run(pairs: Sequence[VideoPair], unpaired: Sequence[Unpaired], frames: int, *, progress: bool) -> Audit:
    """Check each pair, then all of them for copies."""
    import pandas as pd

    watched = with_progress(pairs, progress, what="audit", total=len(pairs), unit="pair")
    rows = [_check(pair, frames) for pair in watched]
    _note_copies(rows)
    found = [(row.pair.name, kind, detail) for row in rows for kind, detail in row.findings]
    # A real clip that no fake was made from is no fault, unless it is not there.
    found += [
        (str(each.path), "unpaired", each.reason) for each in unpaired if each.label != "real" or not each.path.exists()
    ]
    findings = pd.DataFrame.from_records(found, columns=["name", "kind", "detail"], index="name")
    table = pd.DataFrame.from_records([_record(row) for row in rows], columns=_COLUMNS, index="name")
    whole = ["real_frames", "fake_frames", "offset"]
    return Audit(findings, table.astype({**dict.fromkeys(whole, "Int64"), "real_rate": float, "fake_rate": float}))


def _check(pair: VideoPair, frames: int) -> _Row:
    row = _Row(pair)
    row.real = _facts(row, pair.real)
    row.fake = _facts(row, pair.fake)
    if row.real is None or row.fake is None:
        return row
    real, fake = row.real, row.fake
    if real.frames is not None and fake.frames is not None and real.frames != fake.frames:
        row.note("length", f"the real clip has {real.frames} frames, the fake {fake.frames}")
    if _drifts(real, fake):
        row.note("rate", f"the real clip has {real.rate:g} frames a second, the fake {fake.rate:g}")
    if (real.width, real.height) != (fake.width, fake.height):
        row.note("size", f"the real clip is {_size(real)}, the fake {_size(fake)}")
    elif frames:
        try:
            _compare(row, frames)
        except (OSError, ValueError) as error:
            row.note("unreadable", str(error))
    return row


def _facts(row: _Row, path: Path) -> ClipFacts | None:
    try:
        return _footage.read_facts(path)
    except (OSError, ValueError) as error:
        row.note("unreadable", str(error))
        return None


def _drifts(real: ClipFacts, fake: ClipFacts) -> bool:
    """Say whether the rates part the clips by half a frame or more until the end of the shorter one."""
    if not real.rate or not fake.rate:
        return False
    frames = min((clip.frames for clip in (real, fake) if clip.frames is not None), default=1)
    return frames * abs(1 - fake.rate / real.rate) >= 0.5


def _compare(row: _Row, frames: int) -> None:
    """Measure the offset, then compare sampled frames in step with it."""
    from facediff.compare import compare_images
    from facediff.localise import find_regions

    if all(clip is None or clip.frames is None or clip.frames >= _MEASURABLE for clip in (row.real, row.fake)):
        row.offset = _footage.measure_offset(row.pair.real, row.pair.fake)
    ahead = row.offset or 0
    if ahead:
        row.note("offset", f"the fake runs {abs(ahead)} frames {'behind' if ahead > 0 else 'before'} the real")
    start, every = _spread(row, ahead, frames)
    untouched, shifted = [], []
    with (
        closing(_footage.frames_from(row.pair.real, start, every=every)) as reals,
        closing(_footage.frames_from(row.pair.fake, start + ahead, every=every)) as fakes,
    ):
        for number, (real, fake) in enumerate(islice(zip(reals, fakes, strict=False), frames)):
            index = start + number * every
            row.sampled += 1
            comparison = compare_images(real, fake)
            try:
                manipulated = find_regions(comparison).manipulated
            except ValueError:  # the one thing it asks of a comparison: that the pair is not shifted
                shifted.append(index)
                continue
            row.manipulated += manipulated
            if not manipulated:
                untouched.append(index)
    of = f"of {row.sampled} sampled frames"
    if shifted:
        row.note("misaligned", f"{len(shifted)} {of} are shifted by more than half a pixel: {_listed(shifted)}")
    if untouched:
        row.note("unmanipulated", f"{len(untouched)} {of} show no manipulation: {_listed(untouched)}")


def _spread(row: _Row, ahead: int, frames: int) -> tuple[int, int]:
    """Return the first of the real clip's frames to sample, and the step to the next."""
    first = max(0, -ahead)
    if row.real is None or row.fake is None or row.real.frames is None or row.fake.frames is None:
        return first, 1
    common = min(row.real.frames, row.fake.frames - ahead) - first
    every = max(1, common // frames)
    return first + (every - 1) // 2, every


def _note_copies(rows: Sequence[_Row]) -> None:
    """Note fakes that are the same bytes as an earlier fake, or as their own real."""
    clips = {path for row in rows for path in (row.pair.real, row.pair.fake)}
    content = _contents(clips)
    first: dict[object, str] = {}
    for row in rows:
        real, fake = (content.get(path, path) for path in (row.pair.real, row.pair.fake))
        if fake == real:
            row.note("duplicate", "the fake is the same file as its real")
        if fake in first:
            row.note("duplicate", f"the fake is the same file as that of {first[fake]}")
        first.setdefault(fake, row.pair.name)


def _contents(clips: set[Path]) -> dict[Path, bytes]:
    """Return the digests of those clips that may be copies: of files that others equal in size."""
    alike: defaultdict[int, list[Path]] = defaultdict(list)
    for clip in clips:
        size = clip.stat().st_size if clip.is_file() else 0
        if size:
            alike[size].append(clip)
    found = {}
    for clip in (clip for same in alike.values() if len(same) > 1 for clip in same):
        # What cannot be read was noted as unreadable before.
        with suppress(OSError), clip.open("rb") as file:
            found[clip] = hashlib.file_digest(file, "sha256").digest()
    return found


_COLUMNS = (
    *("name", "real", "fake", "method", "split", "real_size", "fake_size"),
    *("real_frames", "fake_frames", "real_rate", "fake_rate", "offset", "sampled", "manipulated", "findings"),
)


def _record(row: _Row) -> tuple[object, ...]:
    real, fake, pair = row.real, row.fake, row.pair
    return (
        *(pair.name, str(pair.real), str(pair.fake), pair.method, pair.split),
        *(None if clip is None else _size(clip) for clip in (real, fake)),
        *(None if clip is None else clip.frames for clip in (real, fake)),
        *(None if clip is None else clip.rate for clip in (real, fake)),
        *(row.offset, row.sampled, row.manipulated),
        ", ".join(dict.fromkeys(kind for kind, _ in row.findings)),
    )


def _size(clip: ClipFacts) -> str:
    return f"{clip.width}x{clip.height}"


def _listed(indexes: Sequence[int]) -> str:
    shown = ", ".join(map(str, indexes[:8]))
    return f"{shown} and {len(indexes) - 8} more" if len(indexes) > 8 else shown
