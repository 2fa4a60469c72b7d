"""An audit finds what was put wrong into pairs of clips, names it, and goes on with the rest."""

from __future__ import annotations

import errno
import itertools
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import skimage.data

from facediff import _footage, datasets, video, write_image
from facediff._footage import ClipFacts
from facediff.datasets import Unpaired, VideoPair, VideoPairs, audit

FACE = (slice(20, 44), slice(30, 60))
Frames = list[np.ndarray[Any, Any]]


@cache
def scene(frames: int = 10, start: int = 0) -> Frames:
    """Return a pan over a portrait, a pixel or two a frame."""
    picture = skimage.data.astronaut()
    return [
        np.ascontiguousarray(picture[40:104, i : i + 96]) for i in range(100 + 2 * start, 100 + 2 * (start + frames), 2)
    ]


def edited(frames: Frames, *but: int) -> Frames:
    """Return frames with a face's worth of them inverted, all but a few."""
    found = [frame.copy() for frame in frames]
    for index, frame in enumerate(found):
        if index not in but:
            frame[FACE] = 255 - frame[FACE]
    return found


def save(folder: Path, frames: Frames) -> Path:
    """Keep a clip as numbered frames, lossless."""
    folder.mkdir(parents=True)
    for index, frame in enumerate(frames):
        write_image(folder / f"{index + 1:03d}.png", frame)
    return folder


@pytest.fixture
def pair(tmp_path: Path) -> Callable[..., VideoPair]:
    """Return a function that saves two clips and pairs them."""

    def make(real: Frames, fake: Frames, name: str = "swap") -> VideoPair:
        return VideoPair(save(tmp_path / name / "real", real), save(tmp_path / name / "fake", fake), name)

    return make


def kinds(found: datasets.Audit) -> list[tuple[str, str]]:
    return list(zip(found.findings.index, found.findings["kind"], strict=True))


def test_a_sound_pair_has_no_findings(pair):
    found = audit([pair(scene(), edited(scene()))], frames=4)
    assert found.sound
    assert str(found) == "1 pair, 1 sound; findings: none"
    row = found.table.loc["swap"]
    assert row[["real_size", "fake_size", "findings"]].tolist() == ["96x64", "96x64", ""]
    assert row[["real_frames", "fake_frames", "sampled", "manipulated"]].tolist() == [10, 10, 4, 4]
    assert row[["real_rate", "offset", "method", "split"]].isna().all()
    assert row["real"].endswith("real")
    assert row["fake"].endswith("fake")


def test_frames_that_nothing_was_done_to_are_found(pair):
    # Ten frames, of which five are sampled: each second one, from the first on.
    found = audit([pair(scene(), edited(scene(), 0, 1, 4))], frames=5)
    assert found.findings.loc["swap"].tolist() == [
        "unmanipulated",
        "2 of 5 sampled frames show no manipulation: 0, 4",
    ]
    assert found.table.loc["swap", ["sampled", "manipulated", "findings"]].tolist() == [5, 3, "unmanipulated"]
    assert str(found) == "1 pair, 0 sound; findings: 1 unmanipulated"


def test_many_frames_are_not_all_listed(pair):
    (detail,) = audit([pair(scene(), scene())], frames=10).findings["detail"]
    assert detail == "10 of 10 sampled frames show no manipulation: 0, 1, 2, 3, 4, 5, 6, 7 and 2 more"


def test_samples_are_spread_over_what_both_clips_have(pair):
    fake = edited(scene(7), 1, 4)
    found = audit([pair(scene(), fake)], frames=2)
    # 7 // 2 = each third frame, in the middle of its third: 1 and 4.
    assert found.findings["detail"].tolist() == [
        "the real clip has 10 frames, the fake 7",
        "2 of 2 sampled frames show no manipulation: 1, 4",
    ]
    assert found.table.loc["swap", "findings"] == "length, unmanipulated"


def test_asking_for_more_frames_than_there_are_takes_all(pair):
    found = audit([pair(scene(3), edited(scene(3)))], frames=50)
    assert found.table.loc["swap", ["sampled", "manipulated"]].tolist() == [3, 3]


def test_no_frames_are_compared_if_none_are_wanted(pair, monkeypatch):
    monkeypatch.setattr(_footage, "frames_from", None)
    found = audit([pair(scene(), scene(8))], frames=0)
    assert kinds(found) == [("swap", "length")]
    assert found.table.loc["swap", "sampled"] == 0


