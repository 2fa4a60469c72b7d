"""Clips written, taken apart and shown, and offsets measured: whole or not at all, exact, and told in words."""

import errno
import html
import os
import re
import resource
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from clips import LOSSLESS, cut, make_clip, pictures
from facediff import _clip_writer, _offset, _player, read_image, video
from facediff.video import Frame, clip_info, extract_frames, measure_offset, read_frames, show_video, write_video

TEN = pictures(10)


@pytest.fixture(scope="module")
def lossless(tmp_path_factory):
    return make_clip(tmp_path_factory.mktemp("clips") / "lossless.mkv", TEN, **LOSSLESS)


def flat(*colours):
    return [np.full((64, 64, 3), colour, np.uint8) for colour in colours]


# Offsets


@pytest.mark.parametrize("offset", [-10, -3, -1, 0, 1, 4, 10])
def test_an_offset_is_found_exactly(offset, tmp_path):
    # The fake is another coding, brighter, and holds an edit that stays where it is.
    later = [np.minimum(picture.astype(int) + 20, 255).astype(np.uint8) for picture in pictures(25, first=10 - offset)]
    for picture in later:
        picture[16:40, 24:48] = 200
    real = make_clip(tmp_path / "real.mp4", pictures(25, first=10))
    fake = make_clip(tmp_path / "fake.mp4", later, options={"crf": "35"})
    found = measure_offset(real, fake)
    assert found.frames == offset
    assert found.sure
    assert str(found) == f"Offset: {offset:+d} frames; the runner-up fits {found.margin:.2f} times worse"


def test_the_offset_is_what_pairs_take(tmp_path):
    real = make_clip(tmp_path / "real.mkv", pictures(12), **LOSSLESS)
    fake = make_clip(tmp_path / "fake.mkv", pictures(12, first=3), **LOSSLESS)
    found = measure_offset(real, fake)
    assert (found.frames, found.margin, found.unlikeness) == (-3, np.inf, 0)
    assert str(found) == "Offset: -3 frames; no other fits"
    for pair in video.frame_pairs(real, fake, offset=found.frames, length="shortest"):
        np.testing.assert_array_equal(pair.real, pair.fake)


def test_a_clip_that_stands_still_has_no_sure_offset(tmp_path):
    still = make_clip(tmp_path / "still.mkv", [TEN[0]] * 20, **LOSSLESS)
    found = measure_offset(still, still)
    assert (found.frames, found.margin, found.sure) == (0, 1.0, False)
    assert str(found).startswith("Offset: +0 frames; unsure (the clips hardly move, or are unrelated): the runner-up")


def test_noise_is_no_motion(tmp_path):
    rng = np.random.default_rng(0)
    noisy = [
        [np.clip(TEN[0] + rng.normal(0, 4, TEN[0].shape), 0, 255).astype(np.uint8) for _ in range(30)] for _ in "ab"
    ]
    paths = [make_clip(tmp_path / f"{n}.mkv", frames, **LOSSLESS) for n, frames in enumerate(noisy)]
    assert not measure_offset(*paths).sure


def test_unlikeness_by_hand():
    # One pixel: 0, 2, 4 against 1, 5, 3. Differences -1, -3, 1: variance 8/3; variances 8/3 and 8/3.
    real, fake = (np.array(values, np.float32).reshape(3, 1, 1) for values in ([0, 2, 4], [1, 5, 3]))
    assert _offset.unlikeness(real, fake, 0) == pytest.approx(0.5)
    assert _offset.unlikeness(real, real + 7, 0) == 0
    assert _offset.unlikeness(real, fake, 1) is None


def test_clips_too_short_for_an_offset_are_refused(tmp_path):
    short = make_clip(tmp_path / "short.mkv", TEN[:3], **LOSSLESS)
    with pytest.raises(ValueError, match=r"three frames in common at two offsets at least, got .*: 3 and .*: 3 frames"):
        measure_offset(short, short)
    with pytest.raises(ValueError, match=r"largest must be at least 1 frame, got 0"):
        measure_offset(short, short, largest=0)
    with pytest.raises(TypeError, match=r"largest must be a whole number, got 1.5"):
        measure_offset(short, short, largest=1.5)


