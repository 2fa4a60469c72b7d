"""Batches: every pair is a row, the tables are the same however they came about, nothing is lost or done twice."""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import json
import multiprocessing
import os
import resource
import sys
import threading
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO

import facediff
from batches import Inline, make_files, work_or_die
from facediff import (
    _batch_files,
    _batch_flow,
    _batch_store,
    _batch_work,
    annotation,
    batch,
    datasets,
    export,
    timeline,
    video,
)
from facediff._batch_crew import Crew, shares_of_this_machine
from facediff._batch_store import Store
from facediff._batch_tables import frame_schema, pair_schema
from facediff._batch_work import Job
from facediff.batch import LabelledPair, compare_many, read_results

METRICS = Job(None, None, False, 1, "equal", "equal")
TABLES = ("pairs.parquet", "frames.parquet")


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    return make_files(tmp_path_factory.mktemp("files"))


def some_pairs(files: Path) -> list[LabelledPair]:
    """Return pairs of all kinds, clips and failures among them, not in the order of their names."""
    real, clip = str(files / "real.png"), str(files / "real.mp4")
    return [
        LabelledPair(real, str(files / "other.png"), "b", "FAKE", "swap", "train"),
        LabelledPair(clip, str(files / "fake.mp4"), "e", "FAKE", "swap", "test"),
        LabelledPair(real, str(files / "fake.png"), "a", "FAKE", "swap", "train"),
        LabelledPair(real, str(files / "broken.png"), "d", "FAKE", "swap", "train"),
        LabelledPair(real, real, "c", "REAL", None, "test"),
        LabelledPair(clip, str(files / "gone.mp4"), "f"),
    ]


def run(pairs, out, **options):
    options = {"executor": Inline(), "progress": False} | options
    return compare_many(pairs, out=out, **options)


def bytes_of(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in TABLES}


