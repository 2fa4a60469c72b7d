"""An annotated clip holds the pictures that were compared, boxes where the tracks are, and is written whole or not."""

from __future__ import annotations

import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from clips import LOSSLESS, make_clip, pictures
from compared_clips import made, track
from facediff import Box
from facediff._caption import Caption, fields
from facediff._marks import Mark, marks_of
from facediff.annotation import annotate_video
from facediff.draw import CYCLE, VERMILION
from facediff.timeline import VideoComparison, compare_videos
from facediff.video import clip_info, read_frames

HEIGHT, WIDTH = 128, 320
BOX = Box(100, 40, 148, 96)
GRAY = (200, 200, 200)


def level(number: int) -> int:
    return 60 + 12 * number


def scenes(count: int) -> list[np.ndarray[Any, Any]]:
    """Return pictures in which every frame has a gray of its own, over fixed texture in the lower half."""
    texture = np.random.default_rng(2).integers(60, 120, (HEIGHT, WIDTH, 3), np.uint8)
    frames = [texture.copy() for _ in range(count)]
    for number, frame in enumerate(frames):
        frame[: HEIGHT // 4] = level(number)
    return frames


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> VideoComparison:
    folder = tmp_path_factory.mktemp("clips")
    frames = scenes(10)
    edited = [frame.copy() for frame in frames]
    for frame in edited[2:8]:
        frame[BOX.slices] = 255 - frame[BOX.slices]
    real = make_clip(folder / "real.mkv", frames, rate=12, **LOSSLESS)
    return compare_videos(real, make_clip(folder / "fake.mkv", edited, rate=12, **LOSSLESS))


@pytest.fixture(scope="module")
def beside(result: VideoComparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("annotated") / "beside.mp4"
    annotate_video(result, path)
    return path


def frames_of(path: Path) -> list[np.ndarray[Any, Any]]:
    return [frame.picture for frame in read_frames(path)]


def is_near(pixels: np.ndarray[Any, Any], color: tuple[int, int, int], far: int = 24) -> np.ndarray[Any, Any]:
    return np.asarray((np.abs(pixels.astype(int) - color) <= far).all(axis=-1))


def top_of(sheet: np.ndarray[Any, Any], frame: np.ndarray[Any, Any], left: int) -> int:
    """Return the row in which a picture begins, found by its own pixels."""
    column = np.abs(sheet[:, left + WIDTH // 2].astype(int) - frame[0, 0].astype(int)).max(axis=1) <= 6
    return int(np.flatnonzero(column)[0])


# --- the clip --------------------------------------------------------------------------------------------------------


def test_the_clip_holds_both_pictures_of_every_frame_side_by_side(result: VideoComparison, beside: Path) -> None:
    sheets = frames_of(beside)
    assert len(sheets) == 10
    info = clip_info(beside)
    assert (info.codec, info.pixel_format, info.rate) == ("h264", "yuv420p", 12)
    right = info.width - WIDTH - info.width % 2
    for sheet, frame in zip(sheets, scenes(10), strict=True):
        top = top_of(sheet, frame, 0)
        rows = slice(top + 2, top + HEIGHT // 4 - 2)
        for left in (0, right):
            shown = sheet[rows, left + 4 : left + 80].astype(int)
            assert np.abs(shown - frame[0, 0]).mean() < 3
    assert result.shape == (HEIGHT, WIDTH)


def test_a_track_is_boxed_where_and_when_it_was_seen(result: VideoComparison, beside: Path) -> None:
    (found,) = result.tracks
    assert list(found.frames) == list(range(2, 8))
    for number, (sheet, frame) in enumerate(zip(frames_of(beside), scenes(10), strict=True)):
        top = top_of(sheet, frame, 0)
        for left in (0, sheet.shape[1] - WIDTH):
            if number not in found.frames:
                assert not is_near(sheet[top : top + HEIGHT, left : left + WIDTH], VERMILION).any()
                continue
            box = found.boxes[number - 2]
            rows = slice(top + box.top + 4, top + box.bottom - 4)
            line = sheet[rows, left + box.left - 1 : left + box.left + 1]
            assert is_near(line, VERMILION, 60).mean() > 0.9
            inside = sheet[top + box.top + 4 : top + box.bottom - 4, left + box.left + 4 : left + box.right - 4]
            assert not is_near(inside, VERMILION, 60).any()


def test_what_is_written_changes_with_the_frame_and_only_there(beside: Path) -> None:
    sheets = frames_of(beside)
    top = top_of(sheets[0], scenes(1)[0], 0)
    lower = [sheet[top + HEIGHT + 2 :].astype(int) for sheet in sheets]
    upper = [sheet[: top - 2].astype(int) for sheet in sheets]
    assert all(np.abs(each - upper[0]).max() <= 20 for each in upper), "the names of the pictures stand still"
    assert all((np.abs(each - lower[0]) > 60).any() for each in lower[1:])
    alarm = [is_near(each, (255, 176, 0), 70).any() for each in lower]
    assert alarm == [2 <= number < 8 for number in range(10)]


def test_overlay_shows_the_fake_alone(result: VideoComparison, tmp_path: Path) -> None:
    path = tmp_path / "over.mp4"
    annotate_video(result, path, layout="overlay")
    sheet, frame = frames_of(path)[4], scenes(10)[4]
    assert sheet.shape[1] == WIDTH
    top = top_of(sheet, frame, 0)
    middle = (slice(top + 60, top + 80), slice(110, 140))
    edited = 255 - frame[60:80, 110:140].astype(int)
    assert abs(sheet[middle].mean() - edited.mean()) < 4


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_animations_are_written_too(result: VideoComparison, tmp_path: Path, suffix: str) -> None:
    from PIL import Image

    path = tmp_path / f"clip{suffix}"
    annotate_video(result, path, layout="overlay")
    with Image.open(path) as image:
        assert image.n_frames == 10
        image.seek(4)
        shown = np.asarray(image.convert("RGB"))
    assert is_near(shown, VERMILION, 30).sum() > 100


def test_the_rate_is_that_of_the_real_clip_over_every(result: VideoComparison, tmp_path: Path) -> None:
    part = compare_videos(result.real, result.fake, start=1, every=3)
    annotate_video(part, tmp_path / "part.mp4", layout="overlay")
    info = clip_info(tmp_path / "part.mp4")
    assert (info.rate, info.frames) == (4, 3)
    for sheet, index in zip(frames_of(tmp_path / "part.mp4"), (1, 4, 7), strict=True):
        gray = level(index)
        assert is_near(sheet[:, WIDTH // 2], (gray, gray, gray), 6).sum() > 20


@pytest.mark.parametrize(("count", "rate"), [(6, 20), (1, 25)])
def test_a_clip_without_a_rate_runs_as_its_times_say(
    count: int, rate: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [make_clip(tmp_path / name, pictures(count), rate=20, **LOSSLESS) for name in ("real.mkv", "fake.mkv")]
    compared = compare_videos(*both, recipe=None)
    stated = clip_info(both[0])
    monkeypatch.setattr("facediff.annotation.clip_info", lambda path: replace(stated, path=path, rate=None))
    annotate_video(compared, tmp_path / "out.mp4")
    assert clip_info(tmp_path / "out.mp4").rate == Fraction(rate)


def test_a_result_of_metrics_only_and_of_the_published_recipe_can_be_seen(tmp_path: Path) -> None:
    both = [make_clip(tmp_path / name, pictures(4), **LOSSLESS) for name in ("real.mkv", "fake.mkv")]
    for recipe in (None, "otsu"):
        annotate_video(compare_videos(*both, recipe=recipe), tmp_path / "out.mp4")
        assert len(frames_of(tmp_path / "out.mp4")) == 4


def test_progress_is_drawn_on_request(
    result: VideoComparison, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    annotate_video(result, tmp_path / "quiet.mp4", layout="overlay")
    assert capsys.readouterr() == ("", "")
    annotate_video(result, tmp_path / "loud.mp4", layout="overlay", progress=True)
    shown = capsys.readouterr()
    assert "loud.mp4" in shown.err
    assert "10/10" in shown.err
    assert not shown.out


def test_annotating_needs_no_matplotlib() -> None:
    import subprocess

    code = "import facediff.annotation, sys; print('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


# --- what is drawn into a frame --------------------------------------------------------------------------------------


def test_marks_are_the_tracks_by_number_then_what_has_none() -> None:
    inner, alone = Box(12, 14, 20, 20), Box(60, 10, 70, 20)
    full = made(8, tracks=(track([1, 2, 3]), track([3, 5], BOX)), boxes=((),) * 3 + ((alone, inner),) + ((),) * 4)
    assert marks_of(full, 0) == ()
    assert marks_of(full, 2) == (Mark(full.tracks[0].boxes[0], 1),)
    assert marks_of(full, 3) == (Mark(full.tracks[0].boxes[0], 1), Mark(BOX, 2), Mark(alone, None))
    assert marks_of(full, 4) == (), "a track that is not seen has no box"
    assert [mark.color for mark in marks_of(full, 3)] == [CYCLE[0], CYCLE[1], GRAY]


# --- the words -------------------------------------------------------------------------------------------------------


def test_the_fields_say_what_is_known_of_a_frame() -> None:
    full = made(
        4, index=np.arange(10, 14), margin=np.array([0.5, np.nan, 123.4, np.inf]), refused=((11, "shift"),),
        manipulated=np.array([False, False, True, True]),
    )  # fmt: skip
    assert fields(full, 0) == ("frame 10", "0.000 s", "SSIM 0.9500", "margin 0.50", "not manipulated")
    assert fields(full, 1) == ("frame 11", "0.040 s", "SSIM 0.9500", "margin -", "refused: shifted")
    assert fields(full, 2)[3:] == ("margin 123", "manipulated")
    assert fields(full, 3)[3:] == ("margin inf", "manipulated")
    assert fields(made(2, recipe="otsu"), 1) == ("frame 1", "0.040 s", "SSIM 0.9500", "not manipulated")
    assert fields(made(2, recipe=None), 1) == ("frame 1", "0.040 s", "SSIM 0.9500")


@pytest.mark.parametrize("shape", [(16, 16), (64, 96), (96, 64), (240, 426), (241, 427), (426, 240), (2160, 3840)])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("recipe", ["noise-aware", None])
def test_nothing_that_is_written_is_cut_off_or_small(
    shape: tuple[int, int], both: bool, recipe: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[str, int, int, int, int]] = []

    def write(_: Any, text: str, origin: tuple[int, int], font: int, scale: float, *rest: Any) -> None:
        (wide, tall), below = cv2.getTextSize(text, font, scale, rest[1])
        written.append((text, origin[0], origin[1] - tall, origin[0] + wide, origin[1] + below))
        assert 22 * scale >= 11, "capital letters of 11 pixels at least"
        assert 22 * scale >= min(shape) / 33

    monkeypatch.setattr("facediff._caption.cv2.putText", write)
    height, width = shape
    full = made(120, shape=shape, recipe=recipe, time=np.arange(120) * 99.0, index=np.arange(120) * 1000)
    lefts = (0, width + 4) if both else (0,)
    caption = Caption(full, lefts, lefts[-1] + width)
    picture = np.full((*shape, 3), 99, np.uint8)
    sheets = [caption.under([picture] * len(lefts), place) for place in (0, 119)]
    assert len({sheet.shape for sheet in sheets}) == 1
    tall, wide = sheets[0].shape[:2]
    assert (tall % 2, wide % 2) == (0, 0), "what H.264 needs"
    (rows,) = np.nonzero((sheets[0][:, 0] == 99).all(axis=1))
    assert rows.size == height
    for text, left, top, right, bottom in written:
        assert left >= 0, text
        assert top >= 0, text
        assert right <= wide, text
        assert bottom <= tall, text
        assert bottom <= rows[0] or top > rows[-1], "nothing is written over the picture"
    for one in (written[len(lefts) : len(lefts) + len(fields(full, 0))], written[-len(fields(full, 0)) :]):
        for place, (_, left, top, right, bottom) in enumerate(one):
            for _, other_left, other_top, other_right, other_bottom in one[place + 1 :]:
                apart = max(other_left - right, left - other_right, other_top - bottom, top - other_bottom)
                assert apart >= -2
    titles = [text for text, *_ in written[: len(lefts)]]
    assert sorted(titles) == (["Fake", "Real"] if both else ["Fake"])


# --- what cannot be written ------------------------------------------------------------------------------------------


def test_wrong_arguments_are_named(result: VideoComparison, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    with pytest.raises(TypeError, match="result must be a VideoComparison, got str; make one with"):
        annotate_video("real.mp4", out)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"path must be a path, a str or an os\.PathLike .* got int"):
        annotate_video(result, 3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="layout must be one of 'beside', 'overlay', got 'above'"):
        annotate_video(result, out, layout="above")
    with pytest.raises(TypeError, match=r"progress must be True or False, got 1 \(int\)"):
        annotate_video(result, out, progress=1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"path must end in one of \.mp4, \.webp, \.gif, got '\.avi'"):
        annotate_video(result, tmp_path / "out.avi")
    with pytest.raises(FileNotFoundError, match="there is no such folder; create it first"):
        annotate_video(result, tmp_path / "none" / "out.mp4")
    assert list(tmp_path.iterdir()) == []


def test_the_compared_clips_are_not_overwritten(tmp_path: Path) -> None:
    both = [make_clip(tmp_path / name, pictures(3)) for name in ("real.mp4", "fake.mp4")]
    compared = compare_videos(*both, recipe=None)
    before = [path.read_bytes() for path in both]
    (tmp_path / "link.mp4").symlink_to(both[1])
    for path in (*both, tmp_path / "link.mp4"):
        with pytest.raises(ValueError, match=r"path must be a file of its own, got .*, which is one of the"):
            annotate_video(compared, path)
    assert [path.read_bytes() for path in both] == before


def test_a_clip_that_is_gone_or_changed_leaves_nothing_behind(result: VideoComparison, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    out.write_bytes(b"older")
    gone = replace(result, fake=str(tmp_path / "gone.mkv"))
    with pytest.raises(FileNotFoundError, match=r"this clip was compared and is not there any more; .*gone\.mkv"):
        annotate_video(gone, out)
    other = tmp_path / "other"
    other.mkdir()
    for count in (6, 14):
        both = [str(make_clip(other / f"{count}{name}", scenes(count), **LOSSLESS)) for name in ("a.mkv", "b.mkv")]
        with pytest.raises(ValueError, match="must be as they were compared, got other frames; compare them anew"):
            annotate_video(replace(result, real=both[0], fake=both[1]), out)
    assert out.read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "out.mp4"]
