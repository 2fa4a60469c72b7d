"""Pairs are found in each layout, nothing is dropped; tables count as a plain count does; bad files are refused."""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facediff import datasets
from facediff.datasets import VideoPair, find_pairs, read_metadata

WORDS = ("label", "split", "original")


def touch(root: Path, *names: str) -> None:
    """Make empty files, their folders included; a name that ends in / is a folder."""
    for name in names:
        path = root / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.touch()


def fake(original: str | None, split: str = "train") -> dict[str, str | None]:
    return {"label": "FAKE", "split": split, "original": original}


REAL = {"label": "REAL", "split": "train", "original": None}


def save_metadata(folder: Path, content: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "metadata.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def names_of(pairs: datasets.VideoPairs) -> list[tuple[str, str, str]]:
    root = pairs.root
    return [(p.name, p.fake.relative_to(root).as_posix(), p.real.relative_to(root).as_posix()) for p in pairs]


def reasons(pairs: datasets.VideoPairs) -> dict[str, tuple[str, str]]:
    return {each.path.relative_to(pairs.root).as_posix(): (each.label, each.reason) for each in pairs.unpaired}


# DFDC.


def test_dfdc_pairs_each_fake_with_its_original_in_its_part(tmp_path):
    first = {"b.mp4": fake("r.mp4"), "a.mp4": fake("r.mp4", "test"), "r.mp4": REAL}
    save_metadata(tmp_path / "dfdc_train_part_0", first)
    # `original` may be left out for a real one.
    save_metadata(
        tmp_path / "dfdc_train_part_1", {"c.mp4": fake("s.mp4"), "s.mp4": {"label": "REAL", "split": "train"}}
    )
    touch(
        tmp_path, *(f"dfdc_train_part_0/{name}" for name in first), "dfdc_train_part_1/c.mp4", "dfdc_train_part_1/s.mp4"
    )
    pairs = find_pairs(tmp_path)
    assert pairs.layout == "dfdc"
    assert names_of(pairs) == [
        ("dfdc_train_part_0/a", "dfdc_train_part_0/a.mp4", "dfdc_train_part_0/r.mp4"),
        ("dfdc_train_part_0/b", "dfdc_train_part_0/b.mp4", "dfdc_train_part_0/r.mp4"),
        ("dfdc_train_part_1/c", "dfdc_train_part_1/c.mp4", "dfdc_train_part_1/s.mp4"),
    ]
    assert [(pair.method, pair.split, pair.mask) for pair in pairs[:2]] == [(None, "test", None), (None, "train", None)]
    assert pairs.unpaired == ()


def test_dfdc_says_why_a_clip_has_no_partner(tmp_path):
    entries = {
        "gone.mp4": fake("r.mp4"),
        "lost.mp4": REAL,
        "orphan.mp4": fake("elsewhere.mp4"),
        "nameless.mp4": fake(None),
        "own.mp4": fake("own.mp4"),
        "idle.mp4": REAL,
    }
    save_metadata(tmp_path, entries)
    touch(tmp_path, "orphan.mp4", "nameless.mp4", "own.mp4", "idle.mp4", "extra.mp4", "._extra.mp4", "notes.txt")
    pairs = find_pairs(tmp_path)
    assert len(pairs) == 0
    assert reasons(pairs) == {
        "gone.mp4": ("fake", "in metadata.json, but not in the folder"),
        "nameless.mp4": ("fake", "metadata.json names no original"),
        "orphan.mp4": ("fake", f"its original is missing: {tmp_path / 'elsewhere.mp4'}"),
        "own.mp4": ("fake", "it is named as its own original"),
        "idle.mp4": ("real", "no fake here is made from it"),
        "lost.mp4": ("real", "in metadata.json, but not in the folder"),
        "extra.mp4": ("unknown", "not in metadata.json"),
    }
    assert str(pairs) == f"0 pairs in {tmp_path} (dfdc); without a partner: 4 fake, 2 real, 1 unknown"
    assert [each.label for each in pairs.unpaired] == ["fake"] * 4 + ["real"] * 2 + ["unknown"]
    assert str(pairs.unpaired[-1]) == "extra.mp4 (unknown): not in metadata.json"


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([f"{letter}.mp4" for letter in "abcdefgh"]),
        st.one_of(st.none(), st.sampled_from([f"{letter}.mp4" for letter in "abcdefghxyz"])),
        min_size=1,
    ),
    st.sets(st.sampled_from([f"{letter}.mp4" for letter in "abcdefghmn"])),
)
def test_no_clip_of_dfdc_is_dropped_or_told_twice(originals, present):
    entries = {name: REAL if original is None else fake(original) for name, original in originals.items()}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        save_metadata(root, entries)
        touch(root, *present)
        pairs = find_pairs(root)
        alone = [each.path.name for each in pairs.unpaired]
        assert len(alone) == len(set(alone))
        fakes = [pair.fake.name for pair in pairs]
        assert sorted(fakes) == sorted(
            name for name, original in originals.items() if {name, original} <= present and original != name
        )
        assert not set(fakes) & set(alone)
        reals = {pair.real.name for pair in pairs}
        assert set(alone) | set(fakes) | reals == present | set(entries)