@pytest.fixture(scope="session")
def undisturbed(files, tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed")
    run(some_pairs(files), out)
    return bytes_of(out)


# What stands in the tables.


def test_the_row_of_a_picture_is_what_its_pair_gives_by_itself(files, tmp_path):
    run(some_pairs(files), tmp_path / "out")
    row = read_results(tmp_path / "out").pairs.loc["a"]
    comparison = facediff.compare_images(*facediff.read_pair(files / "real.png", files / "fake.png"))
    found = facediff.find_regions(comparison)
    assert (row["mse"], row["psnr"], row["ssim"]) == (comparison.mse, comparison.psnr, comparison.ssim)
    assert (row["manipulated"], row["margin"], row["changed"]) == (True, found.margin, found.mask.mean())
    assert row["boxes"] == tuple(region.box.xyxy for region in found.regions)
    assert (row["kind"], row["width"], row["height"], row["frames"], row["regions"]) == ("picture", 96, 64, 1, 1)
    assert (row["label"], row["method"], row["split"]) == ("FAKE", "swap", "train")
    data = (files / "fake.png").read_bytes()
    assert (row["fake_bytes"], row["fake_sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert row["segments"] == ()
    assert pd.isna(row["error"])


def test_the_rows_of_a_clip_are_what_it_gives_by_itself(files, tmp_path):
    run(some_pairs(files), tmp_path / "out", every=2)
    pairs, frames = read_results(tmp_path / "out")
    row = pairs.loc["e"]
    found = timeline.compare_videos(files / "real.mp4", files / "fake.mp4", every=2)
    assert (row["kind"], row["frames"], row["manipulated_frames"]) == ("clip", 6, found.manipulated.sum())
    assert row["mse"] == found.mse.mean()
    assert row["psnr"] == 10 * np.log10(255**2 / found.mse.mean())
    assert row["ssim"] == found.ssim.mean()
    assert row["margin"] == np.sort(found.margin)[-3]
    assert row["changed"] == pytest.approx(found.area.sum() / (6 * 96 * 64), rel=1e-15)
    (segment,) = found.segments
    assert row["segments"] == ((segment.start, segment.stop, segment.start_time, segment.stop_time),)
    (box,) = row["boxes"]
    sides = np.array([each.xyxy for each in found.tracks[0].boxes])
    assert box == (*sides.min(axis=0)[:2], *sides.max(axis=0)[2:])
    series = frames.loc["e"]
    expected = found.to_dataframe()
    assert list(series.columns) == list(expected.columns)
    for column in expected.columns:
        assert series[column].tolist() == expected[column].tolist()
    assert set(frames.index.get_level_values("name")) == {"e"}


def test_a_pair_that_fails_is_a_row_with_its_error_and_its_files(files, tmp_path):
    said = run(some_pairs(files), tmp_path / "out")
    assert (said.pairs, said.compared, said.manipulated, said.failed) == (6, 6, 3, 2)
    assert str(said) == f"6 pairs in {tmp_path / 'out'}: 3 manipulated, 2 failed; 6 compared now"
    pairs = read_results(tmp_path / "out").pairs
    assert list(pairs.index) == ["a", "b", "c", "d", "e", "f"]
    failed = pairs[pairs["error"].notna()]
    assert list(failed.index) == ["d", "f"]
    assert failed.loc["d", "error"].startswith("ValueError: ")
    assert failed.loc["f", "error"].startswith("FileNotFoundError: ")
    assert str(files / "gone.mp4") == failed.loc["f", "fake"]
    assert failed["manipulated"].isna().all()
    assert pd.isna(failed.loc["f", "fake_sha256"])
    assert not pd.isna(failed.loc["f", "real_sha256"])


def test_metrics_alone_say_nothing_of_a_manipulation(files, tmp_path):
    run(some_pairs(files), tmp_path / "out", recipe=None)
    pairs, frames = read_results(tmp_path / "out")
    assert pairs["manipulated"].isna().all()
    assert pairs.loc["a", "ssim"] < 1
    assert pairs.loc["e", "frames"] == len(frames) == 12
    assert str(batch.summarise(tmp_path / "out")) == "6 pairs, 2 failed; metrics only"


def test_the_published_recipe_has_no_margin(files, tmp_path):
    run(some_pairs(files), tmp_path / "out", recipe="otsu")
    assert read_results(tmp_path / "out").pairs["margin"].isna().all()
    summary = batch.summarise(tmp_path / "out")
    assert summary.roc is None
    assert summary.histogram.fakes.sum() == 0
    assert batch.summarise(tmp_path / "out", score="changed").roc.area == 1


def test_pairs_are_taken_in_all_the_ways_they_may_be_given(files, tmp_path):
    real, fake = files / "real.png", files / "fake.png"
    given_pairs = [
        (real, fake),
        [str(real), str(fake), "named"],
        datasets.VideoPair(real, fake, "of a data set", "Face2Face", "val"),
    ]
    run(given_pairs, tmp_path / "out")
    pairs = read_results(tmp_path / "out").pairs
    assert list(pairs.index) == sorted([str(fake), "named", "of a data set"])
    assert tuple(pairs.loc["of a data set", ["label", "method", "split"]]) == ("FAKE", "Face2Face", "val")


def test_a_folder_or_a_suffix_makes_a_clip(files, tmp_path):
    (tmp_path / "frames").mkdir()
    (tmp_path / "LOUD.MP4").write_bytes((files / "fake.mp4").read_bytes())
    run(
        [(files / "real.mp4", tmp_path / "LOUD.MP4", "a"), (files / "real.mp4", tmp_path / "frames", "b")],
        tmp_path / "o",
    )
    pairs = read_results(tmp_path / "o").pairs
    assert list(pairs["kind"]) == ["clip", "clip"]
    assert pairs.loc["a", "manipulated"]
    assert pairs.loc["b", "error"].startswith("IsADirectoryError: ")


HOSTILE = [
    '"quoted"',
    "<b>bold</b>",
    "two\nlines",
    "../../up",
    "..",
    "x" * 300,
    "é\u202e",
    "bytes \udcff",
    "'; --",
    " ",
]


def test_names_are_text_wherever_they_stand(files, tmp_path):
    given_pairs = [(files / "real.png", files / "fake.png", name) for name in HOSTILE]
    run(given_pairs, tmp_path / "deep" / "out", masks=True, coco=True)
    pairs = read_results(tmp_path / "deep" / "out").pairs
    assert set(pairs.index) == {name.replace("\udcff", "\\udcff") for name in HOSTILE}
    masks = {(tmp_path / "deep" / "out" / name) for name in pairs["mask"]}
    assert len(masks) == len(HOSTILE)
    assert masks == set((tmp_path / "deep" / "out" / "masks").iterdir())
    regions = {(tmp_path / "deep" / "out" / name) for name in pairs["coco"]}
    assert regions == set((tmp_path / "deep" / "out" / "coco").iterdir())
    assert [image["pair"] for image in read_coco(tmp_path / "deep" / "out")["images"]] == list(pairs.index)
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]
    # The same names are known again.
    assert run(given_pairs, tmp_path / "deep" / "out", masks=True, coco=True).kept == len(HOSTILE)


def test_a_mask_is_the_one_that_was_found(files, tmp_path):
    run(some_pairs(files), tmp_path / "out", masks=True)
    pairs = read_results(tmp_path / "out").pairs
    mask = facediff.read_image(tmp_path / "out" / pairs.loc["a", "mask"])
    comparison = facediff.compare_images(*facediff.read_pair(files / "real.png", files / "fake.png"))
    assert np.array_equal(mask == 255, facediff.find_regions(comparison).mask)
    assert not facediff.read_image(tmp_path / "out" / pairs.loc["c", "mask"]).any()
    assert pairs.loc[["d", "e", "f"], "mask"].isna().all()


def read_coco(out: Path) -> dict[str, Any]:
    return json.loads((out / "coco.json").read_text("utf-8"))


def found_in(*pair: Path) -> facediff.Localisation:
    return facediff.find_regions(facediff.compare_images(*facediff.read_pair(*pair)))


def test_the_coco_file_is_that_of_all_pairs_of_pictures_at_once(files, tmp_path):
    run(some_pairs(files), tmp_path / "out", coco=True)
    fakes = {"a": "fake.png", "b": "other.png", "c": "real.png"}  # the others are clips, or failed
    expected = export.to_coco([(fake, found_in(files / "real.png", files / fake)) for fake in fakes.values()])
    for image, (name, fake) in zip(expected["images"], fakes.items(), strict=True):
        image |= {"file_name": str(files / fake), "pair": name}
    export.write_json(tmp_path / "expected.json", expected)
    assert (tmp_path / "out" / "coco.json").read_bytes() == (tmp_path / "expected.json").read_bytes()
    assert read_results(tmp_path / "out").pairs.loc[["d", "e", "f"], "coco"].isna().all()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools' own, under NumPy 2
def test_pycocotools_finds_the_masks_in_the_coco_file(files, tmp_path):
    run(some_pairs(files), tmp_path / "out", coco=True, masks=True)
    pairs = read_results(tmp_path / "out").pairs
    coco = COCO(str(tmp_path / "out" / "coco.json"))
    for image in coco.loadImgs(coco.getImgIds()):
        mask = np.zeros((image["height"], image["width"]), bool)
        for region in coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]])):
            mask |= coco.annToMask(region).astype(bool)
        assert np.array_equal(facediff.read_image(tmp_path / "out" / pairs.loc[image["pair"], "mask"]) == 255, mask)
        assert mask.any() == pairs.loc[image["pair"], "manipulated"]
    assert len(coco.getImgIds()) == 3