def test_of_a_long_clip_its_beginning_is_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr(video, "_MEASURED_FRAMES", 8)
    path = make_clip(tmp_path / "long.mp4", pictures(30))
    # Cut short behind what is looked at, which goes unseen.
    assert measure_offset(path, cut(path, 0.8), largest=2).frames == 0


# Writing


def test_a_clip_comes_back_as_it_was(tmp_path):
    write_video(tmp_path / "clip.mp4", TEN, rate=Fraction(30000, 1001), quality=1)
    info = clip_info(tmp_path / "clip.mp4")
    assert (info.width, info.height, info.frames, info.codec, info.pixel_format) == (96, 64, 10, "h264", "yuv420p")
    assert info.rate == Fraction(30000, 1001)
    for frame, picture in zip(read_frames(tmp_path / "clip.mp4"), TEN, strict=True):
        inner = np.s_[3:5, 3:5]  # of the first block: away from edges, where one chroma sample serves two colours
        assert np.abs(frame.picture[inner].astype(int) - picture[inner]).max() <= 8  # another frame's is off by 50


def test_colours_come_back(tmp_path):
    colours = [(200, 30, 30), (30, 200, 30), (30, 30, 200), (128, 128, 128), (0, 0, 0), (255, 255, 255)]
    write_video(tmp_path / "clip.mp4", flat(*colours), rate=25, quality=1)
    for frame, colour in zip(read_frames(tmp_path / "clip.mp4"), colours, strict=True):
        assert np.abs(frame.picture.astype(int) - colour).max() <= 3
    with av.open(str(tmp_path / "clip.mp4")) as file:  # BT.709 in limited range, and says so
        context = file.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)


def test_a_clip_longer_than_the_coder_looks_ahead_is_whole(tmp_path):
    write_video(tmp_path / "clip.mp4", (picture for picture in pictures(80)), rate=25)
    assert len(list(read_frames(tmp_path / "clip.mp4"))) == 80


def test_what_a_player_needs_first_is_at_the_front(tmp_path):
    write_video(tmp_path / "clip.mp4", TEN, rate=25)
    data = (tmp_path / "clip.mp4").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_the_same_pictures_make_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_video(tmp_path / f"{name}.mp4", TEN, rate=25)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_an_odd_side_gets_its_last_line_twice(tmp_path):
    odd = [np.ascontiguousarray(picture[:63, :95]) for picture in TEN[:2]]
    write_video(tmp_path / "odd.mp4", odd, rate=25, quality=1)
    picture = next(read_frames(tmp_path / "odd.mp4")).picture
    assert picture.shape == (64, 96, 3)
    assert np.abs(picture[3, 93:].astype(int) - odd[0][3, 94]).max() <= 6


def test_frames_gray_pictures_and_generators_are_taken(tmp_path):
    frames = (Frame(n, n / 25, picture) for n, picture in enumerate(TEN))
    write_video(tmp_path / "a.mp4", frames, rate=25)
    write_video(tmp_path / "b.mp4", TEN, rate=25.0)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    gray = [np.full((32, 32), level, np.uint8) for level in (0, 100, 255)]
    write_video(tmp_path / "gray.mp4", gray, rate=25, quality=1)
    for frame, picture in zip(read_frames(tmp_path / "gray.mp4"), gray, strict=True):
        assert np.abs(frame.picture.astype(int) - picture[..., np.newaxis]).max() <= 2


def test_pictures_are_not_written_to(tmp_path):
    kept = [picture.copy() for picture in TEN]
    for name in ("a.mp4", "a.gif", "a.webp"):
        write_video(tmp_path / name, TEN, rate=25)
    np.testing.assert_array_equal(TEN, kept)


