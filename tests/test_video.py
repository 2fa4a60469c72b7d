"""Reading clips: every frame in order, upright, at its time; what does not fit or is not whole is refused in words."""

import dataclasses
import os
import struct
import subprocess
import sys
import threading
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clips import LOSSLESS, cut, make_clip, pictures
from facediff import _container, video
from facediff._ahead import ahead
from facediff.video import clip_info, first_frame, frame_pairs, read_frames

TEN = pictures(10)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def lossless(folder):
    return make_clip(folder / "lossless.mkv", TEN, **LOSSLESS)


@pytest.fixture(scope="module")
def h264(folder):
    return make_clip(folder / "h264.mp4", pictures(40), options={"crf": "4", "bf": "0"})


def indices(items):
    return [item.index for item in items]


def threads_of_ours():
    return [thread for thread in threading.enumerate() if thread.name.startswith("facediff")]


# What is read


def test_frames_come_bit_for_bit_in_order_at_their_times(lossless):
    frames = list(read_frames(lossless))
    assert indices(frames) == list(range(10))
    assert [frame.time for frame in frames] == pytest.approx([n / 25 for n in range(10)])
    for frame, picture in zip(frames, TEN, strict=True):
        np.testing.assert_array_equal(frame.picture, picture)


def test_a_picture_is_read_only_contiguous_and_its_own(lossless):
    frames = list(read_frames(lossless))
    for frame in frames:
        assert frame.picture.dtype == np.uint8
        assert frame.picture.flags.c_contiguous
        with pytest.raises(ValueError, match="read-only"):
            frame.picture[0, 0] = 0
    assert not any(np.shares_memory(a.picture, b.picture) for a, b in pairwise(frames))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 9), st.one_of(st.none(), st.integers(1, 15)), st.integers(1, 12))
def test_start_stop_and_every_take_what_a_slice_takes(lossless, start, stop, every):
    if stop is not None and stop <= start:
        stop += start
    assert indices(read_frames(lossless, start=start, stop=stop, every=every)) == list(range(10))[start:stop:every]


def test_times_are_those_of_the_clip_where_its_rate_varies(folder):
    times = [3, 4, 5, 8, 9, 10, 14, 15, 16, 17]
    path = make_clip(folder / "varying.mp4", TEN, times=times)
    assert [frame.time for frame in read_frames(path)] == pytest.approx([time / 25 for time in times])


def test_times_of_a_clip_without_any_are_counted_at_its_rate(folder):
    path = make_clip(folder / "raw.h264", TEN, form="h264")
    assert [frame.time for frame in read_frames(path)] == pytest.approx([n / 25 for n in range(10)])