def test_a_run_without_pictures_has_an_empty_coco_file(tmp_path):
    run([], tmp_path / "out", coco=True)
    assert read_coco(tmp_path / "out") == export.to_coco([])


def test_an_annotated_clip_is_the_one_that_its_pair_gives_by_itself(files, tmp_path):
    run(some_pairs(files), tmp_path / "out", annotated=True, every=2)
    pairs = read_results(tmp_path / "out").pairs
    found = timeline.compare_videos(files / "real.mp4", files / "fake.mp4", every=2)
    annotation.annotate_video(found, tmp_path / "expected.mp4")
    clips = list((tmp_path / "out" / "annotated").iterdir())
    assert clips == [tmp_path / "out" / pairs.loc["e", "annotated"]]
    assert pairs.drop("e")["annotated"].isna().all()
    with video.read_frames(clips[0]) as frames, video.read_frames(tmp_path / "expected.mp4") as expected:
        assert [np.array_equal(a.picture, b.picture) for a, b in zip(frames, expected, strict=True)] == [True] * 6


def test_clips_are_annotated_with_metrics_alone(files, tmp_path):
    run([(files / "real.mp4", files / "fake.mp4", "e")], tmp_path / "out", annotated=True, recipe=None)
    clip = tmp_path / "out" / read_results(tmp_path / "out").pairs.loc["e", "annotated"]
    assert video.clip_info(clip).frames == 12


ASKED = {"masks": True, "coco": True, "annotated": True}


def files_in(out: Path) -> dict[str, bytes]:
    """Return all that stands in a run's folder for its users, by name."""
    names = [*TABLES, "coco.json", *(str(each.relative_to(out)) for word in ASKED for each in (out / word).iterdir())]
    return {name: (out / name).read_bytes() for name in names}


def test_the_files_are_the_same_however_often_the_run_broke_off(files, tmp_path):
    pairs = some_pairs(files)

    def broken_off(stop):
        yield from reversed(pairs[:stop])
        raise RuntimeError("the list broke off")

    run(pairs, tmp_path / "whole", **ASKED)
    for stop in (2, 4):
        with pytest.raises(RuntimeError, match="the list broke off"):
            run(broken_off(stop), tmp_path / "broken", pending=1, **ASKED)
    run(pairs, tmp_path / "broken", **ASKED)
    assert files_in(tmp_path / "broken") == files_in(tmp_path / "whole")
    assert len(files_in(tmp_path / "whole")) == 3 + 3 + 3 + 1


@pytest.mark.parametrize(("gone", "again"), [("masks", "abc"), ("coco", "abc"), ("annotated", "e"), ("coco.json", "")])
def test_files_that_are_gone_are_made_again(files, tmp_path, gone, again):
    pairs = [pair for pair in some_pairs(files) if pair.name in "abce"]
    run(pairs, tmp_path / "out", **ASKED)
    before = files_in(tmp_path / "out")
    place = tmp_path / "out" / gone
    for path in place.iterdir() if place.is_dir() else [place]:
        path.unlink()
    executor = Inline()
    run(pairs, tmp_path / "out", executor=executor, **ASKED)
    assert "".join(sorted(executor.names)) == again
    assert files_in(tmp_path / "out") == before


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"images": [], "annotations": []}', '{"images": [{}]}'])
def test_a_damaged_file_of_regions_is_named(files, tmp_path, text):
    pairs = some_pairs(files)
    run(pairs, tmp_path / "out", coco=True)
    before = (tmp_path / "out" / "coco.json").read_bytes()
    path = tmp_path / "out" / read_results(tmp_path / "out").pairs.loc["a", "coco"]
    path.write_text(text)
    (tmp_path / "out" / "coco.json").unlink()
    with pytest.raises(ValueError, match=rf"{path.name} is damaged \(.*\); remove it and call compare_many"):
        run(pairs, tmp_path / "out", coco=True)
    assert not list((tmp_path / "out").glob("*coco.json"))
    path.unlink()
    run(pairs, tmp_path / "out", coco=True)
    assert (tmp_path / "out" / "coco.json").read_bytes() == before


# The same tables, however they came about.


def test_threads_and_order_do_not_show_in_the_tables(files, tmp_path, undisturbed):
    with ThreadPoolExecutor(3) as threads:
        run(reversed(some_pairs(files)), tmp_path / "out", executor=threads, pending=2)
    assert bytes_of(tmp_path / "out") == undisturbed


@pytest.mark.slow
def test_worker_processes_make_the_same_tables_and_one_that_dies_takes_none_with_it(files, tmp_path, monkeypatch):
    monkeypatch.setattr(_batch_flow, "work", work_or_die)
    monkeypatch.setattr(batch, "shares_of_this_machine", lambda: (None, None))
    deadly = LabelledPair(files / "real.png", files / "fake.png", "deadly")
    others = [LabelledPair(files / "real.mp4", files / "fake.mp4", f"clip {n}") for n in range(3)]
    said = run([deadly, *others], tmp_path / "out", executor=None)
    assert (said.pairs, said.manipulated, said.failed) == (4, 3, 1)
    pairs, frames = read_results(tmp_path / "out")
    assert pairs.loc["deadly", "error"] == (
        "the worker process died: out of memory, or a crash in a library (tried twice, the second time alone)"
    )
    assert len(frames) == 36
    run(others, tmp_path / "inline")
    assert frames.equals(read_results(tmp_path / "inline").frames)
    assert multiprocessing.active_children() == []