@pytest.mark.parametrize(("name", "unit"), [("a.webp", 1), ("a.gif", 10)])
def test_an_animation_runs_for_ever_at_its_rate(name, unit, tmp_path):
    write_video(tmp_path / name, TEN, rate=12)
    with Image.open(tmp_path / name) as image:
        assert image.n_frames == 10
        assert image.info["loop"] == 0
        lasting = []
        for number in range(10):
            image.seek(number)
            image.load()
            lasting.append(image.info["duration"])
            shown = np.asarray(image.convert("RGB")).astype(int)
            assert np.abs(shown - TEN[number]).mean() < 12
    assert set(lasting) <= {unit * (1000 // 12 // unit), unit * (1000 // 12 // unit + 1)}
    assert abs(sum(lasting) - 10000 / 12) <= unit / 2


def test_quality_makes_smaller_files(tmp_path):
    sizes = {}
    for name, quality in (("a.mp4", 10), ("b.mp4", 40), ("a.webp", 100), ("b.webp", 5)):
        write_video(tmp_path / name, TEN, rate=25, quality=quality)
        sizes[name] = (tmp_path / name).stat().st_size
    assert sizes["a.mp4"] > sizes["b.mp4"]
    assert sizes["a.webp"] > sizes["b.webp"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"path": "a.avi"}, ValueError, r"path must end in one of .mp4, .webp, .gif, got '.avi' in a.avi"),
        ({"path": 3}, TypeError, r"path must be a path"),
        ({"rate": 0}, ValueError, r"rate must be above 0 and at most 1000 frames per second, got 0"),
        ({"rate": float("nan")}, ValueError, r"rate must be above 0"),
        ({"rate": "25"}, TypeError, r"rate must be a number of frames per second, got '25' \(str\)"),
        ({"rate": True}, TypeError, r"rate must be a number"),
        ({"quality": 52}, ValueError, r"quality must be from 1 to 51 for H.264, got 52"),
        ({"path": "a.webp", "quality": 101}, ValueError, r"quality must be from 0 to 100 for WebP, got 101"),
        ({"path": "a.gif", "quality": 5}, ValueError, r"quality is for MP4 and WebP, got 5 for GIF; leave it out"),
        ({"quality": 1.5}, TypeError, r"quality must be a whole number"),
        ({"path": "a\0.mp4"}, ValueError, r"path must hold no null character, got 'a\\x00.mp4'"),
        ({"frames": 3}, TypeError, r"frames must be an iterable of pictures, got int; pass a list of them"),
        ({"frames": TEN[0]}, ValueError, r"got one array of shape \(64, 96, 3\); put a picture into a list"),
        ({"frames": TEN[0][0, 0]}, ValueError, r"got one array of shape \(3,\); put a picture into a list"),
        ({"frames": []}, ValueError, r"frames must hold at least one picture, got none"),
        ({"path": "a.gif", "frames": []}, ValueError, r"frames must hold at least one picture, got none"),
        (
            {"frames": [TEN[0], TEN[0][:, :50]]},
            ValueError,
            r"frame 1 must have the size of the first, got 50x64 and 96x64",
        ),
        ({"frames": [TEN[0] / 255]}, TypeError, r"frame 0 must be uint8, got float64; scale, clip and round it first"),
        ({"frames": [TEN[0], "picture"]}, TypeError, r"frame 1 must be a NumPy array, got str"),
        ({"frames": [np.zeros((4, 4, 4), np.uint8)]}, ValueError, r"frame 0 must be \(H, W\) gray or \(H, W, 3\) RGB"),
    ],
)
def test_what_cannot_be_written_is_refused_and_leaves_nothing(arguments, error, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {"path": "a.mp4", "frames": TEN, "rate": 25, **arguments}
    with pytest.raises(error, match=message):
        write_video(given.pop("path"), given.pop("frames"), **given)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "a.webp"])