# FaceForensics++ and DeepFakeDetection.


def make_faceforensics(root: Path) -> None:
    touch(
        root,
        *(
            f"original_sequences/youtube/{level}/videos/{clip}.mp4"
            for level in ("c23", "raw")
            for clip in ("033", "097")
        ),
        "original_sequences/youtube/c40/videos/055.mp4",
        "original_sequences/actors/c23/videos/01__exit_phone_room.mp4",
        "manipulated_sequences/Deepfakes/c23/videos/033_097.mp4",
        "manipulated_sequences/Deepfakes/raw/videos/033_097.mp4",
        "manipulated_sequences/Deepfakes/masks/videos/033_097.mp4",
        "manipulated_sequences/Face2Face/c23/videos/097_033.mp4",
        "manipulated_sequences/Face2Face/c23/masks/097_033.mp4",
        "manipulated_sequences/NeuralTextures/c40/videos/033_097.mp4",
        "manipulated_sequences/FaceShifter/c23/videos/teaser.mp4",
        "manipulated_sequences/DeepFakeDetection/c23/videos/01_02__exit_phone_room__YVGY8LOK.mp4",
        "manipulated_sequences/DeepFakeDetection/c23/videos/02_01__exit_phone_room__AB12CD34.mp4",
    )


def test_faceforensics_pairs_within_a_compression(tmp_path):
    make_faceforensics(tmp_path)
    pairs = find_pairs(tmp_path)
    made, from_ = "manipulated_sequences", "original_sequences"
    scene = "01_02__exit_phone_room__YVGY8LOK"
    assert pairs.layout == "faceforensics++"
    assert names_of(pairs) == [
        (
            f"DeepFakeDetection/c23/{scene}",
            f"{made}/DeepFakeDetection/c23/videos/{scene}.mp4",
            f"{from_}/actors/c23/videos/01__exit_phone_room.mp4",
        ),
        *(
            (
                f"Deepfakes/{level}/033_097",
                f"{made}/Deepfakes/{level}/videos/033_097.mp4",
                f"{from_}/youtube/{level}/videos/033.mp4",
            )
            for level in ("c23", "raw")
        ),
        (
            "Face2Face/c23/097_033",
            f"{made}/Face2Face/c23/videos/097_033.mp4",
            f"{from_}/youtube/c23/videos/097.mp4",
        ),
    ]
    assert [pair.method for pair in pairs] == ["DeepFakeDetection", "Deepfakes", "Deepfakes", "Face2Face"]
    assert [pair.mask and pair.mask.relative_to(tmp_path / made).as_posix() for pair in pairs] == [
        None,
        "Deepfakes/masks/videos/033_097.mp4",
        "Deepfakes/masks/videos/033_097.mp4",
        "Face2Face/c23/masks/097_033.mp4",
    ]
    assert {pair.split for pair in pairs} == {None}


