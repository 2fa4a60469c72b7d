"""The command line: every exit status, every form of output, and nothing but a line when something is wrong."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import facediff
from clips import make_clip, pictures
from facediff import batch, compare, images, timeline
from facediff.__main__ import main


def edited(picture):
    fake = picture.copy()
    fake[20:40, 30:60] = (250, 10, 120)
    return fake


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Make a folder with a real picture, a fake one, and a data set of two clips."""
    folder = tmp_path_factory.mktemp("files")
    (real,) = pictures(1)
    facediff.write_image(folder / "real.png", real)
    facediff.write_image(folder / "fake.png", edited(real))
    frames = pictures(6)
    (folder / "set").mkdir()
    make_clip(folder / "set" / "real.mp4", frames)
    make_clip(folder / "set" / "fake.mp4", [edited(frame) for frame in frames])
    label = {"fake.mp4": {"label": "FAKE", "split": "train", "original": "real.mp4"}}
    label["real.mp4"] = {"label": "REAL", "split": "train"}
    (folder / "set" / "metadata.json").write_text(json.dumps(label))
    return folder


def run(*arguments, **options):
    """Run the command as people do."""
    command = [sys.executable, "-m", "facediff", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", **options)


@pytest.fixture
def threads(monkeypatch):
    """Let data sets be compared in this process: starting others takes seconds."""
    together = batch.compare_many

    def in_threads(pairs, **options):
        with ThreadPoolExecutor(1) as executor:
            return together(pairs, executor=executor, **options)

    monkeypatch.setattr(batch, "compare_many", in_threads)


# --- run as a command -----------------------------------------------------------------------------


def test_an_unchanged_pair_is_status_0_and_a_line(files):
    done = run("compare", files / "real.png", files / "real.png")
    assert (done.returncode, done.stderr) == (0, "")
    real = facediff.read_image(files / "real.png")
    assert done.stdout == f"{facediff.find_regions(facediff.compare_images(real, real))}\n"


def test_a_manipulated_pair_is_status_1_and_json(files):
    done = run("compare", files / "real.png", files / "fake.png", "--json", "--false-alarm-rate", "0.001")
    assert (done.returncode, done.stderr) == (1, "")
    data = json.loads(done.stdout)
    comparison = facediff.compare_images(*facediff.read_pair(files / "real.png", files / "fake.png"))
    found = facediff.find_regions(comparison, false_alarm_rate=0.001)
    assert data["manipulated"] is True
    assert data["parameters"]["false_alarm_rate"] == 0.001
    assert data["mse"] == comparison.mse
    assert [tuple(region["box"]) for region in data["regions"]] == [region.box.xyxy for region in found.regions]
    assert (data["real"], data["recipe"], data["recipe_version"]) == (str(files / "real.png"), "noise-aware", 1)


def test_an_error_is_status_2_and_one_line(files):
    done = run("compare", files / "real.png", "gone\n\udcff.png")
    assert (done.returncode, done.stdout) == (2, "")
    said = "there is no such picture; check the name, and the folder that it is relative to"
    assert done.stderr == f"facediff: gone\\n\\udcff.png: {said}\n"


def test_a_clip_is_status_1_and_quiet_in_a_pipe(files):
    done = run("clip", files / "set" / "real.mp4", files / "set" / "fake.mp4")
    assert done.returncode == 1
    assert done.stderr == "", "no progress bar: nobody is there to see it"
    assert "1 track, manipulated in frames 0 to 5" in done.stdout


@pytest.mark.slow
def test_a_data_set_is_compared_by_worker_processes(files, tmp_path):
    page = tmp_path / "run.html"
    done = run("dataset", files / "set", "--out", tmp_path / "out", "--json", "--report", page)
    assert (done.returncode, done.stderr) == (1, "")
    data = json.loads(done.stdout)
    assert (data["pairs"], data["manipulated"], data["failed"], data["failures"]) == (1, 1, 0, {})
    assert "1 of 1 pair manipulated" in page.read_text(encoding="utf-8")


def test_a_reader_that_has_had_enough_is_no_error(files):
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "facediff", "compare", str(files / "real.png"), str(files / "fake.png")]
    try:
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_ctrl_c_is_status_130_and_one_line(files, tmp_path):
    # A pipe for a picture: once it is opened for writing here, the command has opened it and waits for bytes.
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "facediff", "compare", str(pipe), str(files / "fake.png")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process, open(pipe, "wb"):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert (out, err) == (b"", b"facediff: interrupted; a data set is gone on with by the same command\n")