def test_a_clip_with_neither_times_nor_rate_is_refused(folder, monkeypatch):
    def opened(name):
        source = _container.open_clip(name)
        return dataclasses.replace(source, rate=None)  # FFmpeg gives a rate of its own to every raw stream it knows

    monkeypatch.setattr(video, "open_clip", opened)
    path = make_clip(folder / "timeless.h264", TEN, form="h264")
    with pytest.raises(ValueError, match=r"timeless.h264, frame 0: the clip states neither times nor a rate; put it"):
        first_frame(path)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_turned_or_mirrored_clip_stands_as_players_show_it(rotation, mirrored, folder):
    # Turned clockwise first and then mirrored, as FFmpeg's own tools read the matrix.
    expected = np.rot90(TEN[0], -rotation // 90)[:, :: -1 if mirrored else 1]
    path = make_clip(
        folder / "turned.mp4",
        TEN[:2],
        rotation=rotation,
        mirrored=mirrored,
        options={"crf": "1"},
        pixel_format="yuv444p",
    )
    shown = first_frame(path).picture
    assert shown.shape == expected.shape
    assert np.abs(shown.astype(int) - expected).max() <= 4
    assert shown.flags.c_contiguous
    assert (clip_info(path).height, clip_info(path).width) == expected.shape[:2]


def test_clip_info_tells_the_turn(folder):
    path = make_clip(folder / "quarter.mp4", TEN[:2], rotation=90)
    assert clip_info(path).rotation == 90
    assert "64x96, turned by 90 degrees, 2 frames in 0.080 s, 25 frames/s, h264 yuv420p" in str(clip_info(path))


def test_a_turn_by_other_than_quarters_is_refused(folder):
    path = make_clip(folder / "slanted.mp4", TEN[:2], rotation=30)
    with pytest.raises(
        ValueError, match=r"slanted.mp4, frame 0 .*turned by 30 degrees, and facediff turns by quarters"
    ):
        first_frame(path)


def by_formula(y, u, v, kr, kb, full):
    """Return R, G and B from ITU-T H.273, equations 8.1."""
    y, u, v = (y, u - 128, v - 128) if full else ((y - 16) * 255 / 219, (u - 128) * 255 / 224, (v - 128) * 255 / 224)
    red, blue = y + 2 * (1 - kr) * v, y + 2 * (1 - kb) * u
    return red, (y - kr * red - kb * blue) / (1 - kr - kb), blue


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    ("matrix", "kr", "kb"), [(1, 0.2126, 0.0722), (2, 0.299, 0.114), (6, 0.299, 0.114), (9, 0.2627, 0.0593)]
)
def test_colours_follow_the_matrix_and_range_that_the_clip_states(matrix, kr, kb, full, folder):
    yuv = (120, 90, 160)
    path = folder / "colours.mkv"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("ffv1", rate=25)
        stream.width = stream.height = 32
        stream.pix_fmt, stream.codec_context.colorspace = "yuv420p", matrix
        stream.codec_context.color_range = 2 if full else 1
        frame = av.VideoFrame(32, 32, "yuv420p")
        frame.colorspace, frame.color_range = matrix, 2 if full else 1
        for plane, value in zip(frame.planes, yuv, strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        file.mux(stream.encode(frame))
        file.mux(stream.encode())
    picture = first_frame(path).picture
    # swscale's own tables are off by up to 2 levels; another matrix would be off by 3 and more.
    assert np.abs(picture - np.array(by_formula(*yuv, kr, kb, full))).max() < 2.3


@pytest.mark.parametrize(("codec", "pixel_format"), [("ffv1", "gray"), ("ffv1", "gray10le"), ("ffv1", "gray16le")])
def test_gray_becomes_three_equal_channels_of_8_bits(codec, pixel_format, folder):
    gray = [picture[..., 0] for picture in TEN[:2]]
    path = make_clip(
        folder / "gray.mkv", [np.ascontiguousarray(each) for each in gray], codec=codec, pixel_format=pixel_format
    )
    picture = first_frame(path).picture
    assert picture.shape == (64, 96, 3)
    assert (picture == picture[..., :1]).all()
    assert np.abs(picture[..., 0].astype(int) - gray[0]).max() <= 2


@pytest.mark.parametrize("pixel_format", ["yuv444p10le", "gbrp10le", "gbrp12le"])
def test_deeper_formats_are_reduced_to_8_bits(pixel_format, folder):
    path = make_clip(folder / "deep.mkv", TEN[:2], codec="ffv1", pixel_format=pixel_format)
    assert clip_info(path).pixel_format == pixel_format
    assert np.abs(first_frame(path).picture.astype(int) - TEN[0]).max() <= 3


@pytest.mark.parametrize(("width", "height"), [(95, 63), (96, 63), (95, 64), (1, 1), (17, 3)])
def test_odd_sizes_are_kept(width, height, folder):
    frames = [np.ascontiguousarray(each[:height, :width]) for each in TEN[:3]]
    path = make_clip(folder / "odd.mkv", frames, **LOSSLESS)
    for frame, picture in zip(read_frames(path), frames, strict=True):
        np.testing.assert_array_equal(frame.picture, picture)


def test_a_clip_of_one_frame_is_a_clip(folder):
    path = make_clip(folder / "one.mp4", TEN[:1])
    assert indices(read_frames(path)) == [0]
    assert indices(frame_pairs(path, path)) == [0]


def test_the_frames_that_an_edit_list_leaves_out_stay_out(folder):
    # MP4 keeps all from the key frame on, and a list that begins to show them at the sixth.
    path = remux(make_clip(folder / "long.mp4", pictures(20), options={"bf": "0"}), folder / "edited.mp4", 0, shift=5)
    assert len(indices(read_frames(path))) == 15
    assert clip_info(path).frames is None


# How it is read


def test_a_loop_that_ends_or_breaks_leaves_no_thread_and_no_open_file(lossless):
    for _ in read_frames(lossless):
        pass
    assert threads_of_ours() == []
    for _ in read_frames(lossless):
        break
    assert threads_of_ours() == []
    with frame_pairs(lossless, lossless) as pairs:
        next(pairs)
        assert len(threads_of_ours()) == 2
    assert threads_of_ours() == []
    with pytest.raises(StopIteration):
        next(pairs)
    if sys.platform == "linux":
        assert str(lossless) not in [os.path.realpath(f"/proc/self/fd/{each}") for each in os.listdir("/proc/self/fd")]


def test_a_reader_that_was_never_read_from_closes_its_files(lossless):
    reader = read_frames(lossless)
    reader.close()
    with pytest.raises(StopIteration):
        next(reader)


def test_frames_outlive_their_reader(lossless):
    with read_frames(lossless) as frames:
        frame = next(frames)
    np.testing.assert_array_equal(frame.picture, TEN[0])


def test_at_most_a_few_frames_are_decoded_ahead():
    pulled = []

    def source():
        for number in range(100):
            pulled.append(number)
            yield number

    items = ahead(source())
    assert next(items) == 0
    items.close()
    assert len(pulled) <= 5


def test_an_error_travels_to_its_place_and_the_source_is_closed():
    closed = []

    def source():
        try:
            yield 1
            raise OSError("the disk is gone")
        finally:
            closed.append(True)

    items = ahead(source())
    assert next(items) == 1
    with pytest.raises(OSError, match="the disk is gone"):
        next(items)
    assert closed == [True]
    assert threads_of_ours() == []


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length(folder):
    # What is alive shows in the resident memory only: FFmpeg takes its own. 60 frames more would be 80 MB and up.
    path = make_clip(folder / "large.mp4", [np.zeros((480, 640, 3), np.uint8)] * 90, options={"preset": "ultrafast"})
    code = """
import gc, resource, sys
from facediff.video import frame_pairs
gc.disable()
for pair in frame_pairs(sys.argv[1], sys.argv[1]):
    if pair.index == 30:
        early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - early) // 1024)
"""
    result = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True)
    assert int(result.stdout) < 10