def test_faceforensics_reports_what_has_no_partner(tmp_path):
    make_faceforensics(tmp_path)
    found = reasons(find_pairs(tmp_path))
    missing = tmp_path / "original_sequences" / "youtube" / "c40" / "videos" / "033.mp4"
    actor = tmp_path / "original_sequences" / "actors" / "c23" / "videos" / "02__exit_phone_room.mp4"
    folder = "manipulated_sequences"
    assert found == {
        f"{folder}/FaceShifter/c23/videos/teaser.mp4": (
            "fake",
            "its name is neither <target>_<source> nor <target>_<source>__<scene>__<id>",
        ),
        f"{folder}/NeuralTextures/c40/videos/033_097.mp4": ("fake", f"its original is missing: {missing}"),
        f"{folder}/DeepFakeDetection/c23/videos/02_01__exit_phone_room__AB12CD34.mp4": (
            "fake",
            f"its original is missing: {actor}",
        ),
        "original_sequences/youtube/raw/videos/097.mp4": ("real", "no fake here is made from it"),
        "original_sequences/youtube/c40/videos/055.mp4": ("real", "no fake here is made from it"),
    }


@pytest.mark.parametrize("folder", ["splits", "."])
def test_faceforensics_splits_are_those_of_its_lists(tmp_path, folder):
    make_faceforensics(tmp_path)
    touch(tmp_path, f"{folder}/test.json", f"{folder}/train.json")
    (tmp_path / folder / "train.json").write_text('[["033", "001"]]')
    (tmp_path / folder / "test.json").write_text('[["055", "097"]]')
    splits = {pair.name: pair.split for pair in find_pairs(tmp_path)}
    assert splits == {
        "Deepfakes/c23/033_097": "train",
        "Deepfakes/raw/033_097": "train",
        "Face2Face/c23/097_033": "test",
        "DeepFakeDetection/c23/01_02__exit_phone_room__YVGY8LOK": None,
    }


@pytest.mark.parametrize("content", ["", "[1, 2]", "7"])
def test_a_damaged_list_of_splits_is_refused(tmp_path, content):
    make_faceforensics(tmp_path)
    (tmp_path / "val.json").write_text(content)
    with pytest.raises(ValueError, match=r'val\.json must be a JSON list of pairs such as \["071", "054"\]: '):
        find_pairs(tmp_path)


# Celeb-DF.


def test_celeb_df_pairs_target_and_number(tmp_path):
    touch(
        tmp_path,
        "Celeb-real/id0_0000.mp4",
        "Celeb-real/id1_0000.mp4",
        "YouTube-real/00170.mp4",
        "Celeb-synthesis/id0_id1_0000.mp4",
        "Celeb-synthesis/id0_id16_0000.mp4",
        "Celeb-synthesis/id2_id1_0003.mp4",
        "Celeb-synthesis/demo.mp4",
    )
    (tmp_path / "List_of_testing_videos.txt").write_text(
        "1 YouTube-real/00170.mp4\n\n0 Celeb-synthesis/id0_id16_0000.mp4\n"
    )
    pairs = find_pairs(tmp_path)
    assert names_of(pairs) == [
        ("id0_id16_0000", "Celeb-synthesis/id0_id16_0000.mp4", "Celeb-real/id0_0000.mp4"),
        ("id0_id1_0000", "Celeb-synthesis/id0_id1_0000.mp4", "Celeb-real/id0_0000.mp4"),
    ]
    assert [pair.split for pair in pairs] == ["test", "train"]
    assert {pair.method for pair in pairs} == {"Celeb-synthesis"}
    assert reasons(pairs) == {
        "Celeb-synthesis/demo.mp4": ("fake", "its name is not <target>_<source>_<number>"),
        "Celeb-synthesis/id2_id1_0003.mp4": (
            "fake",
            f"its original is missing: {tmp_path / 'Celeb-real' / 'id2_0003.mp4'}",
        ),
        "Celeb-real/id1_0000.mp4": ("real", "no fake here is made from it"),
        "YouTube-real/00170.mp4": ("real", "no fake here is made from it"),
    }
    assert str(pairs).startswith("2 pairs in ")