# --- the rest within this process -----------------------------------------------------------------


def test_what_was_found_stays_found_when_nobody_reads_it(files, monkeypatch):
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert main(["compare", str(files / "real.png"), str(files / "fake.png")]) == 1
        stream.write("goes nowhere, and is no error")


def test_the_json_of_a_clip_holds_its_tracks(files, capsys):
    assert main(["clip", str(files / "set" / "real.mp4"), str(files / "set" / "fake.mp4"), "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    result = timeline.compare_videos(files / "set" / "real.mp4", files / "set" / "fake.mp4")
    assert data["frames"] == 6
    assert [(each["start"], each["stop"]) for each in data["segments"]] == [(0, 6)]
    (track,) = data["tracks"]
    assert {int(frame): tuple(box) for frame, box in track["boxes"].items()} == {
        frame: box.xyxy for frame, box in zip(result.tracks[0].frames.tolist(), result.tracks[0].boxes, strict=True)
    }


def test_an_unchanged_clip_is_status_0(files, capsys):
    clip = str(files / "set" / "real.mp4")
    assert main(["clip", clip, clip]) == 0
    assert "nothing changed" in capsys.readouterr().out


def test_infinity_is_null_in_json(files, capsys):
    same = str(files / "real.png")
    assert main(["compare", same, same, "--json"]) == 0
    data = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert (data["psnr"], data["threshold"], data["identical"], data["regions"]) == (None, None, True, [])


def test_the_published_recipe_is_asked_for_by_name(files, capsys):
    pair = [str(files / "real.png"), str(files / "fake.png")]
    assert main(["compare", *pair, "--recipe", "otsu", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["recipe"] == "otsu"
    assert main(["compare", *pair, "--recipe", "otsu", "--false-alarm-rate", "0.01"]) == 2
    said = "facediff: recipe 'otsu' has no test and takes no false_alarm_rate; leave it out\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("command", ["compare", "clip"])
def test_a_report_is_written_beside_the_answer(files, tmp_path, capsys, command):
    pair = {"compare": ("real.png", "fake.png"), "clip": ("set/real.mp4", "set/fake.mp4")}[command]
    page = tmp_path / "page.html"
    assert main([command, *(str(files / name) for name in pair), "--report", str(page)]) == 1
    text = page.read_text(encoding="utf-8")
    assert pair[1].rpartition("/")[2] in text
    assert capsys.readouterr().out.count("\n") == 1


def test_a_page_that_cannot_be_written_is_refused_before_the_work(files, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(timeline, "compare_videos", pytest.fail)
    clip = str(files / "set" / "real.mp4")
    assert main(["clip", clip, clip, "--report", str(tmp_path / "no" / "page.html")]) == 2
    assert capsys.readouterr().err == f"facediff: {tmp_path / 'no'}: there is no such folder; create it first\n"
    assert main(["clip", clip, clip, "--report", "page.pdf"]) == 2
    assert "path must end in .html" in capsys.readouterr().err


def test_a_data_set_with_a_pair_that_failed_is_status_2(files, tmp_path, capsys, threads):  # noqa: ARG001
    root = tmp_path / "set"
    root.mkdir()
    for name in ("real.mp4", "fake.mp4", "metadata.json"):
        (root / name).write_bytes((files / "set" / name).read_bytes())
    (root / "fake.mp4").write_bytes(b"no clip")
    assert main(["dataset", str(root), "--out", str(tmp_path / "out"), "--json"]) == 2
    data = json.loads(capsys.readouterr().out)
    assert (data["pairs"], data["failed"]) == (1, 1)
    (reason,) = data["failures"].values()
    assert "cannot be opened as a clip" in reason


def test_a_data_set_without_a_pair_is_an_error_and_leaves_no_folder(files, tmp_path, capsys):
    root = tmp_path / "set"
    root.mkdir()
    (root / "metadata.json").write_bytes((files / "set" / "metadata.json").read_bytes())
    out = tmp_path / "out"
    assert main(["dataset", str(root), "--out", str(out)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"facediff: {root}: ROOT must hold a pair of clips, got none")
    assert said.count("\n") == 1
    assert not out.exists()


def test_a_data_set_without_any_clip_is_an_error(tmp_path, capsys):
    (tmp_path / "Celeb-synthesis").mkdir()
    assert main(["dataset", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert (
        capsys.readouterr().err == f"facediff: {tmp_path}: ROOT must hold a pair of clips, got none; check the folder\n"
    )


def test_an_unchanged_data_set_is_status_0_and_a_line(files, tmp_path, capsys, threads):  # noqa: ARG001
    root = tmp_path / "set"
    root.mkdir()
    for name, source in (("real.mp4", "real.mp4"), ("fake.mp4", "real.mp4"), ("metadata.json", "metadata.json")):
        (root / name).write_bytes((files / "set" / source).read_bytes())
    assert main(["dataset", str(root), "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out == f"1 pair in {tmp_path / 'out'}: 0 manipulated, 0 failed; 1 compared now\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the following arguments are required: compare | clip | dataset; see python -m facediff --help"),
        (["compare", "a"], "the following arguments are required: FAKE; see python -m facediff compare --help"),
        (["dataset", "a"], "the following arguments are required: --out; see python -m facediff dataset --help"),
        (["compare", "a", "b", "--false-alarm-rate", "x"], "argument --false-alarm-rate: invalid float value: 'x'"),
        (["clip", "a", "b", "--recipe", "best"], "recipe must be one of 'noise-aware', 'otsu', "),
        (["dataset", "nowhere", "--out", "a"], "nowhere: there is no such folder; check the name, and the folder that"),
    ],
)
def test_a_wrong_call_is_status_2_and_one_line(arguments, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"facediff: {said}")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_help_and_version_are_status_0(flag, capsys):
    assert main([flag]) == 0
    out = capsys.readouterr().out
    assert facediff.__version__ in out if flag == "--version" else "Exit status: 0 unchanged, 1 manipulated" in out


@pytest.mark.parametrize(
    ("raised", "status", "said"),
    [
        (KeyboardInterrupt(), 130, "interrupted; a data set is gone on with by the same command"),
        (OSError("no number"), 2, "no number"),
        (OSError(28, "No space left on device"), 2, "No space left on device"),
        (RuntimeError("workers cannot be started"), 2, "workers cannot be started"),
        (KeyError("x"), 2, "KeyError: 'x'; this is a bug, please report it"),
    ],
)
def test_whatever_happens_is_one_line(raised, status, said, files, capsys, monkeypatch):
    def fail(*_, **__):
        raise raised

    monkeypatch.setattr(compare, "compare_images", fail)
    assert main(["compare", str(files / "real.png"), str(files / "real.png")]) == status
    assert capsys.readouterr().err == f"facediff: {said}\n"


@pytest.mark.parametrize("command", ["clip", "dataset"])
def test_progress_is_drawn_for_a_terminal(command, files, tmp_path, capsys, monkeypatch, threads):  # noqa: ARG001
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    root = files / "set"
    arguments = {"clip": [root / "real.mp4", root / "fake.mp4"], "dataset": [root, "--out", tmp_path / "out"]}[command]
    assert main([command, *map(str, arguments)]) == 1
    assert "comparing" in capsys.readouterr().err


def test_the_arguments_are_those_of_the_process_by_default(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["facediff", "--version"])
    assert main() == 0
    assert capsys.readouterr().out == f"facediff {facediff.__version__}\n"


def test_a_picture_that_differs_in_size_is_one_line(files, tmp_path, capsys):
    images.write_image(tmp_path / "small.png", np.zeros((8, 8, 3), np.uint8))
    assert main(["compare", str(files / "real.png"), str(tmp_path / "small.png")]) == 2
    assert "real and fake must have the same size and kind" in capsys.readouterr().err