@pytest.mark.parametrize("function", [lambda path: read_frames(path), lambda path: frame_pairs(path, path)])
def test_pyav_is_loaded_late_and_named_when_missing(function, lossless, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ImportError, match=r'clips need PyAV, which is not installed; pip install "facediff\[video\]"'):
        function(lossless)


def test_importing_the_module_loads_neither_pyav_nor_tqdm():
    code = "import facediff.video, sys; print({'av', 'tqdm'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert result.stdout.strip() == "set()"


def test_values_print_in_one_line(lossless):
    assert str(first_frame(lossless)) == "Frame 0 at 0.000 s, 96x64"
    assert str(next(frame_pairs(lossless, lossless))) == "FramePair 0 at 0.000 s, 96x64"
    assert "picture" not in repr(first_frame(lossless))
    assert str(clip_info(lossless)) == f"{lossless}: 96x64, unknown length in 0.400 s, 25 frames/s, ffv1 bgr0"


def test_a_value_prints_without_what_is_not_known():
    info = video.ClipInfo("a.ts", 4, 2, 0, None, None, None, "h264", "gray")
    assert str(info) == "a.ts: 4x2, unknown length, unknown rate, h264 gray"


# Pairs


def test_pairs_hold_what_both_clips_hold(lossless, folder):
    other = make_clip(folder / "other.mkv", pictures(10, first=30), **LOSSLESS)
    with frame_pairs(lossless, other) as pairs:
        for pair, real, fake in zip(pairs, TEN, pictures(10, first=30), strict=True):
            np.testing.assert_array_equal(pair.real, real)
            np.testing.assert_array_equal(pair.fake, fake)
            assert pair.time == pytest.approx(pair.index / 25)