def test_celeb_df_without_its_list_has_no_split(tmp_path):
    touch(tmp_path, "Celeb-real/id0_0000.mp4", "Celeb-synthesis/id0_id1_0000.mp4")
    (pair,) = find_pairs(tmp_path)
    assert pair.split is None
    assert str(find_pairs(tmp_path)) == f"1 pair in {tmp_path} (celeb-df); without a partner: none"


@pytest.mark.parametrize("line", ["Celeb-real/id0_0000.mp4", "1", "2 Celeb-real/id0_0000.mp4"])
def test_a_damaged_testing_list_is_refused_with_its_line(tmp_path, line):
    touch(tmp_path, "Celeb-synthesis/")
    (tmp_path / "List_of_testing_videos.txt").write_text(f"1 YouTube-real/00170.mp4\n{line}\n")
    with pytest.raises(ValueError, match=r"List_of_testing_videos\.txt, line 2 must be a label and a clip such as"):
        find_pairs(tmp_path)


# DeepfakeTIMIT.


@pytest.mark.parametrize(
    ("root", "originals"),
    [(".", "VidTIMIT"), ("DeepfakeTIMIT", "VidTIMIT"), ("DeepfakeTIMIT", "DeepfakeTIMIT/VidTIMIT")],
)
def test_timit_pairs_clips_with_folders_of_frames(tmp_path, root, originals):
    touch(
        tmp_path,
        "DeepfakeTIMIT/higher_quality/fadg0/sa1-video-fram1.avi",
        "DeepfakeTIMIT/higher_quality/fadg0/sa1.wav",
        "DeepfakeTIMIT/lower_quality/fadg0/sa1-video-fram1.avi",
        "DeepfakeTIMIT/lower_quality/fadg0/sa2-video-fram1.avi",
        "DeepfakeTIMIT/lower_quality/fadg0/odd.avi",
        f"{originals}/fadg0/video/sa1/001",
        f"{originals}/fadg0/video/head/001",
    )
    pairs = find_pairs(tmp_path / root)
    real = tmp_path / originals / "fadg0" / "video"
    assert [(pair.name, pair.method, pair.real) for pair in pairs] == [
        ("higher_quality/fadg0/sa1-video-fram1", "higher_quality", real / "sa1"),
        ("lower_quality/fadg0/sa1-video-fram1", "lower_quality", real / "sa1"),
    ]
    assert [(each.path.name, each.label, each.reason) for each in pairs.unpaired] == [
        ("odd.avi", "fake", "its name is not <sentence>-video-<source>"),
        ("sa2-video-fram1.avi", "fake", f"its original is missing: {real / 'sa2'}"),
        ("head", "real", "no fake here is made from it"),
    ]


def test_timit_alone_has_no_pairs(tmp_path):
    touch(tmp_path, "lower_quality/fadg0/sa1-video-fram1.avi")
    pairs = find_pairs(tmp_path, layout="deepfaketimit")
    assert reasons(pairs) == {
        "lower_quality/fadg0/sa1-video-fram1.avi": ("fake", "no VidTIMIT lies beside DeepfakeTIMIT")
    }


# A rule.