def test_a_worker_keeps_to_its_share_of_the_cores():
    core = min(os.sched_getaffinity(0))
    with Crew([frozenset({core})], os.getpid) as crew:
        assert crew.submit(os.sched_getaffinity, 0).result() == {core}


def test_workers_that_cannot_start_are_told_apart_from_pairs_that_kill():
    crew = Crew([None], functools.partial(os._exit, 1))
    with crew, pytest.raises(RuntimeError, match=r'could not be started.*below `if __name__ == "__main__":`'):
        crew.submit(os.getpid)


@pytest.mark.slow
def test_a_worker_that_died_is_replaced():
    with Crew([None], functools.partial(_batch_work.warm_up, METRICS)) as crew:
        with pytest.raises(BrokenProcessPool):
            crew.submit(os._exit, 1).result()
        assert crew.submit(abs, -3).result() == 3


def test_each_core_gets_a_worker():
    shares = shares_of_this_machine()
    assert sorted(core for share in shares for core in share) == sorted(os.sched_getaffinity(0))
    assert {len(share) for share in shares} == {1}


def test_warming_up_runs_the_recipe():
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_batch_work, "find_regions", lambda _, **options: seen.append(options["recipe"]))
        _batch_work.warm_up(replace(METRICS, recipe="otsu"))
    assert seen == ["otsu"]


@pytest.mark.parametrize("stop", range(7))
def test_a_run_that_breaks_off_goes_on_where_it_was(files, tmp_path, undisturbed, stop):
    pairs = some_pairs(files)

    def broken_off():
        yield from pairs[:stop]
        raise RuntimeError("the list broke off")

    first, second = Inline(), Inline()
    with pytest.raises(RuntimeError, match="the list broke off"):
        run(broken_off(), tmp_path / "out", executor=first, pending=1)
    with pytest.raises(
        FileNotFoundError, match=r"this run is not finished, pairs.parquet is missing; call compare_many"
    ):
        read_results(tmp_path / "out")
    said = run(pairs, tmp_path / "out", executor=second)
    assert bytes_of(tmp_path / "out") == undisturbed
    failing = {"d", "f"}
    again = set(first.names) & set(second.names)
    assert again <= failing, "only what failed is tried again"
    assert {*first.names, *second.names} == set("abcdef")
    assert said.kept == len(set(first.names) - failing)


def test_a_finished_run_compares_only_what_failed(files, tmp_path, undisturbed):
    run(some_pairs(files), tmp_path / "out")
    again = Inline()
    said = run(some_pairs(files), tmp_path / "out", executor=again)
    assert sorted(again.names) == ["d", "f"]
    assert (said.pairs, said.compared, said.kept) == (6, 2, 4)
    assert bytes_of(tmp_path / "out") == undisturbed


def test_new_pairs_are_added(files, tmp_path, undisturbed):
    pairs = some_pairs(files)
    run(pairs[:4], tmp_path / "out")
    assert run(pairs[4:], tmp_path / "out").pairs == 6
    assert bytes_of(tmp_path / "out") == undisturbed


def test_a_pair_is_compared_again_when_its_files_changed_and_not_when_they_are_gone(files, tmp_path):
    fake = tmp_path / "fake.png"
    fake.write_bytes((files / "real.png").read_bytes())
    pairs = [(files / "real.png", fake, "a")]
    assert run(pairs, tmp_path / "out").manipulated == 0
    fake.write_bytes((files / "fake.png").read_bytes())
    assert run(pairs, tmp_path / "out").manipulated == 1
    fake.unlink()
    said = run(pairs, tmp_path / "out")
    assert (said.kept, said.manipulated, said.failed) == (1, 1, 0)
    # The same name for another file is another pair: its row takes the place.
    said = run([(files / "real.png", files / "real.png", "a")], tmp_path / "out")
    assert (said.compared, said.pairs, said.manipulated) == (1, 1, 0)


def test_files_that_vanish_in_mid_run_cost_their_own_pairs_only(files, tmp_path):
    clips = [tmp_path / f"{name}.mp4" for name in "abc"]
    for clip in clips:
        clip.write_bytes((files / "fake.mp4").read_bytes())

    class Unmounts(Inline):
        def run(self, function, *args, **options):
            if len(self.tasks) == 2:
                clips[1].unlink()
            return super().run(function, *args, **options)

    said = run([(files / "real.mp4", clip) for clip in clips], tmp_path / "out", executor=Unmounts())
    assert (said.pairs, said.failed, said.manipulated) == (3, 1, 2)
    assert read_results(tmp_path / "out").pairs.loc[str(clips[1]), "error"].startswith("FileNotFoundError: ")


def test_duplicates_are_compared_once_and_one_name_is_for_one_pair(files, tmp_path):
    pair = (files / "real.png", files / "fake.png", "a")
    executor = Inline()
    said = run([pair, pair], tmp_path / "out", executor=executor)
    assert executor.names == ["a"]
    assert said.duplicates == 1
    assert str(said).endswith("1 compared now, 1 given twice")
    with pytest.raises(ValueError, match="pairs must have names of their own, got 'a' for different files, the second"):
        run([pair, (files / "real.png", files / "other.png", "a")], tmp_path / "out")


# Interrupts, broken executors, full disks.