@pytest.mark.parametrize("offset", [-3, -1, 0, 2, 3])
@pytest.mark.parametrize("span", [{}, {"start": 4}, {"stop": 7}, {"every": 2}, {"start": 5, "stop": 9, "every": 3}])
def test_an_offset_is_fake_index_minus_real_index(offset, span, lossless):
    found = list(frame_pairs(lossless, lossless, offset=offset, length="shortest", **span))
    begin = max(span.get("start", 0), -offset)
    end = min(span.get("stop", 10), 10, 10 - offset)
    assert indices(found) == list(range(begin, end, span.get("every", 1)))
    for pair in found:
        np.testing.assert_array_equal(pair.real, TEN[pair.index])
        np.testing.assert_array_equal(pair.fake, TEN[pair.index + offset])


def test_clips_that_end_together_once_shifted_are_equally_long(lossless, folder):
    later = make_clip(folder / "later.mkv", pictures(8, first=2), **LOSSLESS)
    assert indices(frame_pairs(lossless, later, offset=-2)) == list(range(2, 10))
    assert indices(frame_pairs(later, lossless, offset=2)) == list(range(8))


LENGTHS = r"real and fake must end at the same frame, got .*: {} and .*: {} frames; pass length=\"shortest\""


def test_stated_lengths_are_compared_before_anything_is_decoded(folder):
    long, short = make_clip(folder / "ten.mp4", TEN), make_clip(folder / "eight.mp4", TEN[:8])
    with pytest.raises(ValueError, match=LENGTHS.format(10, 8)):
        frame_pairs(long, short)
    with pytest.raises(ValueError, match=r"the same frame at offset=1, got .*: 10 and .*: 10 frames"):
        frame_pairs(long, long, offset=1)
    assert len(list(frame_pairs(long, short, length="shortest"))) == 8
    assert len(list(frame_pairs(long, short, stop=8))) == 8
    with pytest.raises(ValueError, match=LENGTHS.format(10, 8)):
        frame_pairs(long, short, stop=9)


@pytest.mark.parametrize("every", [1, 3])
def test_lengths_that_are_not_stated_are_compared_where_the_first_clip_ends(every, lossless, folder):
    short = make_clip(folder / "short.mkv", TEN[:8], **LOSSLESS)
    found = []
    with pytest.raises(ValueError, match=LENGTHS.format("at least 9", 8)):
        list(frame_pairs(lossless, short, every=every))
    with pytest.raises(ValueError, match=LENGTHS.format(8, "at least 9")):
        found.extend(frame_pairs(short, lossless, every=every))
    assert indices(found) == list(range(0, 8, every))
    assert threads_of_ours() == []


def test_sizes_must_agree_as_displayed(lossless, folder):
    wide = make_clip(folder / "wide.mkv", pictures(10, width=88), **LOSSLESS)
    with pytest.raises(
        ValueError, match=r"the same size, got .*lossless.mkv: 96x64 and .*wide.mkv: 88x64; crop, scale"
    ):
        next(frame_pairs(lossless, wide))
    turned = make_clip(folder / "on-its-side.mp4", TEN, rotation=90)
    straight = make_clip(folder / "straight.mp4", TEN)
    with pytest.raises(ValueError, match=r"got .*straight.mp4: 96x64 and .*side.mp4: 64x96, turned from 96x64; crop"):
        next(frame_pairs(straight, turned))


def test_a_clip_turned_by_its_matrix_fits_one_that_was_turned_before(folder):
    turned = make_clip(folder / "matrix.mp4", TEN, rotation=90, options={"crf": "1"})
    upright = [np.ascontiguousarray(np.rot90(picture, -1)) for picture in TEN]
    before = make_clip(folder / "before.mp4", upright, options={"crf": "1"})
    pair = next(frame_pairs(turned, before))
    assert np.abs(pair.real.astype(int) - pair.fake).mean() < 6


def test_rates_must_agree_unless_they_may_be_any(lossless, folder):
    film = make_clip(folder / "film.mkv", TEN, rate=24, **LOSSLESS)
    with pytest.raises(
        ValueError, match=r"the same frame rate, got .*: 25 and .*film.mkv: 24 frames a second; convert"
    ):
        frame_pairs(lossless, film)
    assert len(list(frame_pairs(lossless, film, rate="any"))) == 10
    ntsc = make_clip(folder / "ntsc.mkv", TEN, rate=Fraction(24000, 1001), **LOSSLESS)
    with pytest.raises(ValueError, match=r"film.mkv: 24 and .*ntsc.mkv: 23.976 frames a second"):
        frame_pairs(film, ntsc)