def test_a_rule_of_the_users_own(tmp_path):
    touch(tmp_path, "b/fake_1.mp4", "b/fake_1.mov", "b/fake_2.mp4", "a/1.mp4", "a/9.mp4", "b/self.mp4", "b/read.me")
    asked = []

    def rule(clip: Path) -> str | Path | None:
        asked.append(clip)
        if clip.stem == "self":
            return clip
        return str(tmp_path / "a" / f"{clip.stem[5:]}.mp4") if clip.stem.startswith("fake_") else None

    pairs = find_pairs(tmp_path, rule=rule)
    assert asked == sorted(asked)
    assert pairs.layout == "rule"
    # Two fakes that differ by nothing but their suffix keep it in their names.
    assert names_of(pairs) == [
        ("b/fake_1.mov", "b/fake_1.mov", "a/1.mp4"),
        ("b/fake_1.mp4", "b/fake_1.mp4", "a/1.mp4"),
    ]
    assert reasons(pairs) == {
        "b/fake_2.mp4": ("fake", f"its original is missing: {tmp_path / 'a' / '2.mp4'}"),
        "b/self.mp4": ("fake", "the rule names it as its own original"),
        "a/9.mp4": ("unknown", "the rule names no original"),
    }


def test_a_rule_must_be_callable_and_return_paths(tmp_path):
    touch(tmp_path, "a.mp4")
    wrong: Any = {"a.mp4": "b.mp4"}
    with pytest.raises(TypeError, match="rule must be callable, a clip's path to that of its original, got dict"):
        find_pairs(tmp_path, rule=wrong)
    with pytest.raises(TypeError, match=r"what the rule returns must be a path, .*, got bool"):
        find_pairs(tmp_path, rule=lambda _: False)
    with pytest.raises(ValueError, match="layout and rule exclude each other, got layout='dfdc' and a rule; pass one"):
        find_pairs(tmp_path, layout="dfdc", rule=lambda _: None)


# Folders.


def test_a_folder_must_be_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such folder; check the name, and the folder"):
        find_pairs(tmp_path / "none")
    touch(tmp_path, "file")
    with pytest.raises(NotADirectoryError, match="this is a file; name the folder that it lies in"):
        find_pairs(tmp_path / "file")
    wrong: Any = 3
    with pytest.raises(TypeError, match=r"root must be a path, a str or an os\.PathLike .*, got int"):
        find_pairs(wrong)


def test_an_unknown_layout_names_the_known_ones_and_their_needs(tmp_path):
    with pytest.raises(ValueError, match="root must have a known layout") as caught:
        find_pairs(tmp_path)
    text = str(caught.value)
    assert str(tmp_path) in text
    assert text.endswith("Name the data set's own folder, or pass rule=")
    for part in (
        "'celeb-df' needs a folder Celeb-synthesis",
        "'deepfaketimit' needs a folder higher_quality or lower_quality",
        "'dfdc' needs metadata.json beside the clips",
        "'faceforensics++' needs a folder manipulated_sequences",
    ):
        assert part in text


def test_a_layout_that_was_asked_for_must_be_there(tmp_path):
    touch(tmp_path, "Celeb-synthesis/")
    with pytest.raises(
        ValueError, match=r"root must have the layout 'dfdc', which needs metadata\.json beside the cli"
    ):
        find_pairs(tmp_path, layout="dfdc")
    with pytest.raises(ValueError, match=r"layout must be one of 'celeb-df', .*, got 'kaggle'"):
        find_pairs(tmp_path, layout="kaggle")


def test_of_two_layouts_none_is_guessed(tmp_path):
    touch(tmp_path, "Celeb-synthesis/", "manipulated_sequences/")
    with pytest.raises(
        ValueError, match=r"root must have one layout, got .* with 'celeb-df' and 'faceforensics\+\+'; p"
    ):
        find_pairs(tmp_path)
    assert find_pairs(tmp_path, layout="celeb-df").layout == "celeb-df"


def test_pairs_are_a_sequence():
    pair = VideoPair(Path("r"), Path("f"), "f")
    pairs = datasets.VideoPairs(Path("root"), "rule", (pair,), ())
    assert pair in pairs
    assert list(pairs) == [pairs[0]] == [pair]
    assert pairs[:] == (pair,)
    assert str(pair) == "f: f made from r"