def test_clips_of_two_sizes_are_not_compared(pair):
    found = audit([pair(scene(), [frame[:, :80].copy() for frame in scene()])])
    assert found.findings.loc["swap"].tolist() == ["size", "the real clip is 96x64, the fake 80x64"]
    assert found.table.loc["swap", "sampled"] == 0


def test_a_shifted_pair_is_misaligned_not_manipulated(pair):
    picture = skimage.data.astronaut()
    real = [picture[40:300, i : i + 260].copy() for i in (100, 102)]
    fake = [picture[40:300, i : i + 260].copy() for i in (103, 105)]
    found = audit([pair(real, fake)], frames=2)
    assert found.findings.loc["swap"].tolist() == [
        "misaligned",
        "2 of 2 sampled frames are shifted by more than half a pixel: 0, 1",
    ]
    assert found.table.loc["swap", ["sampled", "manipulated"]].tolist() == [2, 0]


def test_what_cannot_be_read_is_named_and_the_rest_is_done(pair, tmp_path):
    sound = pair(scene(), edited(scene()), "b")
    torn = pair(scene(), edited(scene()), "a")
    (torn.fake / "006.png").write_bytes(b"\x89PNG\r\n\x1a\n torn")
    (tmp_path / "empty").mkdir()
    bare = VideoPair(tmp_path / "empty", sound.fake, "c")
    found = audit([torn, sound, bare], frames=10)
    assert kinds(found) == [("a", "unreadable"), ("c", "unreadable"), ("c", "duplicate")]
    assert "006.png" in found.findings.loc["a", "detail"]
    assert str(tmp_path / "empty") in found.findings["detail"].iloc[1]
    assert found.table["findings"].tolist() == ["unreadable", "", "unreadable, duplicate"]
    # What was compared before the clip broke is kept.
    assert found.table["sampled"].tolist() == [5, 10, 0]
    assert found.table.loc["c", ["real_size", "real_frames"]].isna().all()
    assert str(found) == "3 pairs, 1 sound; findings: 2 unreadable, 1 duplicate"


# Copies: files whose content is looked at, and nothing else.


@pytest.fixture
def _unread(monkeypatch):
    """Let every file pass for a clip of ten frames."""
    monkeypatch.setattr(_footage, "read_facts", lambda _: ClipFacts(96, 64, 10, 25.0))


@pytest.mark.usefixtures("_unread")
def test_copies_are_told_by_their_bytes(tmp_path):
    for name, content in {
        "r": b"real",
        "a": b"fake",
        "b": b"fake",
        "c": b"ekaf",
        "d": b"real",
        "e": b"",
        "f": b"",
    }.items():
        (tmp_path / name).write_bytes(content)
    pairs = [VideoPair(tmp_path / "r", tmp_path / name, name) for name in "abcdef"]
    pairs.append(VideoPair(tmp_path / "r", tmp_path / "c", "again"))
    pairs.append(VideoPair(tmp_path / "r", tmp_path / "r", "itself"))
    found = audit(pairs, frames=0)
    assert list(found.findings["detail"].items()) == [
        ("b", "the fake is the same file as that of a"),
        ("d", "the fake is the same file as its real"),
        ("again", "the fake is the same file as that of c"),
        ("itself", "the fake is the same file as its real"),
        ("itself", "the fake is the same file as that of d"),
    ]
    assert set(found.findings["kind"]) == {"duplicate"}