def test_a_picture_that_changes_its_size_is_refused(folder):
    first = make_clip(folder / "first.h264", TEN[:3], form="h264", options={"bf": "0"})
    second = make_clip(folder / "second.h264", pictures(3, width=80), form="h264", options={"bf": "0"})
    path = folder / "changing.h264"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    with pytest.raises(
        ValueError, match=r"changing.h264, frame 3 \(0.120 s\): the picture changes from 96x64 to 80x64"
    ):
        list(read_frames(path))


# Arguments


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"start": -1}, ValueError, r"start must be a frame from 0 on, got -1"),
        ({"start": 5, "stop": 5}, ValueError, r"stop must be above start, got stop=5 and start=5"),
        ({"every": 0}, ValueError, r"every must be at least 1, got 0"),
        ({"start": 1.0}, TypeError, r"start must be a whole number, got 1.0 \(float\)"),
        ({"stop": "9"}, TypeError, r"stop must be a whole number, got '9'"),
        ({"every": True}, TypeError, r"every must be a whole number, got True"),
    ],
)
def test_spans_are_checked_at_once(arguments, error, message, lossless):
    for call in (lambda: read_frames(lossless, **arguments), lambda: frame_pairs(lossless, lossless, **arguments)):
        with pytest.raises(error, match=message):
            call()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"offset": 1.5}, TypeError, r"offset must be a whole number"),
        ({"length": "longest"}, ValueError, r"length must be one of 'equal', 'shortest', got 'longest'"),
        ({"rate": 25}, TypeError, r"rate must be one of 'equal', 'any', got 25"),
        ({"offset": -4, "stop": 4}, ValueError, r"beyond the first pair, got stop=4, and at offset=-4 it is frame 4"),
    ],
)
def test_the_arguments_of_pairs_are_checked_at_once(arguments, error, message, lossless):
    with pytest.raises(error, match=message):
        frame_pairs(lossless, lossless, **arguments)


def test_a_start_beyond_the_end_is_refused(lossless):
    with pytest.raises(ValueError, match=r"lossless.mkv: start must lie within the clip, got 10 for 10 frames"):
        list(read_frames(lossless, start=10))


@pytest.mark.parametrize("function", [read_frames, clip_info, first_frame, lambda path: frame_pairs(path, path)])
def test_a_path_is_a_path(function):
    with pytest.raises(TypeError, match=r"must be a path, a str or an os.PathLike such as pathlib.Path, got int"):
        function(3)