def test_after_ctrl_c_what_is_under_way_is_done_and_kept(files, tmp_path, undisturbed):
    pairs = some_pairs(files)
    gate = threading.Event()

    def interrupted():
        yield from pairs[:2]
        gate.set()
        raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as threads:
        threads.submit(gate.wait)
        with pytest.raises(KeyboardInterrupt, match="kept: to go on, call compare_many with the same arguments"):
            run(interrupted(), tmp_path / "out", executor=threads)
    second = Inline()
    run(pairs, tmp_path / "out", executor=second)
    assert bytes_of(tmp_path / "out") == undisturbed
    # The first task was begun when the interrupt came, or taken back; nothing is known of more.
    assert {"a", "c"} <= set(second.names)


def test_results_under_way_are_not_lost_by_ctrl_c(files, tmp_path):
    class Slow(Inline):
        """Futures are begun at once, and done when somebody asks for them."""

        def submit(self, function, /, *args, **options):
            future = Future()
            future.set_running_or_notify_cancel()
            threading.Timer(0.2, lambda: future.set_result(function(*args, **options))).start()
            return future

    def interrupted():
        yield LabelledPair(files / "real.mp4", files / "fake.mp4", "e")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="interrupted; what is compared so far is kept"):
        run(interrupted(), tmp_path / "out", executor=Slow())
    assert run([(files / "real.mp4", files / "fake.mp4", "e")], tmp_path / "out").kept == 1


def test_a_task_that_fails_as_a_whole_is_tried_again_pair_by_pair(files, tmp_path, undisturbed):
    class FailsOnce(Inline):
        def run(self, function, *args, **options):
            if len(args[1]) > 1:
                raise ConnectionError("a worker is gone")
            return super().run(function, *args, **options)

    executor = FailsOnce()
    run(some_pairs(files), tmp_path / "out", executor=executor)
    assert bytes_of(tmp_path / "out") == undisturbed
    assert sorted(map(len, executor.tasks)) == [1, 1, 1, 1, 1, 1, 4]


def test_a_pair_whose_task_fails_twice_is_recorded(files, tmp_path):
    class Fails(Inline):
        def run(self, function, *args, **options):
            if any(pair.name == "a" for pair in args[1]):
                raise ConnectionError("a worker is gone")
            return super().run(function, *args, **options)

    run(some_pairs(files), tmp_path / "out", executor=Fails())
    pairs = read_results(tmp_path / "out").pairs
    assert pairs.loc["a", "error"] == "ConnectionError: a worker is gone (tried twice, the second time alone)"
    assert pairs.loc["b", "manipulated"]