def test_an_error_in_the_middle_leaves_the_older_file_as_it_was(name, tmp_path):
    def breaking():
        yield from TEN[:5]
        raise RuntimeError("the source broke")

    (tmp_path / name).write_bytes(b"older")
    with pytest.raises(RuntimeError, match="the source broke"):
        write_video(tmp_path / name, breaking(), rate=25)
    assert (tmp_path / name).read_bytes() == b"older"
    assert os.listdir(tmp_path) == [name]


def test_a_place_where_nothing_can_be_written_is_named(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"there is no such folder; create it first"):
        write_video(tmp_path / "none" / "a.mp4", TEN, rate=25)
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(IsADirectoryError, match=r"this is a folder; name a file in it"):
        write_video(tmp_path / "folder.mp4", TEN, rate=25)

    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError, match=r"this clip may not be written here; choose another folder"):
        write_video(tmp_path / "a.mp4", TEN, rate=25)
    assert os.listdir(tmp_path) == ["folder.mp4"]


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "a.webp"])
def test_a_full_disk_is_an_error_that_leaves_nothing(name, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (8, 64, 96, 3), np.uint8)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (20_000, before[1])
    )  # no file may grow larger: the write fails as it would
    try:
        with pytest.raises(OSError, match=r"(too large|only \d+ of 8 frames reached the file)"):
            write_video(tmp_path / name, list(noise), rate=25)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert os.listdir(tmp_path) == []


def test_a_file_that_lost_its_end_is_not_taken_for_whole(tmp_path):
    path = make_clip(tmp_path / "a.mp4", TEN)
    _clip_writer._check_written(str(path), 10)
    with pytest.raises(OSError, match=r"only \d of 10 frames reached the file; is the disk full\?"):
        _clip_writer._check_written(str(cut(path, 0.8)), 10)


def test_a_link_stays_a_link(tmp_path):
    target, link = tmp_path / "target.gif", tmp_path / "link.gif"
    target.write_bytes(b"older")
    link.symlink_to(target)
    write_video(link, TEN, rate=25)
    assert link.is_symlink()
    assert target.read_bytes().startswith(b"GIF89a")


# Taking apart


def test_frames_are_extracted_bit_for_bit_and_numbered_as_in_the_clip(lossless, tmp_path):
    files = extract_frames(lossless, tmp_path / "new" / "frames", start=2, stop=9, every=3)
    assert [Path(file).name for file in files] == ["frame_000002.png", "frame_000005.png", "frame_000008.png"]
    for file, number in zip(files, (2, 5, 8), strict=True):
        np.testing.assert_array_equal(read_image(file), TEN[number])


@pytest.mark.parametrize("form", ["png", "tiff", "bmp", "webp", "jpg"])
def test_frames_are_extracted_in_any_picture_format(form, lossless, tmp_path):
    files = extract_frames(lossless, tmp_path, format=form, stop=2)
    assert [Path(file).suffix for file in files] == [f".{form}"] * 2
    assert np.abs(read_image(files[1]).astype(int) - TEN[1]).mean() < 10


def test_extracting_goes_on_where_it_was(lossless, tmp_path):
    files = extract_frames(lossless, tmp_path, stop=3)
    (tmp_path / "frame_000001.png").unlink()
    (tmp_path / "frame_000002.png").write_bytes(b"mine")
    assert extract_frames(lossless, tmp_path, stop=3) == files
    np.testing.assert_array_equal(read_image(files[1]), TEN[1])
    assert (tmp_path / "frame_000002.png").read_bytes() == b"mine"


def test_what_was_extracted_before_an_error_stays_and_is_said(tmp_path):
    path = cut(make_clip(tmp_path / "clip.mp4", pictures(40), options={"crf": "4", "bf": "0"}), 0.5)
    with pytest.raises(ValueError, match=r"cut-clip.mp4, frame \d+ .* the clip is damaged here") as error:
        extract_frames(path, tmp_path / "frames")
    files = sorted(os.listdir(tmp_path / "frames"))
    assert len(files) > 5
    assert error.value.__notes__ == [f"{len(files)} frames before it are whole, in {tmp_path / 'frames'}"]
    for file in files:
        assert read_image(tmp_path / "frames" / file).shape == (64, 96, 3)