# Metadata.


def test_metadata_become_a_table_in_the_order_of_the_file(tmp_path):
    path = save_metadata(tmp_path, {"b.mp4": fake("r.mp4", "test"), "r.mp4": REAL, "sub/a.mp4": fake(None)})
    table = read_metadata(str(path))
    assert table.index.name == "file"
    assert list(table.index) == ["b.mp4", "r.mp4", "sub/a.mp4"]
    assert list(table.columns) == list(WORDS)
    assert table.loc["b.mp4"].tolist() == ["FAKE", "test", "r.mp4"]
    assert table["original"].isna().tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"metadata\.json must be JSON, got an empty file; download it again"),
        (" \n", r"metadata\.json must be JSON, got an empty file"),
        ('{"a.mp4": ', r"metadata\.json must be JSON, got this at line 1, column 11: "),
        ("[" * 100_000, r"metadata\.json must hold one JSON object, got one nested beyond all reason"),
        ("[]", r"metadata\.json must hold one JSON object with an entry for each clip, got a list"),
        ("null", r"must hold one JSON object with an entry for each clip, got null"),
        ("{}", r"must hold an entry for each clip, got an empty JSON object"),
        (
            {"a.mp4": "FAKE"},
            r"entry 'a\.mp4' must be a JSON object with the keys \"label\" and \"split\", got \"FAKE\"",
        ),
        ({"a.mp4": {}}, r"entry 'a\.mp4' lacks the key \"label\"; it has none"),
        ({"a.mp4": {"label": "FAKE"}}, r"entry 'a\.mp4' lacks the key \"split\"; it has 'label'"),
        ({"a.mp4": {"label": "fake", "split": "x"}}, r"a\.mp4': label must be \"FAKE\" or \"REAL\", got \"fake\""),
        ({"a.mp4": {"label": {}, "split": "x"}}, r"a\.mp4': label must be \"FAKE\" or \"REAL\", got an object"),
        ({"a.mp4": {"label": "REAL", "split": 1}}, r"a\.mp4': split must be a text such as \"train\", got 1"),
        ({"a.mp4": fake("")}, r"a\.mp4': original must be a name within the folder of the metadata, got ''"),
        (
            {"a.mp4": {"label": "FAKE", "split": "x", "original": ["b"]}},
            r"a\.mp4': original must be a file's name or null, got a list",
        ),
        (
            '{"a.mp4": {"label": "REAL", "split": "x"}, "a.mp4": {"label": "REAL", "split": "x"}}',
            r"metadata\.json names 'a\.mp4' twice; delete the entry that is wrong",
        ),
        (
            '{"a.mp4": {"label": "REAL", "label": "FAKE", "split": "x"}}',
            r"entry 'a\.mp4' has 'label' twice; delete the key that is wrong",
        ),
    ],
)
def test_metadata_that_are_not_as_they_should_be_are_refused(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        read_metadata(save_metadata(tmp_path, content))


@pytest.mark.parametrize(
    "name", ["../a.mp4", "b/../../a.mp4", "/a.mp4", "..\\a.mp4", "C:\\a.mp4", "c:a.mp4", "\\a.mp4", "a\0.mp4", "", "."]
)
def test_names_that_lead_out_of_the_folder_are_refused(tmp_path, name):
    lead = "names that are absolute, empty or lead upwards are refused"
    with pytest.raises(ValueError, match=f"a file's name must be a name within the folder of the metadata.*{lead}"):
        read_metadata(save_metadata(tmp_path, {name: REAL}))
    with pytest.raises(ValueError, match=f"entry 'a.mp4': original must be a name within the folder.*{lead}"):
        find_pairs(save_metadata(tmp_path, {"a.mp4": fake(name)}).parent)


@pytest.mark.parametrize("name", ["a..b.mp4", "sub/a.mp4", "ä ö.mp4", "...mp4"])
def test_names_within_the_folder_are_let_in(tmp_path, name):
    assert read_metadata(save_metadata(tmp_path, {name: REAL})).index.tolist() == [name]


def test_a_metadata_file_must_be_a_readable_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such metadata file; check the name"):
        read_metadata(tmp_path / "metadata.json")
    with pytest.raises(IsADirectoryError, match=r"this is a folder; name the metadata\.json in it"):
        read_metadata(tmp_path)
    (tmp_path / "metadata.json").write_bytes(b"\x00\x00\x00\x18ftypmp42\xff")
    with pytest.raises(
        ValueError, match=r"metadata\.json must be JSON in UTF-8, got other bytes at 12; is it the right"
    ):
        read_metadata(tmp_path / "metadata.json")
    wrong: Any = None
    with pytest.raises(TypeError, match=r"path must be a path, .*, got NoneType"):
        read_metadata(wrong)


# Tables.


def table_of(**columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(
        columns, index=pd.Index([f"{i}.mp4" for i in range(len(next(iter(columns.values()))))], name="file")
    )


SMALL = table_of(
    label=["FAKE", "FAKE", "REAL", "FAKE", "FAKE"],
    split=["train"] * 5,
    original=["s.mp4", "r.mp4", None, "r.mp4", "s.mp4"],
    empty=[None] * 5,
)


def test_missing_values_by_hand():
    found = datasets.missing_values(SMALL)
    assert found["missing"].to_dict() == {"label": 0, "split": 0, "original": 1, "empty": 5}
    assert found["percent"].to_dict() == {"label": 0.0, "split": 0.0, "original": 20.0, "empty": 100.0}
    assert found.loc["empty", "dtype"] == "object"


def test_unique_values_by_hand():
    found = datasets.unique_values(SMALL)
    assert found["values"].to_dict() == {"label": 5, "split": 5, "original": 4, "empty": 0}
    assert found["unique"].to_dict() == {"label": 2, "split": 1, "original": 2, "empty": 0}


def test_most_frequent_values_by_hand():
    found = datasets.most_frequent_values(SMALL)
    assert found.loc["label"].tolist() == ["FAKE", 4, 80.0, 1]
    assert found.loc["original"].tolist() == ["s.mp4", 2, 50.0, 2]
    assert found.loc["empty", ["count", "percent", "ties"]].tolist() == [0, 0.0, 0]
    assert pd.isna(found.loc["empty", "value"])


@given(st.lists(st.one_of(st.none(), st.sampled_from("abcde")), min_size=1))
def test_counts_are_those_of_a_plain_count(values):
    expected = Counter(value for value in values if value is not None)
    table = pd.DataFrame({"column": values})
    if not expected:
        with pytest.raises(ValueError, match="column 'column' must hold a value, got only missing ones; drop it"):
            datasets.count_values(table, "column")
        return
    found = datasets.count_values(table, "column")
    # Counter.most_common, too, keeps equally frequent values in the order of their first appearance.
    assert list(found["count"].items()) == expected.most_common()
    assert found["percent"].sum() == pytest.approx(100 * expected.total() / len(values))
    assert found.index.name == "column"


def test_file_types_are_counted_below_the_folder(tmp_path):
    touch(tmp_path, "a.mp4", "sub/b.MP4", "sub/c.mp4", "metadata.json", "sub/video/sa1/001")
    found = datasets.file_types(tmp_path)
    assert list(found.columns) == ["files", "percent"]
    assert found["files"].to_dict() == {".mp4": 3, ".json": 1, "(none)": 1}
    assert found["percent"].to_dict() == {".mp4": 60.0, ".json": 20.0, "(none)": 20.0}
    touch(tmp_path, "bare/")
    with pytest.raises(ValueError, match=r"folder must hold a file, got none in .*bare; is it the right one"):
        datasets.file_types(tmp_path / "bare")
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        datasets.file_types(tmp_path / "none")


def test_metadata_and_folder_are_compared_both_ways(tmp_path):
    touch(tmp_path, "0.mp4", "sub/1.mp4", "9.mp4", "metadata.json")
    table = SMALL.rename(index={"1.mp4": "sub/1.mp4"})
    found = datasets.compare_with_folder(table, tmp_path)
    assert found["only_in"].to_dict() == {
        "2.mp4": "metadata",
        "3.mp4": "metadata",
        "4.mp4": "metadata",
        "9.mp4": "folder",
    }
    touch(tmp_path, "2.mp4", "3.mp4", "4.mp4")
    (tmp_path / "9.mp4").unlink()
    assert datasets.compare_with_folder(table, tmp_path).empty


def test_fakes_of_the_same_original():
    table = table_of(original=["s.mp4", "r.mp4", None, "r.mp4", "s.mp4", "r.mp4", "t.mp4"])
    found = datasets.same_original(table, at_least=2)
    assert list(found.index) == ["1.mp4", "3.mp4", "5.mp4", "0.mp4", "4.mp4"]
    assert found["fakes"].tolist() == [3, 3, 3, 2, 2]
    assert list(datasets.same_original(table, "s.mp4").index) == ["0.mp4", "4.mp4"]
    assert datasets.same_original(table, "2.mp4").empty  # a real one that nothing was made from
    assert "fakes" not in table.columns


def test_fakes_of_the_same_original_are_asked_for_properly():
    with pytest.raises(ValueError, match="one of original and at_least is needed, got None and None"):
        datasets.same_original(SMALL)
    with pytest.raises(ValueError, match=r"one of original and at_least is needed, got 'r\.mp4' and 2"):
        datasets.same_original(SMALL, "r.mp4", at_least=2)
    with pytest.raises(ValueError, match="at_least must be at least 1 fake, got 0"):
        datasets.same_original(SMALL, at_least=0)
    with pytest.raises(
        ValueError, match=r"original must be a file that the metadata name, got 'q\.mp4'; check its spell"
    ):
        datasets.same_original(SMALL, "q.mp4")
    wrong: Any = 3
    with pytest.raises(TypeError, match="original must be a file's name, got int"):
        datasets.same_original(SMALL, wrong)


@pytest.mark.parametrize(
    "function",
    [
        datasets.missing_values,
        datasets.unique_values,
        datasets.most_frequent_values,
        lambda table: datasets.count_values(table, "label"),
        lambda table: datasets.same_original(table, at_least=1),
        lambda table: datasets.compare_with_folder(table, "."),
    ],
)
def test_tables_must_be_tables(function):
    with pytest.raises(
        TypeError, match=r"must be a pandas DataFrame, got dict; make one with facediff\.datasets\.read_m"
    ):
        function({})
    with pytest.raises(ValueError, match="must have rows and columns, got 0 by 2"):
        function(pd.DataFrame({"label": [], "original": []}))


def test_columns_must_be_there():
    with pytest.raises(ValueError, match="table must have a column 'fps', got label, split, original, empty"):
        datasets.count_values(SMALL, "fps")
    wrong: Any = 3
    with pytest.raises(TypeError, match="column must be a column's name, got int"):
        datasets.count_values(SMALL, wrong)
    with pytest.raises(ValueError, match="metadata must have a column 'original', got label"):
        datasets.same_original(SMALL[["label"]], at_least=1)


def test_without_pandas_pairs_are_found_and_tables_name_the_extra(tmp_path, monkeypatch):
    path = save_metadata(tmp_path, {"a.mp4": REAL})
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert len(find_pairs(tmp_path)) == 0
    with pytest.raises(
        ImportError, match=r'tables need pandas, which is not installed; pip install "facediff\[datasets\]"'
    ):
        read_metadata(path)