class Breaks(Inline):
    """An executor that breaks at its second task."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def run(self, function, *args, **options):
        if len(self.tasks) == 2:
            raise self.error
        return super().run(function, *args, **options)


def test_an_executor_that_breaks_is_said_and_what_it_did_is_kept(files, tmp_path, undisturbed):
    with pytest.raises(
        BrokenExecutor, match=r"the executor broke: no more. What is compared so far is kept; leave exec"
    ):
        run(some_pairs(files), tmp_path / "out", executor=Breaks(BrokenProcessPool("no more.")), pending=1)
    second = Inline()
    run(some_pairs(files), tmp_path / "out", executor=second)
    assert set("abcdef") - set(second.names) == {"e"}
    assert bytes_of(tmp_path / "out") == undisturbed


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), ImportError('pip install "facediff[video]"')]
)
def test_what_would_befall_every_pair_stops_the_run(files, tmp_path, error):
    with pytest.raises(type(error), match=str(error.args[-1]).replace("[", r"\[")):
        run(some_pairs(files), tmp_path / "out", executor=Breaks(error), pending=1)


def test_a_full_disk_stops_a_worker_too(files, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(_batch_files, "write_image", full)
    with pytest.raises(OSError, match="No space left on device"):
        run(some_pairs(files), tmp_path / "out", masks=True)


def test_a_full_disk_leaves_what_was_written(files, tmp_path, undisturbed):
    pairs = some_pairs(files)
    run(pairs[:1], tmp_path / "out")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))  # a file that grows beyond it fails as on a full disk
    try:
        with pytest.raises(OSError, match=r"results could not be written .*make room and call again"):
            run(pairs, tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    second = Inline()
    run(pairs, tmp_path / "out", executor=second)
    assert "b" not in second.names
    assert bytes_of(tmp_path / "out") == undisturbed
    assert list((tmp_path / "out" / "parts").glob(".facediff-*")) == []


def test_workers_of_other_versions_are_refused(files, tmp_path):
    class Elsewhere(Inline):
        def run(self, function, *args, **options):
            done = super().run(function, *args, **options)
            return done._replace(environment=done.environment | {"opencv": "4.10.0"})

    with pytest.raises(RuntimeError, match=r"workers must have the versions that are here, got opencv 4.10.0 there, "):
        run(some_pairs(files), tmp_path / "out", executor=Elsewhere())


# Back-pressure.


def test_pairs_and_tasks_do_not_pile_up(files, tmp_path):
    taken = done = 0
    most_ahead = 0

    def endless():
        nonlocal taken, most_ahead
        for number in range(40):
            taken += 1
            most_ahead = max(most_ahead, taken - done)
            yield (files / "real.mp4", files / "gone.mp4", str(number))

    class Late(Inline):
        undone = most = 0

        def submit(self, function, /, *args, **options):
            future = Future()
            Late.undone += 1
            Late.most = max(Late.most, Late.undone)

            def finish():
                nonlocal done
                result = function(*args, **options)
                Late.undone -= 1
                done += 1
                future.set_result(result)

            threading.Timer(0.001, finish).start()
            return future

    assert run(endless(), tmp_path / "out", executor=Late(), pending=4).pairs == 40
    assert Late.most <= 4
    assert most_ahead <= 4 + 2  # the tasks under way, the one about to be, and one that was done but not yet counted


def test_small_pictures_share_a_task_and_clips_do_not(files, tmp_path):
    small = [(files / "real.png", files / "fake.png", str(n)) for n in range(20)]
    clips = [(files / "real.mp4", files / "gone.mp4", f"clip {n}") for n in range(2)]
    executor = Inline()
    run([*clips, *small], tmp_path / "out", executor=executor)
    sizes = [len(task) for task in executor.tasks]
    assert sizes[:2] == [1, 1]
    # Of 26 kB each, ten exceed what closes a task.
    assert sizes[2:] == [11, 9]


# The folder.


def test_a_folder_of_another_run_is_refused(files, tmp_path):
    out = tmp_path / "out"
    run(some_pairs(files)[:1], out)
    with pytest.raises(
        ValueError, match=r"recipe 'noise-aware' there, 'otsu' here; .*name another out, so that no table"
    ):
        run(some_pairs(files), out, recipe="otsu")
    with pytest.raises(ValueError, match=r"parameters.false_alarm_rate 0.01 there, 0.001 here"):
        run(some_pairs(files), out, false_alarm_rate=0.001)
    with pytest.raises(ValueError, match=r"clips.every 1 there, 5 here"):
        run(some_pairs(files), out, every=5)
    for asked in ASKED:
        with pytest.raises(ValueError, match=rf"got {asked} False there, True here; name another out"):
            run(some_pairs(files), out, **{asked: True})
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["versions"]["facediff"] = "0.0.1"
    (out / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ValueError, match=r"versions.facediff '0.0.1' there, '.*' here"):
        run(some_pairs(files), out)


def test_a_folder_that_is_no_run_is_refused(files, tmp_path):
    pairs = some_pairs(files)
    with pytest.raises(FileExistsError, match=r"out must be empty or a run's, and this folder holds 'broken.png'"):
        run(pairs, files)
    with pytest.raises(NotADirectoryError, match="out must be a folder, and this is a file"):
        run(pairs, files / "real.png")
    with pytest.raises(NotADirectoryError, match="out must be a folder, and this is a file"):
        run(pairs, files / "real.png" / "below")
    run(pairs[:1], tmp_path / "out")
    with pytest.raises(
        FileExistsError, match="this folder holds a run already; name another out, or go on with resume"
    ):
        run(pairs, tmp_path / "out", resume=False)
    for text in ("{", "[]", '{"schema": "another"}'):
        (tmp_path / "out" / "manifest.json").write_text(text)
        with pytest.raises(ValueError, match=r"manifest.json must be (JSON, got|the manifest of a run of facediff)"):
            run(pairs, tmp_path / "out")


def test_a_second_run_on_one_folder_is_refused_and_named(files, tmp_path):
    def pairs():
        yield some_pairs(files)[0]
        with pytest.raises(BlockingIOError, match=f"process {os.getpid()} is writing to this folder; wait for its end"):
            run(some_pairs(files), tmp_path / "out")

    assert run(pairs(), tmp_path / "out").pairs == 1


def test_what_a_killed_run_left_half_written_is_swept(files, tmp_path, undisturbed):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".facediff-0123.json").touch()
    run(some_pairs(files)[:3], tmp_path / "out")
    left = [tmp_path / "out" / "parts" / ".facediff-01.parquet", tmp_path / "out" / ".facediff-02.parquet"]
    left += [tmp_path / "out" / folder / ".facediff-03" for folder in ASKED]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
    (tmp_path / "out" / "pairs.parquet").unlink()  # killed after the frames' table, before that of the pairs
    run(some_pairs(files), tmp_path / "out")
    assert bytes_of(tmp_path / "out") == undisturbed
    assert not any(path.exists() for path in left)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[40] ^= 255  # in the first page
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [cut, flip, Path.unlink])
@pytest.mark.parametrize("kind", ["pairs", "frames"])
def test_a_damaged_part_is_set_aside_and_made_again(files, tmp_path, undisturbed, damage, kind):
    out = tmp_path / "out"
    run(some_pairs(files)[:3], out)
    run(some_pairs(files), out)
    damage(out / "parts" / f"000001.{kind}.parquet")
    if (kind, damage) == ("pairs", Path.unlink):  # then nothing tells that there ever was such a part
        run(some_pairs(files), out)
    else:
        with pytest.warns(RuntimeWarning, match=r"part file .* is damaged \(.*\); its pairs are compared again"):
            run(some_pairs(files), out)
        assert (out / "parts" / "000001.pairs.parquet.damaged").exists()
    assert bytes_of(out) == undisturbed
    assert run(some_pairs(files), out).kept == 4


def test_frames_that_are_not_those_of_their_pairs_are_damage(files, tmp_path, undisturbed):
    out = tmp_path / "out"
    run(some_pairs(files), out)
    run([(files / "real.png", files / "fake.png", "z")], tmp_path / "other")
    (out / "parts" / "000001.frames.parquet").write_bytes((tmp_path / "other/parts/000001.frames.parquet").read_bytes())
    with pytest.warns(RuntimeWarning, match=r"frames.parquet is damaged \(rows of 0 clips, not of 1\)"):
        run(some_pairs(files), out)
    assert bytes_of(out) == undisturbed


def test_a_file_that_may_not_be_read_is_no_damage(files, tmp_path, monkeypatch):
    run(some_pairs(files), tmp_path / "out")

    def refused(_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(_batch_store, "open_parquet", refused)
    with pytest.raises(PermissionError, match="Permission denied"):
        run(some_pairs(files), tmp_path / "out")
    monkeypatch.setattr("facediff._batch_reading.open_parquet", refused)
    with pytest.raises(PermissionError, match="Permission denied"):
        read_results(tmp_path / "out")
    assert not list((tmp_path / "out" / "parts").glob("*.damaged"))


names = st.sampled_from("abcde")


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(parts=st.lists(st.dictionaries(names, st.tuples(st.integers(0, 9), st.integers(0, 7))), max_size=5))
def test_the_tables_hold_the_last_row_of_each_pair_in_order(parts, tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    expected: dict[str, tuple[int, int]] = {}
    store = Store(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_batch_store, "_GROUP", 3)
        patch.setattr(_batch_store, "_OPEN", 1)
        for part in parts:
            for name, (value, frames) in part.items():
                rows = {"name": [name] * frames, "index": range(frames), "area": [value] * frames}
                full = {field.name: rows.get(field.name, [None] * frames) for field in frame_schema()}
                table = pa.table(full, schema=frame_schema()) if frames else None
                store.add(_batch_work.Result({"name": name, "regions": value, "frames": frames}, table))
            store.flush()
            expected |= part
        store.finish()
    pairs = pa.parquet.read_table(folder / "pairs.parquet")
    assert pairs.schema.equals(pair_schema())
    found = list(zip(pairs["name"].to_pylist(), pairs["regions"].to_pylist(), strict=True))
    assert found == [(name, value) for name, (value, _) in sorted(expected.items())]
    frames = pa.parquet.ParquetFile(folder / "frames.parquet")
    sizes = [frames.metadata.row_group(n).num_rows for n in range(frames.num_row_groups)]
    assert set(sizes[:-1]) <= {3}
    series = frames.read()
    assert list(zip(*(series[column].to_pylist() for column in ("name", "index", "area")), strict=True)) == [
        (name, index, value) for name, (value, frames) in sorted(expected.items()) for index in range(frames)
    ]


@pytest.mark.parametrize(("limit", "least"), [("_PART_PAIRS", 2), ("_PART_FRAMES", 2), ("_PART_SECONDS", -1)])
def test_a_part_is_written_before_much_could_be_lost(files, tmp_path, monkeypatch, limit, least):
    monkeypatch.setattr(_batch_store, limit, least)
    run([(files / "real.mp4", files / "fake.mp4", str(n)) for n in range(4)], tmp_path / "out")
    parts = len(list((tmp_path / "out" / "parts").glob("*.pairs.parquet")))
    assert parts == (2 if limit == "_PART_PAIRS" else 4)


# What is asked for is checked.


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"pairs": "real.png"}, TypeError, "pairs must be an iterable of pairs, got str"),
        ({"pairs": 3}, TypeError, "pairs must be an iterable of pairs, got int"),
        ({"pairs": ["a.png"]}, TypeError, "pairs must hold .* got str at place 0"),
        ({"pairs": [("a", "b", "c", "d")]}, TypeError, "pairs must hold .* got 4 values at place 0"),
        ({"pairs": [(1, "b")]}, TypeError, "real must be a path"),
        ({"pairs": [("a", "b", None)]}, TypeError, "name must be a str, got None"),
        ({"out": 3}, TypeError, "out must be a path"),
        ({"executor": "threads"}, TypeError, "executor must be a concurrent.futures.Executor, got str"),
        ({"pending": 0}, ValueError, "pending must be at least 1 task, got 0"),
        ({"pending": 1.5}, TypeError, "pending must be a whole number, got 1.5"),
        ({"resume": 1}, TypeError, "resume must be True or False, got 1"),
        ({"progress": None}, TypeError, "progress must be True or False, got None"),
        ({"masks": "yes"}, TypeError, "masks must be True or False, got 'yes'"),
        ({"coco": 1}, TypeError, "coco must be True or False, got 1"),
        ({"annotated": None}, TypeError, "annotated must be True or False, got None"),
        ({"masks": True, "recipe": None}, ValueError, "masks=True takes a recipe, got recipe=None, which finds no reg"),
        ({"coco": True, "recipe": None}, ValueError, "coco=True takes a recipe, got recipe=None, which finds no regi"),
        ({"recipe": "magic"}, ValueError, "recipe must be one of 'noise-aware', 'otsu', "),
        ({"recipe": "otsu", "align": True}, ValueError, "recipe 'otsu' has no test"),
        ({"false_alarm_rate": 0.5}, ValueError, "false_alarm_rate"),
        ({"every": 0}, ValueError, "every must be at least 1, got 0"),
        ({"length": "any"}, ValueError, "length must be one of 'equal', 'shortest', got 'any'"),
        ({"rate": "slow"}, ValueError, "rate must be one of 'equal', 'any', got 'slow'"),
    ],
)
def test_arguments_are_checked(tmp_path, options, error, text):
    good: dict[str, Any] = {"pairs": [], "out": tmp_path / "out", "progress": False, "executor": Inline()}
    chosen = good | options
    with pytest.raises(error, match=text):
        compare_many(chosen.pop("pairs"), **chosen)


def test_labelled_pairs_are_checked():
    wrong: Any = "fake"
    with pytest.raises(ValueError, match="label must be one of 'FAKE', 'REAL', got 'fake'"):
        LabelledPair("a", "b", label=wrong)
    wrong = 3
    with pytest.raises(TypeError, match=r"split must be a str, got 3 \(int\)"):
        LabelledPair("a", "b", split=wrong)
    assert str(LabelledPair(Path("a.png"), "b.png")) == "b.png: FAKE, b.png against a.png"


def test_no_pairs_make_empty_tables(tmp_path):
    assert run([], tmp_path / "out").pairs == 0
    pairs, frames = read_results(tmp_path / "out")
    assert (len(pairs), len(frames)) == (0, 0)
    assert str(batch.summarise(tmp_path / "out")) == "0 pairs, 0 failed, by recipe noise-aware"


def test_a_name_with_a_zero_byte_is_a_failure_of_its_own(files, tmp_path):
    assert run([(files / "real.png", "a\0b.png", "zero")], tmp_path / "out").failed == 1


def test_progress_is_drawn_only_when_asked_for(files, tmp_path, capsys):
    run(some_pairs(files)[:1], tmp_path / "quiet")
    assert capsys.readouterr() == ("", "")
    run(some_pairs(files)[:2], tmp_path / "loud", progress=True)
    assert "2/2" in capsys.readouterr().err
    run(iter(some_pairs(files)[:2]), tmp_path / "loud", progress=True)
    assert "pair" in capsys.readouterr().err


def test_missing_packages_are_named(files, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r'batches of pairs need pyarrow, .*pip install "facediff\[datasets\]"'):
        run(some_pairs(files), tmp_path / "out")
    monkeypatch.undo()
    real = _batch_work.version

    def version(package):
        if package == "av":
            raise _batch_work.PackageNotFoundError(package)
        return real(package)

    monkeypatch.setattr(_batch_work, "version", version)
    assert _batch_work.environment.__wrapped__()["av"] == "none"


# Reading and summing up.


def test_what_is_no_finished_run_is_not_read(files, tmp_path):
    with pytest.raises(FileNotFoundError, match="this folder holds no run; name the out of"):
        read_results(tmp_path)
    with pytest.raises(TypeError, match="frames must be True or False, got 1"):
        read_results(tmp_path, frames=1)  # type: ignore[arg-type]
    run(some_pairs(files), tmp_path / "out")
    cut(tmp_path / "out" / "pairs.parquet")
    with pytest.raises(ValueError, match=r"pairs.parquet is damaged \(.*\); remove it and call compare_many"):
        read_results(tmp_path / "out")
    (tmp_path / "out" / "pairs.parquet").unlink()
    run(some_pairs(files), tmp_path / "out")
    assert len(read_results(tmp_path / "out").pairs) == 6


def test_frames_may_be_left_out(files, tmp_path):
    run(some_pairs(files), tmp_path / "out")
    whole, none = read_results(tmp_path / "out").frames, read_results(tmp_path / "out", frames=False).frames
    assert len(whole) == 12
    assert len(none) == 0
    assert list(none.columns) == list(whole.columns)


@pytest.fixture(scope="session")
def mixed(files, tmp_path_factory):
    """Run fakes and reals, some of them labelled against their looks."""
    real, fake, clip = (str(files / name) for name in ("real.png", "fake.png", "real.mp4"))
    pairs = [
        LabelledPair(real, fake, "found", "FAKE", "swap", "train"),
        LabelledPair(clip, str(files / "fake.mp4"), "found clip", "FAKE", "swap", "test"),
        LabelledPair(real, real, "missed", "FAKE", "swap", "test"),
        LabelledPair(real, real, "quiet", "REAL"),
        LabelledPair(real, fake, "alarm", "REAL"),
        LabelledPair(real, str(files / "broken.png"), "broken", "FAKE", "swap", "test"),
    ]
    out = tmp_path_factory.mktemp("mixed")
    run(pairs, out)
    return out


def test_a_summary_counts_what_is_there(mixed):
    summary = batch.summarise(mixed, bins=10)
    assert (summary.pairs, summary.failed) == (6, 1)
    groups = summary.groups.reset_index()[["label", "method", "split", "pairs", "failed", "manipulated", "share"]]
    assert groups.to_numpy().tolist() == [
        ["FAKE", "swap", "test", 3, 1, 1, 0.5],
        ["FAKE", "swap", "train", 1, 0, 1, 1.0],
        ["REAL", "", "", 2, 0, 1, 0.5],
    ]
    assert list(summary.missed.index) == ["missed"]
    assert list(summary.false_alarms.index) == ["alarm"]
    assert list(summary.failures.index) == ["broken"]
    assert (summary.histogram.fakes.sum(), summary.histogram.reals.sum()) == (3, 2)
    # Margins: fakes m, n, 0 and reals 0, m, with m the larger one. Of the six comparisons two are won and two tied.
    assert summary.roc is not None
    assert summary.roc.area == pytest.approx((2 + 2 / 2) / 6)
    assert str(summary) == (
        "6 pairs, 1 failed; something found in 2 of 3 fakes; something found in 1 of 2 reals; "
        "ROC area of the margin 0.500, by recipe noise-aware"
    )


def test_a_summary_is_checked(mixed):
    with pytest.raises(ValueError, match="score must be one of 'margin', 'changed', 'mse', got 'ssim'"):
        batch.summarise(mixed, score="ssim")
    with pytest.raises(ValueError, match="bins must be at least 1, got 0"):
        batch.summarise(mixed, bins=0)


def test_workers_take_pairs_while_the_list_is_still_being_made(files, tmp_path):
    # The iterable is gone through as the work goes on, and never twice.
    pairs = iter(some_pairs(files))
    assert run(pairs, tmp_path / "out").pairs == 6
    with contextlib.suppress(StopIteration):
        pytest.fail(f"left over: {next(pairs)}")