def test_a_folder_that_cannot_be_made_is_named(lossless, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match=r"this is a file; name a folder for the frames"):
        extract_frames(lossless, tmp_path / "file")

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "makedirs", refuse)
    with pytest.raises(PermissionError, match=r"this folder may not be made here"):
        extract_frames(lossless, tmp_path / "other")


def test_nothing_is_made_for_a_clip_that_cannot_be_read(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such clip"):
        extract_frames(tmp_path / "none.mp4", tmp_path / "frames")
    assert os.listdir(tmp_path) == []


def test_the_picture_format_is_checked(lossless, tmp_path):
    with pytest.raises(ValueError, match=r"format must be one of 'png', 'tiff', 'bmp', 'webp', 'jpg', got 'jpeg2000'"):
        extract_frames(lossless, tmp_path, format="jpeg2000")


def test_progress_is_drawn_only_if_wanted(lossless, tmp_path, capsys):
    extract_frames(lossless, tmp_path)
    assert capsys.readouterr() == ("", "")
    extract_frames(make_clip(tmp_path / "clip.mp4", TEN), tmp_path, progress=True, every=2)
    out, err = capsys.readouterr()
    assert out == ""
    assert "clip.mp4" in err
    assert "5/5" in err
    write_video(tmp_path / "a.gif", iter(TEN), rate=25, progress=True)
    assert "10frame" in capsys.readouterr().err


def test_a_bar_needs_tqdm(lossless, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match=r'progress=True needs tqdm.*pip install "facediff\[video\]"'):
        extract_frames(lossless, tmp_path, progress=True)


# Showing


def test_a_small_clip_becomes_part_of_the_page_once(tmp_path):
    write_video(tmp_path / "clip.mp4", TEN, rate=25)
    player = show_video(tmp_path / "clip.mp4", width=320)
    page = player._repr_html_()
    assert page.count("base64,") == 1
    assert re.fullmatch(
        r'<video src="data:video/mp4;base64,[^"]+" title="clip.mp4" style="[^"]+" controls .*></video>', page
    )
    assert "width: 320px" in page
    assert str(player) == f"Player: {tmp_path / 'clip.mp4'}, shown inline by a notebook"


def test_a_large_clip_is_linked_to(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(_player, "EMBED_AT_MOST", 100)
    write_video(tmp_path / 'my "clip" #1.mp4', TEN, rate=25)
    page = show_video(tmp_path / 'my "clip" #1.mp4')._repr_html_()
    assert '<video src="my%20%22clip%22%20%231.mp4" title="my &quot;clip&quot; #1.mp4" style="max-width: 100%"' in page
    assert html.unescape(page).count("my") == 2


@pytest.mark.parametrize(("name", "kind"), [("a.gif", "image/gif"), ("a.webp", "image/webp")])
def test_an_animation_is_shown_as_a_picture(name, kind, tmp_path):
    write_video(tmp_path / name, TEN, rate=25)
    assert show_video(tmp_path / name)._repr_html_().startswith(f'<img src="data:{kind};base64,')


def test_what_cannot_be_shown_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match=r"path must end in one of .mp4, .webm, .gif, .webp, which browsers play, got '.avi'"
    ):
        show_video(tmp_path / "a.avi")
    with pytest.raises(FileNotFoundError, match="there is no such clip"):
        show_video(tmp_path / "a.mp4")
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(IsADirectoryError, match="this is a folder, not a clip"):
        show_video(tmp_path / "folder.mp4")
    (tmp_path / "a.gif").touch()
    with pytest.raises(ValueError, match=r"width must be at least 1 pixel, got 0"):
        show_video(tmp_path / "a.gif", width=0)
    with pytest.raises(TypeError, match=r"width must be a whole number, got '9'"):
        show_video(tmp_path / "a.gif", width="9")
