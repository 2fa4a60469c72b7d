"""How the well-known data sets lay out their folders.

A layout is one row of a table: what it needs, whether a folder has it, and how its clips are paired there. Facts that
the names rest on are given with each; files are only listed here, never opened, except for lists of splits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from facediff import _metadata
from facediff._pairs import Label, Unpaired, VideoPair, VideoPairs, clips_in, collect


class Layout(NamedTuple):
    """One way to lay out a data set."""

    needs: str
    fits: Callable[[Path], bool]
    pair: Callable[[Path], VideoPairs]


# --- DFDC ----------------------------------------------------------------------------------------
# Each part (dfdc_train_part_0 ... 49, or the one folder of the sample) holds its clips beside a metadata.json, and the
# originals of its fakes, as far as they were given away.


def _dfdc_parts(root: Path) -> list[Path]:
    parts = [root, *sorted(path for path in root.iterdir() if path.is_dir())]
    return [part for part in parts if (part / _metadata.NAME).is_file()]


def _pair_dfdc(root: Path) -> VideoPairs:
    pairs: list[VideoPair] = []
    alone: list[Unpaired] = []
    reals: list[Path] = []
    for part in _dfdc_parts(root):
        entries = _metadata.read_entries(part / _metadata.NAME)
        listed = {part / entry.file for entry in entries}
        alone += [Unpaired(clip, "unknown", "not in metadata.json") for clip in clips_in(part) if clip not in listed]
        for entry in entries:
            clip = part / entry.file
            if not clip.is_file():
                label: Label = "fake" if entry.label == "FAKE" else "real"
                alone.append(Unpaired(clip, label, "in metadata.json, but not in the folder"))
            elif entry.label == "REAL":
                reals.append(clip)
            else:
                _pair_entry(root, part, entry, pairs, alone)
    return collect(root, "dfdc", pairs, alone, reals)


def _pair_entry(root: Path, part: Path, entry: _metadata.Entry, pairs: list[VideoPair], alone: list[Unpaired]) -> None:
    fake = part / entry.file
    if entry.original is None:
        alone.append(Unpaired(fake, "fake", "metadata.json names no original"))
        return
    name = fake.relative_to(root).with_suffix("").as_posix()
    _pair_or_not(VideoPair(part / entry.original, fake, name, None, entry.split), pairs, alone)


# --- FaceForensics++, with DeepFakeDetection in the same folders ---------------------------------
# manipulated_sequences/<method>/<compression>/videos/<target>_<source>.mp4 was made from
# original_sequences/youtube/<compression>/videos/<target>.mp4; for DeepFakeDetection <target>_<source>__<scene>__<id>
# from actors/<compression>/videos/<target>__<scene>.mp4. Masks lie beside the compressions, or where the download
# script puts them: within one. Splits are lists of pairs of targets and sources.

_YOUTUBE = re.compile(r"(\d{3})_(\d{3})")
_ACTORS = re.compile(r"(\d{2})_(\d{2})__(.+)__[0-9A-Z]{8}")


def _pair_faceforensics(root: Path) -> VideoPairs:
    pairs: list[VideoPair] = []
    alone: list[Unpaired] = []
    splits = _read_faceforensics_splits(root)
    for method, compression in _compressions(root / "manipulated_sequences"):
        for fake in clips_in(method / compression / "videos"):
            found = _original_of(fake.stem)
            if found is None:
                reason = "its name is neither <target>_<source> nor <target>_<source>__<scene>__<id>"
                alone.append(Unpaired(fake, "fake", reason))
                continue
            source, original = found
            real = root / "original_sequences" / source / compression / "videos" / f"{original}{fake.suffix}"
            name = f"{method.name}/{compression}/{fake.stem}"
            mask = _first_file(method / "masks" / "videos" / fake.name, method / compression / "masks" / fake.name)
            split = splits.get(original) if source == "youtube" else None
            _pair_or_not(VideoPair(real, fake, name, method.name, split, mask), pairs, alone)
    originals = _compressions(root / "original_sequences")
    reals = [clip for source, compression in originals for clip in clips_in(source / compression / "videos")]
    return collect(root, "faceforensics++", pairs, alone, reals)


def _compressions(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each method, or source of originals, with each of its compressions."""
    for videos in sorted(folder.glob("*/*/videos")):
        if videos.parent.name != "masks":
            yield videos.parent.parent, videos.parent.name


def _original_of(fake: str) -> tuple[str, str] | None:
    """Return where a fake's original lies and what it is called."""
    if match := _YOUTUBE.fullmatch(fake):
        return "youtube", match[1]
    if match := _ACTORS.fullmatch(fake):
        return "actors", f"{match[1]}__{match[3]}"
    return None


def _read_faceforensics_splits(root: Path) -> dict[str, str]:
    """Read train.json, val.json and test.json, in the folder or in its "splits"; which split each original is in."""
    splits = {}
    for split in ("train", "val", "test"):
        path = _first_file(root / "splits" / f"{split}.json", root / f"{split}.json")
        if path is None:
            continue
        try:
            targets = [target for pair in json.loads(path.read_text(encoding="utf-8")) for target in pair]
        except (ValueError, TypeError) as error:
            raise ValueError(f'{path} must be a JSON list of pairs such as ["071", "054"]: {error}') from None
        splits.update({str(target): split for target in targets})
    return splits


# --- Celeb-DF, versions 1 and 2 ------------------------------------------------------------------
# Celeb-synthesis/<target>_<source>_<number>.mp4 was made from Celeb-real/<target>_<number>.mp4. YouTube-real holds
# further real clips. List_of_testing_videos.txt has lines of a label and a clip; what is not listed is for training.