@pytest.mark.parametrize("name", ["Grüße 顔.mkv", "a b%20c#?.mkv", "concat:x|y.mkv", "frame%03d.mkv"])
def test_any_name_will_do(name, lossless, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(lossless.read_bytes())
    assert len(list(read_frames(name))) == 10


# Bad files


def test_a_missing_clip_a_folder_and_an_empty_file_are_named(tmp_path, lossless):
    with pytest.raises(FileNotFoundError, match="there is no such clip"):
        read_frames(tmp_path / "none.mp4")
    with pytest.raises(FileNotFoundError, match=r"there is no such clip.*none.mp4"):
        frame_pairs(lossless, tmp_path / "none.mp4")
    with pytest.raises(IsADirectoryError, match="this is a folder, not a clip"):
        read_frames(tmp_path)
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(ValueError, match=r"empty.mp4 is empty \(0 bytes\); get it again"):
        read_frames(tmp_path / "empty.mp4")


def test_a_clip_that_may_not_be_read_is_named(lossless, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)  # a file without rights is no hurdle to root, who runs tests as well
    with pytest.raises(PermissionError, match="this clip may not be read"):
        read_frames(lossless)


def test_what_is_no_video_is_named(tmp_path):
    (tmp_path / "text.mp4").write_text("not a clip at all " * 50)
    with pytest.raises(ValueError, match=r"text.mp4 cannot be opened as a clip \(Invalid data.*it is no video, or"):
        read_frames(tmp_path / "text.mp4")


def test_a_header_that_is_cut_short_is_named(h264):
    for length in (40, 200, 700):
        path = h264.with_name("header.mp4")
        path.write_bytes(h264.read_bytes()[:length])
        with pytest.raises(ValueError, match=r"header.mp4 (cannot be opened|holds no video).*cut short in its header"):
            read_frames(path)


def make_sound(path: Path, cover: bool) -> Path:
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_s16le" if path.suffix == ".wav" else "mp3", rate=44100)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 2 * 1152), np.int16), format="s16", layout="stereo")
        sound.rate = 44100
        if cover:
            art = file.add_stream("png", rate=1)
            art.width, art.height, art.pix_fmt = 32, 32, "rgb24"
            art.disposition = 0x400
            file.mux(art.encode(av.VideoFrame.from_ndarray(TEN[0][:32, :32], format="rgb24")))
        file.mux(stream.encode(sound))
        file.mux(stream.encode())
    return path


def test_sound_alone_is_no_clip(tmp_path):
    with pytest.raises(ValueError, match=r"sound.wav holds no video \(WAV.*, with audio in it\); name another file"):
        read_frames(make_sound(tmp_path / "sound.wav", cover=False))
    with pytest.raises(
        ValueError, match=r"song.mp3 holds no video \(MP2/3.*, with audio, video in it\); name another file"
    ):
        read_frames(make_sound(tmp_path / "song.mp3", cover=True))


@pytest.mark.parametrize("share", [0.4, 0.6, 0.9])
@pytest.mark.parametrize("kind", ["h264.mp4", "av.mkv", "jpeg.avi"])
def test_a_clip_that_is_cut_short_gives_its_whole_frames_and_then_an_error(kind, share, h264, folder):
    frames = pictures(40)
    path = {
        "h264.mp4": lambda: h264,
        "av.mkv": lambda: make_clip(folder / kind, frames, options={"crf": "4"}),
        "jpeg.avi": lambda: make_clip(folder / kind, frames, codec="mjpeg", pixel_format="yuvj420p"),
    }[kind]()
    whole = [frame.picture for frame in read_frames(path)]
    found = []
    with pytest.raises(
        ValueError, match=rf"cut-{kind}, frame \d+ \(\d\.\d\d\d s\): the clip (is damaged|ends early)"
    ) as error:
        found.extend(read_frames(cut(path, share)))  # what came before the error stays in the list
    assert indices(found) == list(range(len(found)))
    assert len(found) < 40 * share + 1
    assert f"frame {len(found)} (" in str(error.value)
    assert (f"or pass stop={len(found)} to read" in str(error.value)) == (len(found) > 0)
    for frame in found:
        np.testing.assert_array_equal(frame.picture, whole[frame.index])


def test_what_is_whole_of_a_clip_that_is_cut_short_can_be_read(h264):
    assert indices(read_frames(cut(h264, 0.5), stop=5)) == list(range(5))


def test_the_error_of_a_clip_that_is_cut_short_reaches_a_pair(h264):
    found = []
    with pytest.raises(ValueError, match=r"cut-h264.mp4, frame \d+ .*the clip is damaged here"):
        found += frame_pairs(h264, cut(h264, 0.5))
    assert len(threads_of_ours()) == 0


def spoil(path: Path, packet_number: int) -> Path:
    """Overwrite the data of one packet with noise."""
    with av.open(str(path)) as file:
        packets = [packet for packet in file.demux(video=0) if packet.size]
        position, size = packets[packet_number].pos, packets[packet_number].size
    data = bytearray(path.read_bytes())
    data[position + 8 : position + size] = np.random.default_rng(1).bytes(size - 8)
    bad = path.with_name(f"bad-{path.name}")
    bad.write_bytes(data)
    return bad


@pytest.mark.parametrize("kind", ["h264.mp4", "mpeg4.mp4", "jpeg.avi"])
def test_a_corrupt_packet_in_the_middle_is_an_error_there(kind, h264, folder):
    frames = pictures(40)
    path = {
        "h264.mp4": lambda: h264,
        "mpeg4.mp4": lambda: make_clip(folder / kind, frames, codec="mpeg4"),
        "jpeg.avi": lambda: make_clip(folder / kind, frames, codec="mjpeg", pixel_format="yuvj420p"),
    }[kind]()
    found = []
    with pytest.raises(ValueError, match=rf"bad-{kind}, frame \d+ \(\d\.\d\d\d s\): the clip is damaged here"):
        found.extend(read_frames(spoil(path, 20)))
    assert 10 <= len(found) <= 20


def test_packets_that_are_lost_in_the_middle_are_missed_at_the_end(folder):
    path = make_clip(folder / "lossy.avi", TEN, codec="mjpeg", pixel_format="yuvj420p")
    data = path.read_bytes()
    at = data.index(b"00dc", data.index(b"00dc", data.index(b"movi")) + 4)
    (folder / "gap.avi").write_bytes(data[:at] + b"JUNK" + data[at + 4 : data.index(b"idx1")])
    with pytest.raises(
        ValueError, match=r"gap.avi, frame 9 .*ends early, after 9 of 10 frames that its container states"
    ):
        list(read_frames(folder / "gap.avi"))


def remux(path: Path, out: Path, first: int, shift: int = 0) -> Path:
    """Copy the packets from the `first` on, `shift` frames earlier, without coding them anew."""
    with av.open(str(path)) as file, av.open(str(out), "w") as copy:
        stream = copy.add_stream_from_template(file.streams.video[0])
        for packet in [packet for packet in file.demux(video=0) if packet.size][first:]:
            packet.pts -= shift * packet.duration
            packet.dts -= shift * packet.duration
            packet.stream = stream
            copy.mux(packet)
    return out


def test_a_clip_without_a_single_frame_is_refused(h264, folder):
    path = remux(h264, folder / "headless.mp4", first=1)  # without its key frame, that is
    with pytest.raises(
        ValueError, match=r"headless.mp4 holds no frame that can be decoded, of 39 packets; get it again"
    ):
        list(read_frames(path))


def test_a_part_that_the_decoder_makes_up_is_an_error(folder):
    path = cut(make_clip(folder / "stream.h264", pictures(40), form="h264", options={"crf": "4", "bf": "0"}), 0.5)
    with pytest.raises(
        ValueError, match=r"cut-stream.h264, frame \d+ .*the decoder had to make up a part of the picture"
    ):
        list(read_frames(path))


def test_a_frame_that_an_avi_only_repeats_is_no_loss(folder):
    path = make_clip(folder / "repeating.avi", TEN, codec="mjpeg", pixel_format="yuvj420p")
    data = path.read_bytes()
    start = data.index(b"00dc", data.index(b"movi"))
    following = data.index(b"00dc", start + 4)
    third = data.index(b"00dc", following + 4)
    # The second chunk holds nothing now; what it held is junk between chunks.
    empty = b"00dc" + bytes(4) + b"JUNK" + struct.pack("<I", third - following - 16)
    path.write_bytes(data[:following] + empty + data[following + 16 : data.index(b"idx1")])
    assert len(list(read_frames(path))) == 9


def test_an_empty_packet_does_not_end_the_clip(folder):
    path = folder / "empty.nut"
    source = make_clip(folder / "still.mp4", TEN, codec="mjpeg", pixel_format="yuvj420p")
    with av.open(str(source)) as file, av.open(str(path), "w") as copy:
        stream = copy.add_stream_from_template(file.streams.video[0])
        for number, packet in enumerate([packet for packet in file.demux(video=0) if packet.size]):
            empty = av.Packet(b"")
            empty.pts, empty.dts, empty.duration = packet.pts, packet.dts, packet.duration
            empty.time_base = packet.time_base
            chosen = empty if number == 4 else packet
            chosen.stream = stream
            copy.mux(chosen)
    assert len(list(read_frames(path))) == 9


def test_where_a_container_states_no_length_none_is_missed(folder):
    path = make_clip(folder / "unstated.mkv", pictures(40), options={"crf": "4"})
    path.write_bytes(path.read_bytes().replace(b"DURATION", b"duratioN"))
    assert 5 < len(list(read_frames(cut(path, 0.5)))) < 30


def test_a_codec_that_ffmpeg_does_not_know_is_named(h264, folder):
    path = folder / "unknown.mp4"
    path.write_bytes(h264.read_bytes().replace(b"avc1", b"zzz1").replace(b"avcC", b"zzzC"))
    with pytest.raises(
        ValueError, match=r"unknown.mp4 holds video that FFmpeg cannot decode here; convert it to H.264"
    ):
        read_frames(path)