@pytest.mark.usefixtures("_unread")
def test_a_file_that_may_not_be_read_is_no_copy(tmp_path, monkeypatch):
    for name in "ab":
        (tmp_path / name).write_bytes(b"same")

    def refuse(path: Path, _mode: str) -> Any:
        raise PermissionError(errno.EACCES, "no", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    assert audit([VideoPair(tmp_path / "a", tmp_path / "b", "b")], frames=0).sound


# Rates and offsets: what the clips say of themselves.


def stated(monkeypatch, real: ClipFacts, fake: ClipFacts) -> datasets.Audit:
    monkeypatch.setattr(_footage, "read_facts", lambda path: real if path.name == "r" else fake)
    return audit([VideoPair(Path("r"), Path("f"), "swap")], frames=0)


@pytest.mark.parametrize(
    ("rates", "frames", "found"),
    [
        ((25.0, 25.0), 1000, []),
        ((30.0, 30000 / 1001), 500, []),  # apart by 0.4995 frames at the end
        ((30.0, 30000 / 1001), 501, ["rate"]),  # by 0.5005
        ((25.0, 30.0), 10, ["rate"]),
        ((25.0, None), 10, []),
        ((25.0, 30.0), None, []),
    ],
)
def test_rates_differ_if_the_clips_part_by_half_a_frame(monkeypatch, rates, frames, found):
    real, fake = (ClipFacts(96, 64, frames, rate) for rate in rates)
    assert stated(monkeypatch, real, fake).findings["kind"].tolist() == found


def test_findings_say_both_numbers(monkeypatch):
    found = stated(monkeypatch, ClipFacts(96, 64, 10, 25.0), ClipFacts(48, 32, 20, 12.5))
    assert found.findings["detail"].tolist() == [
        "the real clip has 10 frames, the fake 20",
        "the real clip has 25 frames a second, the fake 12.5",
        "the real clip is 96x64, the fake 48x32",
    ]
    row = found.table.loc["swap"]
    assert row[["real_rate", "fake_rate", "real_frames", "fake_frames"]].tolist() == [25.0, 12.5, 10, 20]
    assert row["findings"] == "length, rate, size"


@pytest.mark.parametrize(("offset", "words"), [(2, "2 frames behind"), (-3, "3 frames before")])
def test_clips_are_compared_in_step_with_their_offset(pair, monkeypatch, offset, words):
    # A fake that shows at frame i + offset what the real shows at i.
    late = edited(scene(10, start=5 - offset))
    monkeypatch.setattr(_footage, "measure_offset", lambda *_: offset)
    found = audit([pair(scene(10, start=5), late)], frames=3)
    assert found.findings.loc["swap"].tolist() == ["offset", f"the fake runs {words} the real"]
    assert found.table.loc["swap", ["offset", "sampled", "manipulated"]].tolist() == [offset, 3, 3]


def test_without_stated_lengths_the_first_frames_are_taken(pair, monkeypatch):
    two = pair(scene(), edited(scene(), 0, 2))
    monkeypatch.setattr(_footage, "read_facts", lambda _: ClipFacts(96, 64, None, 25.0))
    found = audit([two], frames=4)
    assert found.findings["detail"].tolist() == ["2 of 4 sampled frames show no manipulation: 0, 2"]


# What comes in.


def test_a_folder_is_searched_for_its_pairs(tmp_path):
    for name in ("Celeb-real/id7_0000.mp4", "Celeb-synthesis/id0_id1_0000.mp4"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    found = audit(tmp_path)
    # A real one that nothing was made from is no fault.
    assert kinds(found) == [(str(tmp_path / "Celeb-synthesis" / "id0_id1_0000.mp4"), "unpaired")]
    assert "its original is missing" in found.findings["detail"].iloc[0]
    assert str(found) == "0 pairs, 0 sound; findings: 1 unpaired"
    assert not found.sound


def test_what_find_pairs_left_alone_is_reported(pair):
    sound = pair(scene(), edited(scene()))
    unknown = Unpaired(Path("x.mp4"), "unknown", "not in metadata.json")
    lost = Unpaired(Path("y.mp4"), "real", "in metadata.json, but not in the folder")
    idle = Unpaired(sound.real, "real", "no fake here is made from it")
    pairs = VideoPairs(Path(), "dfdc", (sound,), (unknown, lost, idle))
    assert kinds(audit(pairs)) == [("x.mp4", "unpaired"), ("y.mp4", "unpaired")]


def test_arguments_are_checked(pair, tmp_path):
    good = pair(scene(2), scene(2))
    wrong: Any
    for wrong, error, message in (
        (3, TypeError, "data must be a folder or an iterable of VideoPair, got int"),
        ([good, "b"], TypeError, "data must hold nothing but VideoPair, got str; see find_pairs"),
        ([], ValueError, r"data must hold a pair, got none; is it the right folder\?"),
        ([good, good], ValueError, "pairs must have names of their own, got 'swap' twice; rename one of them"),
        (tmp_path / "none", FileNotFoundError, "there is no such folder"),
    ):
        with pytest.raises(error, match=message):
            audit(wrong)
    with pytest.raises(ValueError, match="frames must be at least 0, got -1; 0 compares none"):
        audit([good], frames=-1)
    wrong = 2.5
    with pytest.raises(TypeError, match=r"frames must be a whole number, got 2\.5"):
        audit([good], frames=wrong)
    wrong = 1
    with pytest.raises(TypeError, match=r"progress must be True or False, got 1 \(int\)"):
        audit([good], progress=wrong)


def test_progress_is_drawn_pair_by_pair_if_it_is_wanted(pair, monkeypatch):
    asked = {}

    def bar(items: Any, **options: Any) -> Any:
        asked.update(options)
        return items

    monkeypatch.setitem(sys.modules, "tqdm", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "tqdm.auto", SimpleNamespace(tqdm=bar))
    found = audit([pair(scene(2), edited(scene(2)))], progress=True)
    assert asked == {"desc": "audit", "total": 1, "unit": "pair"}
    assert len(found.table) == 1


# The way to clips.


def test_frames_are_taken_by_their_numbers(tmp_path):
    frames = scene(12)
    folder = tmp_path / "sa1"
    folder.mkdir()
    for index, frame in enumerate(frames):
        # As in VidTIMIT: no suffix, and numbers that are not of one width.
        write_image(tmp_path / "one.png", frame)
        (tmp_path / "one.png").rename(folder / str(index + 1))
    (folder / "notes.txt").touch()
    assert _footage.read_facts(folder) == ClipFacts(96, 64, 12, None)
    np.testing.assert_array_equal(_footage.first_frame(folder), frames[0])
    found = list(_footage.frames_from(folder, 1, every=5))
    np.testing.assert_array_equal(found, frames[1::5])
    assert _footage.measure_offset(folder, folder) is None


# Clips coded as H.264.


@pytest.fixture
def coded(tmp_path):
    """Return a function that codes two clips and pairs them."""
    qualities = itertools.count(15)

    def make(real: Frames, fake: Frames, name: str = "swap", *, rates: tuple[int, int] = (25, 25)) -> VideoPair:
        paths = tmp_path / f"{name}-real.mp4", tmp_path / f"{name}-fake.mp4"
        for path, frames, rate in zip(paths, (real, fake), rates, strict=True):
            quality = next(qualities)  # or the same frames would make copies
            video.write_video(path, frames, rate=rate, quality=quality)
        return VideoPair(*paths, name)

    return make


def test_an_audit_of_coded_clips(coded, tmp_path):
    sound = coded(scene(20), edited(scene(20)), "a-sound")
    late = coded(scene(20, start=3), edited(scene(20)), "b-late")
    quick = coded(scene(20), edited(scene(20)), "c-quick", rates=(25, 30))
    untouched = coded(scene(20), scene(20), "d-untouched")
    torn = coded(scene(20), edited(scene(20)), "e-torn")
    torn.fake.write_bytes(b"no clip")
    gone = VideoPair(sound.real, tmp_path / "gone.mp4", "f-gone")
    copied = VideoPair(sound.real, tmp_path / "copied.mp4", "g-copied")
    copied.fake.write_bytes(sound.fake.read_bytes())
    found = audit([sound, late, quick, untouched, torn, gone, copied], frames=3)
    assert found.table["findings"].to_dict() == {
        "a-sound": "",
        "b-late": "offset",
        "c-quick": "rate",
        "d-untouched": "unmanipulated",
        "e-torn": "unreadable",
        "f-gone": "unreadable",
        "g-copied": "duplicate",
    }
    # Three frames in, the real clip shows what the fake began with: the fake runs behind by three.
    assert found.table.loc["b-late", ["offset", "sampled", "manipulated"]].tolist() == [3, 3, 3]
    assert found.table.loc["c-quick", ["real_rate", "fake_rate"]].tolist() == [25.0, 30.0]
    assert found.table.loc["d-untouched", ["offset", "sampled", "manipulated"]].tolist() == [0, 3, 0]
    assert "e-torn-fake.mp4" in found.findings.loc["e-torn", "detail"]
    assert "gone.mp4" in found.findings.loc["f-gone", "detail"]
    assert str(found) == ("7 pairs, 1 sound; findings: 2 unreadable, 1 rate, 1 offset, 1 unmanipulated, 1 duplicate")


def test_a_clip_is_compared_with_a_folder_of_frames(coded, tmp_path):
    real = save(tmp_path / "VidTIMIT" / "sa1", scene(10))
    fake = coded(scene(10), edited(scene(10))).fake
    row = audit([VideoPair(real, fake, "sa1")], frames=5).table.loc["sa1"]
    assert row[["sampled", "manipulated", "findings"]].tolist() == [5, 5, ""]
    assert row[["offset", "real_rate"]].isna().all()


def test_the_first_frame_of_a_coded_clip_is_its_own(coded):
    clip = coded(scene(3), scene(3)).real
    error = _footage.first_frame(clip).astype(int) - scene(3)[0]
    assert np.sqrt(np.mean(error**2)) < 6  # levels: what coding at quality 15 leaves
    assert _footage.read_facts(clip) == ClipFacts(96, 64, 3, 25.0)