_SWAPPED = re.compile(r"(id\d+)_(id\d+)_(\d+)")
_TESTING = "List_of_testing_videos.txt"


def _pair_celeb_df(root: Path) -> VideoPairs:
    pairs: list[VideoPair] = []
    alone: list[Unpaired] = []
    testing = _read_testing_list(root / _TESTING)
    folder = "Celeb-synthesis"
    for fake in clips_in(root / folder):
        match = _SWAPPED.fullmatch(fake.stem)
        if match is None:
            alone.append(Unpaired(fake, "fake", "its name is not <target>_<source>_<number>"))
            continue
        real = root / "Celeb-real" / f"{match[1]}_{match[3]}{fake.suffix}"
        split = None if testing is None else "test" if f"{folder}/{fake.name}" in testing else "train"
        _pair_or_not(VideoPair(real, fake, fake.stem, folder, split), pairs, alone)
    return collect(root, "celeb-df", pairs, alone, [*clips_in(root / "Celeb-real"), *clips_in(root / "YouTube-real")])


def _read_testing_list(path: Path) -> set[str] | None:
    if not path.is_file():
        return None
    testing = set()
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        label, _, clip = line.strip().partition(" ")
        if not line.strip():
            continue
        if label not in ("0", "1") or not clip.strip():
            raise ValueError(f'{path}, line {number} must be a label and a clip such as "1 YouTube-real/00170.mp4"')
        testing.add(clip.strip())
    return testing


# --- DeepfakeTIMIT beside VidTIMIT ---------------------------------------------------------------
# <quality>/<speaker>/<sentence>-video-<source>.avi was made from VidTIMIT's <speaker>/video/<sentence>, a folder of
# numbered JPEG files whose names have no suffix.

_QUALITIES = ("higher_quality", "lower_quality")


def _timit_home(root: Path) -> Path | None:
    for home in (root, root / "DeepfakeTIMIT"):
        if any((home / quality).is_dir() for quality in _QUALITIES):
            return home
    return None


def _pair_timit(root: Path) -> VideoPairs:
    pairs: list[VideoPair] = []
    alone: list[Unpaired] = []
    home = _timit_home(root) or root
    originals = _first_folder(root / "VidTIMIT", home / "VidTIMIT", home.absolute().parent / "VidTIMIT")
    for fake in (clip for quality in _QUALITIES for clip in _two_down(home / quality)):
        sentence, _, source = fake.stem.partition("-video-")
        if not source:
            alone.append(Unpaired(fake, "fake", "its name is not <sentence>-video-<source>"))
        elif originals is None:
            alone.append(Unpaired(fake, "fake", "no VidTIMIT lies beside DeepfakeTIMIT"))
        else:
            speaker, quality = fake.parent.name, fake.parent.parent.name
            real = originals / speaker / "video" / sentence
            _pair_or_not(VideoPair(real, fake, f"{quality}/{speaker}/{fake.stem}", quality), pairs, alone)
    reals = [] if originals is None else sorted(path for path in originals.glob("*/video/*") if path.is_dir())
    return collect(root, "deepfaketimit", pairs, alone, reals)


def _two_down(folder: Path) -> list[Path]:
    return [clip for speaker in sorted(folder.glob("*")) for clip in clips_in(speaker)]


# --- the table -----------------------------------------------------------------------------------

LAYOUTS: dict[str, Layout] = {
    "celeb-df": Layout("a folder Celeb-synthesis", lambda root: (root / "Celeb-synthesis").is_dir(), _pair_celeb_df),
    "deepfaketimit": Layout(
        "a folder higher_quality or lower_quality, with VidTIMIT beside or within",
        lambda root: _timit_home(root) is not None,
        _pair_timit,
    ),
    "dfdc": Layout(
        "metadata.json beside the clips, or parts that have it", lambda root: bool(_dfdc_parts(root)), _pair_dfdc
    ),
    "faceforensics++": Layout(
        "a folder manipulated_sequences", lambda root: (root / "manipulated_sequences").is_dir(), _pair_faceforensics
    ),
}


def recognise(root: Path) -> Layout:
    """Return the one layout that a folder has."""
    fitting = [name for name, layout in LAYOUTS.items() if layout.fits(root)]
    if not fitting:
        known = "; ".join(f"{name!r} needs {layout.needs}" for name, layout in LAYOUTS.items())
        raise ValueError(
            f"root must have a known layout, got {root}: {known}. Name the data set's own folder, or pass rule="
        )
    if len(fitting) > 1:
        raise ValueError(f"root must have one layout, got {root} with {' and '.join(map(repr, fitting))}; pass layout=")
    return LAYOUTS[fitting[0]]


def _pair_or_not(pair: VideoPair, pairs: list[VideoPair], alone: list[Unpaired]) -> None:
    """Add a pair to the pairs if its real one is there, else its fake to those that are alone."""
    if pair.real.exists() and pair.real != pair.fake:
        pairs.append(pair)
    elif pair.real == pair.fake:
        alone.append(Unpaired(pair.fake, "fake", "it is named as its own original"))
    else:
        alone.append(Unpaired(pair.fake, "fake", f"its original is missing: {pair.real}"))


def _first_file(*paths: Path) -> Path | None:
    return next((path for path in paths if path.is_file()), None)


def _first_folder(*paths: Path) -> Path | None:
    return next((path for path in paths if path.is_dir()), None)
