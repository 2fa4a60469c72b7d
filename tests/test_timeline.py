"""Clips compared: every frame as a pair of pictures, tracks on what was edited, nothing on what was coded again."""

import dataclasses
import math
import sys
import threading
import weakref
from contextlib import contextmanager

import numpy as np
import pytest
import skimage.data

import facediff
from clips import LOSSLESS, cut, make_clip
from facediff import Box, _compiled, compare_images, find_regions, timeline
from facediff._frame_comparison import Look
from facediff._registration import MisalignedError
from facediff.compare import mse, psnr, ssim
from facediff.synthesis import encode, manipulate
from facediff.timeline import compare_frames, compare_videos
from facediff.video import FramePair, frame_pairs, write_video

REAL = skimage.data.astronaut()
PASTED = manipulate(REAL, kind="paste", source=skimage.data.coffee(), box=Box(190, 60, 250, 130), seed=2)
SIDE = 160


def pan(picture, count, *, first=0):
    """Return frames through which a picture moves by two pixels to the left and one up with each."""
    return [
        np.ascontiguousarray(picture[10 + n : 10 + n + SIDE, 140 + 2 * n : 140 + 2 * n + SIDE])
        for n in range(first, first + count)
    ]


REALS, FAKES = pan(REAL, 50), pan(PASTED.fake, 50)
SPLICED = REALS[:20] + FAKES[20:40] + REALS[40:]


def in_frame(box, number):
    """Return what of a box of the whole picture is seen in a frame of the pan."""
    right, down = 140 + 2 * number, 10 + number
    return Box(max(box.left - right, 0), max(box.top - down, 0), box.right - right, box.bottom - down)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def clip(folder):
    """Return a function that writes pictures as a clip, once for each name."""

    def write(name, pictures, *, quality=18):
        path = folder / f"{name}.mp4"
        if not path.exists():
            write_video(path, pictures, rate=25, quality=quality)
        return path

    return write


@pytest.fixture(scope="module")
def spliced(clip):
    return clip("real", REALS), clip("spliced", SPLICED, quality=23)


@pytest.fixture(scope="module")
def result(spliced):
    return compare_videos(*spliced)


def lossless(folder, name, frames, **options):
    return make_clip(folder / f"{name}.mkv", frames, **LOSSLESS, **options)


def pairs_of(reals, fakes):
    return [FramePair(n, n / 25, real, fake) for n, (real, fake) in enumerate(zip(reals, fakes, strict=True))]


def threads_of_ours():
    return [thread for thread in threading.enumerate() if thread.name.startswith("facediff")]


# Every frame


def test_the_series_are_those_of_the_pictures_compared_one_by_one(result, spliced):
    evidence = []
    with frame_pairs(*spliced) as pairs:
        for n, pair in enumerate(pairs):
            comparison = compare_images(pair.real, pair.fake)
            found = find_regions(comparison)
            assert (result.index[n], result.time[n]) == (pair.index, pair.time)
            assert (result.mse[n], result.psnr[n], result.ssim[n]) == (comparison.mse, comparison.psnr, comparison.ssim)
            assert result.margin[n] == pytest.approx(found.margin, rel=1e-12)
            assert result.manipulated[n] == found.manipulated
            assert result.boxes[n] == tuple(region.box for region in found.regions)
            assert result.area[n] == sum(region.area for region in found.regions)
            evidence.append(found.evidence)
    np.testing.assert_allclose(result.mean_evidence, np.mean(evidence, axis=0), rtol=1e-5)
    assert result.index.size == len(evidence) == 50
    assert result.shape == (SIDE, SIDE)


def test_the_dtypes_are_those_that_are_promised(result):
    kinds = {"index": "int64", "area": "int64", "manipulated": "bool", "mean_evidence": "float32"}
    for name in ("index", "time", "mse", "psnr", "ssim", "margin", "manipulated", "area", "mean_evidence"):
        assert getattr(result, name).dtype.name == kinds.get(name, "float64"), name


def test_metrics_alone_are_the_same_numbers(spliced, result):
    metrics = compare_videos(*spliced, recipe=None)
    for name in ("index", "time", "mse", "psnr", "ssim"):
        np.testing.assert_array_equal(getattr(metrics, name), getattr(result, name))
    assert np.isnan(metrics.margin).all()
    assert not metrics.manipulated.any()
    assert not metrics.area.any()
    assert metrics.boxes == ((),) * 50
    assert (metrics.tracks, metrics.segments, metrics.mean_evidence) == ((), (), None)
    assert (metrics.recipe, metrics.recipe_version, metrics.parameters) == (None, None, {})
    # What is least alike is worth a look, though nobody looked for regions: here the frames that were replaced.
    assert 20 <= metrics.highlights[0].index < 40
    assert metrics.highlights[0].score == 1 - metrics.ssim.min()
    assert str(metrics) == f"50 frames compared, mean SSIM {metrics.ssim.mean():.4f}: no regions looked for"


def test_the_published_recipe_marks_what_it_always_marks(spliced):
    found = compare_videos(*spliced, recipe="otsu", stop=6)
    with frame_pairs(*spliced, stop=6) as pairs:
        for n, pair in enumerate(pairs):
            expected = find_regions(compare_images(pair.real, pair.fake), recipe="otsu")
            assert found.boxes[n] == tuple(region.box for region in expected.regions)
    assert found.manipulated.all()  # it has no test
    assert np.isnan(found.margin).all()
    assert (found.recipe, found.recipe_version, found.parameters) == ("otsu", 1, {"min_area": 1})
    assert found.highlights[0].score == 1 - found.ssim.min()


def test_it_says_how_it_was_made(spliced):
    found = compare_videos(*spliced, false_alarm_rate=0.05, start=4, stop=20, every=5)
    assert (found.real, found.fake) == tuple(map(str, spliced))
    np.testing.assert_array_equal(found.index, [4, 9, 14, 19])
    assert found.time == pytest.approx(found.index / 25)
    assert found.reading == {"start": 4, "stop": 20, "every": 5, "offset": 0, "length": "equal", "rate": "equal"}
    assert (found.recipe, found.recipe_version) == ("noise-aware", 1)
    assert found.parameters == {"false_alarm_rate": 0.05, "align": False, "min_area": 12}
    assert found.versions.facediff == facediff.__version__


def test_times_are_those_of_the_real_clip_where_its_rate_varies(folder):
    times = [0, 1, 2, 7, 8, 9, 20, 21]
    real = lossless(folder, "varying", REALS[:8], times=times)
    fake = lossless(folder, "varying-fake", [*REALS[:2], *FAKES[2:6], *REALS[6:8]], times=times)
    found = compare_videos(real, fake)
    assert found.time == pytest.approx(np.array(times) / 25)
    (segment,) = found.segments
    assert (segment.start, segment.stop) == (2, 6)
    assert (segment.start_time, segment.stop_time) == pytest.approx((2 / 25, 20 / 25))


def test_what_lies_frames_apart_is_compared_as_asked(folder):
    real, fake = lossless(folder, "all", REALS[:12]), lossless(folder, "late", FAKES[3:12])
    found = compare_videos(real, fake, offset=-3, length="shortest")
    np.testing.assert_array_equal(found.index, range(3, 12))
    (track,) = found.tracks
    assert (track.start, track.stop) == (3, 12)


# What is found


def test_a_spliced_clip_is_manipulated_where_it_was_spliced(result):
    (segment,) = result.segments
    assert abs(segment.start - 20) <= 2
    assert abs(segment.stop - 40) <= 2
    assert (segment.start_time, segment.stop_time) == pytest.approx((segment.start / 25, segment.stop / 25))
    (track,) = result.tracks
    assert (track.start, track.stop) == (segment.start, segment.stop)
    np.testing.assert_array_equal(np.flatnonzero(result.manipulated), range(track.start, track.stop))
    assert 20 <= result.highlights[0].index < 40
    assert result.highlights[0].score == result.margin.max()


@pytest.mark.parametrize("quality", [23, 35])
@pytest.mark.parametrize("moving", [True, False])
def test_a_clip_that_was_only_coded_again_holds_nothing(quality, moving, clip):
    frames = REALS if moving else REALS[:1] * 25
    kind = "real" if moving else "still"
    found = compare_videos(clip(kind, frames), clip(f"{kind}-{quality}", frames, quality=quality))
    assert (found.tracks, found.segments, found.boxes) == ((), (), ((),) * len(frames))
    assert not found.manipulated.any()
    assert (found.margin < 1).all()
    assert " compared, mean SSIM 0." in str(found)
    assert str(found).endswith(": nothing changed, by recipe noise-aware")


def test_a_clip_against_itself_holds_nothing(clip):
    path = clip("real", REALS)
    found = compare_videos(path, path, stop=8)
    assert (found.mse == 0).all()
    assert (found.psnr == math.inf).all()
    assert (found.ssim == 1).all()
    assert (found.margin == 0).all()
    assert (found.tracks, found.segments) == ((), ())
    assert not found.mean_evidence.any()


def test_an_edit_through_a_panning_clip_is_one_track_on_its_place(clip):
    found = compare_videos(clip("real", REALS), clip("fake", FAKES, quality=28))
    (track,) = found.tracks
    assert track.presence >= 0.97
    assert (track.start, track.stop) == (0, 50)
    for frame, box in zip(track.frames.tolist(), track.boxes, strict=True):
        assert box.iou(in_frame(PASTED.box, frame)) > 0.7
    assert str(found) == (
        f"50 frames compared, mean SSIM {found.ssim.mean():.4f}: 1 track, manipulated in frames 0 to 49 "
        "(0.00 to 2.00 s), by recipe noise-aware"
    )


def test_two_edits_are_two_tracks_and_share_a_segment(clip):
    second = manipulate(PASTED.fake, kind="copy-move", box=Box(210, 150, 270, 190), shape="ellipse", seed=3)
    fakes = FAKES[:4] + pan(second.fake, 12, first=4)
    found = compare_videos(clip("short", REALS[:16], quality=16), clip("two", fakes, quality=16))
    assert [(track.start, track.stop) for track in found.tracks] == [(0, 16), (4, 16)]
    assert [(segment.start, segment.stop) for segment in found.segments] == [(0, 16)]
    for track, edit in zip(found.tracks, (PASTED, second), strict=True):
        assert track.boxes[-1].iou(in_frame(edit.box, 15)) > 0.7
    assert ": 2 tracks, manipulated in frames 0 to 15 (0.00 to 0.64 s)" in str(found)


def test_one_compared_frame_is_a_clip(folder):
    real, fake = lossless(folder, "one", REALS[:1]), lossless(folder, "one-fake", FAKES[:1])
    found = compare_videos(real, fake)
    assert [(segment.start, segment.stop) for segment in found.segments] == [(0, 1)]
    assert str(found).startswith("1 frame compared, mean SSIM ")


# Faint regions

# One edit, weakened until it passes a test at a tenth of the strictness only.


def coded(picture, quality=90):
    return encode(np.ascontiguousarray(picture[:SIDE, 140 : 140 + SIDE]), "jpeg", quality)


def faded(share):
    """Return a real and a fake picture, both coded, with the edit at a share of its strength."""
    fake = REAL + share * (PASTED.fake.astype(float) - REAL)
    return coded(REAL), coded(np.rint(fake).astype(np.uint8), 88)


def passes(pair, rate):
    return find_regions(compare_images(*pair), false_alarm_rate=rate).manipulated


@pytest.fixture(scope="module")
def faint_pair():
    pairs = (faded(share) for share in np.arange(0.02, 1, 0.02))
    return next(pair for pair in pairs if passes(pair, 0.09) and not passes(pair, 0.011))


def test_a_region_is_sure_if_it_alone_passes_at_the_rate_asked_for(faint_pair):
    look = Look.checked("noise-aware", None, False)
    for pair, sure in ((faint_pair, False), (faded(1), True)):
        frame, sightings = look.compare(FramePair(0, 0.0, *pair))
        at_a_tenth = find_regions(compare_images(*pair), false_alarm_rate=0.1)
        assert [each.box for each in sightings] == [region.box for region in at_a_tenth.regions]
        strict = find_regions(compare_images(*pair))
        assert [each.sure for each in sightings] == [sure] == [strict.manipulated]
        assert frame.manipulated == strict.manipulated
        assert [region.box for region in frame.regions] == [region.box for region in strict.regions]
        assert frame.margin == pytest.approx(strict.margin, rel=1e-12)


def test_a_track_holds_through_frames_that_alone_would_say_nothing(folder, faint_pair):
    real, strong = faded(1)
    assert np.array_equal(real, faint_pair[0])
    fakes = [faint_pair[1]] * 2 + [strong] * 2 + [faint_pair[1]] * 20 + [strong] * 2 + [faint_pair[1]] * 2
    found = compare_videos(
        lossless(folder, "faint-real", [real] * 28), lossless(folder, "faint-fake", fakes), recipe="noise-aware"
    )
    (track,) = found.tracks
    assert (track.start, track.stop, track.presence) == (2, 26, 1.0)
    sure = [2, 3, 24, 25]
    np.testing.assert_array_equal(np.flatnonzero(found.margin > 1), sure)
    np.testing.assert_array_equal([n for n, boxes in enumerate(found.boxes) if boxes], sure)
    np.testing.assert_array_equal(np.flatnonzero(found.area), sure)
    np.testing.assert_array_equal(np.flatnonzero(found.manipulated), range(2, 26))


def test_faint_regions_alone_are_no_track(folder, faint_pair):
    real, fake = faint_pair
    found = compare_videos(lossless(folder, "r", [real] * 12), lossless(folder, "f", [fake] * 12))
    assert (found.tracks, found.segments) == ((), ())
    assert not found.manipulated.any()


def test_the_largest_rate_has_no_fainter_one(faint_pair):
    # At 0.1, the end of the range, what is looked at is what is asked for.
    (frame,) = compare_frames([FramePair(0, 0.0, *faint_pair)], false_alarm_rate=0.1)
    found = find_regions(compare_images(*faint_pair), false_alarm_rate=0.1)
    assert frame.manipulated
    assert frame.margin == found.margin
    assert [region.box for region in frame.regions] == [region.box for region in found.regions]


# Shifted frames


def shifted(picture):
    """Return the picture moved by three pixels to the right, where it repeats its edge."""
    return np.concatenate([picture[:, :1].repeat(3, axis=1), picture[:, :-3]], axis=1)


def with_shifts(count, *places):
    return [shifted(each) if n in places else each for n, each in enumerate(FAKES[:count])]


def test_shifted_frames_are_recorded_and_the_others_compared(folder):
    real = lossless(folder, "aligned", REALS[:14])
    fake = lossless(folder, "jumps", with_shifts(14, 4, 5, 9))
    found = compare_videos(real, fake)
    assert [index for index, _ in found.refused] == [4, 5, 9]
    for _, reason in found.refused:
        assert reason.startswith("real and fake must be aligned within 0.5 px, got a shift of (+3.0")
    places = [4, 5, 9]
    assert np.isnan(found.margin[places]).all()
    assert np.isfinite(found.ssim).all()
    assert [found.boxes[n] for n in places] == [()] * 3
    assert not {each.index for each in found.highlights} & set(places)
    (track,) = found.tracks
    assert (track.start, track.stop, track.frames.size) == (0, 14, 11)
    assert not found.manipulated[places].any()
    assert str(found).endswith(f"by recipe noise-aware; 3 frames refused, the first 4: {found.refused[0][1]}")
    # The mean is of the others.
    with frame_pairs(real, fake) as pairs:
        others = [frame.evidence for frame in compare_frames(pairs) if not frame.refused]
    assert len(others) == 11
    np.testing.assert_allclose(found.mean_evidence, np.mean(others, axis=0), rtol=1e-5)


def test_one_refused_frame_is_one(folder):
    found = compare_videos(lossless(folder, "a", REALS[:4]), lossless(folder, "b", [*REALS[:3], shifted(REALS[3])]))
    assert [each.index for each in found.highlights] == [0]  # the refused one was not weighed against the others
    assert ": nothing changed, by recipe noise-aware; 1 frame refused, the first 3: real and fake" in str(found)


@pytest.mark.parametrize(("begin", "refused"), [(0, range(10)), (2, range(2, 12))])
def test_ten_shifted_frames_in_a_row_are_a_shifted_clip(begin, refused):
    seen = []
    text = (
        rf"10 frames in a row, up to frame {begin + 9}: real and fake must be aligned within 0.5 px, got a shift of "
        r"\(\+\d.\d\d, .*; pass align=True .*; or measure with facediff.video.measure_offset"
    )
    with pytest.raises(MisalignedError, match=text) as caught:
        seen.extend(compare_frames(pairs_of(REALS[:14], with_shifts(14, *refused))))
    assert threads_of_ours() == []  # though the error is held
    del caught
    assert [bool(frame.refused) for frame in seen] == [False] * begin + [True] * 9


def test_nine_in_a_row_are_not_ten():
    places = [*range(9), *range(10, 14)]
    refused = [bool(frame.refused) for frame in compare_frames(pairs_of(REALS[:14], with_shifts(14, *places)))]
    assert [n for n, each in enumerate(refused) if each] == places


@pytest.mark.parametrize("count", [1, 3])
def test_a_short_clip_of_which_nothing_fits_is_not_called_unchanged(count):
    frames = compare_frames(pairs_of(REALS[:count], [shifted(each) for each in REALS[:count]]))
    assert [next(frames).index for _ in range(count)] == list(range(count))
    with pytest.raises(MisalignedError, match=rf"not one frame fits, of {count}: real and fake must be aligned within"):
        next(frames)


def test_shifted_frames_are_aligned_on_request(folder):
    found = compare_videos(
        lossless(folder, "c", REALS[:5]), lossless(folder, "d", with_shifts(5, 0, 1, 2, 3, 4)), align=True
    )
    assert found.refused == ()
    assert found.parameters["align"] is True
    (track,) = found.tracks
    assert (track.start, track.stop) == (0, 5)
    assert track.boxes[2].iou(in_frame(PASTED.box, 2)) > 0.7


def test_a_frame_that_cannot_be_aligned_is_refused_too(monkeypatch):
    def register(comparison, shift):  # noqa: ARG001
        raise MisalignedError("real and fake could not be aligned")

    monkeypatch.setattr("facediff._registration.register", register)
    frames = list(compare_frames(pairs_of(REALS[:3], with_shifts(3, 1)), align=True))
    assert [frame.refused for frame in frames] == ["", "real and fake could not be aligned", ""]
    assert str(frames[1]).endswith(", real and fake could not be aligned")


# As it goes


def test_frames_carry_their_pictures_regions_and_evidence():
    pairs = pairs_of(REALS[:4], FAKES[:4])
    frames = list(compare_frames(pairs))
    for frame, pair in zip(frames, pairs, strict=True):
        found = find_regions(compare_images(pair.real, pair.fake))
        assert (frame.index, frame.time) == (pair.index, pair.time)
        assert frame.real is pair.real
        assert frame.fake is pair.fake
        assert frame.manipulated
        assert frame.refused == ""
        np.testing.assert_array_equal(frame.evidence, found.evidence)
        np.testing.assert_array_equal(frame.regions[0].contour, found.regions[0].contour)
    psnr_, ssim_ = frames[1].psnr, frames[1].ssim
    assert str(frames[1]) == f"Frame 1 at 0.040 s: PSNR {psnr_:.2f} dB, SSIM {ssim_:.4f}, 1 region"
    (alike,) = compare_frames(pairs_of(REALS[:1], REALS[:1]))
    assert str(alike) == "Frame 0 at 0.000 s: PSNR inf dB, SSIM 1.0000, 0 regions"
    (metrics,) = compare_frames(pairs_of(REALS[:1], REALS[:1]), recipe=None)
    assert str(metrics) == "Frame 0 at 0.000 s: PSNR inf dB, SSIM 1.0000, no regions looked for"


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("gray", [True, False])
def test_pairs_of_other_pictures_have_their_own_white(dtype, gray):
    real, fake = (picture.astype(dtype) * (257 if dtype == np.uint16 else 1) for picture in (REALS[0], FAKES[0]))
    if gray:
        real, fake = real[..., 0], fake[..., 0]
    (frame,) = compare_frames([FramePair(0, 0.0, real, fake)], recipe=None)
    assert (frame.mse, frame.psnr, frame.ssim) == (mse(real, fake), psnr(real, fake), ssim(real, fake))
    (whole,) = compare_frames([FramePair(0, 0.0, real, fake)])
    assert (whole.mse, whole.psnr, whole.ssim) == (frame.mse, frame.psnr, frame.ssim)


@pytest.mark.parametrize("recipe", [None, "noise-aware"])
def test_leaving_early_leaves_no_thread(recipe):
    frames = compare_frames(pairs_of(REALS[:20], FAKES[:20]), recipe=recipe)
    assert next(frames).index == 0
    assert threads_of_ours()
    frames.close()
    assert threads_of_ours() == []


def test_an_error_of_the_reader_comes_after_the_frames_before_it(clip):
    real, fake = clip("real", REALS), cut(clip("spliced", SPLICED, quality=23), 0.9)
    seen = []
    with frame_pairs(real, fake) as pairs:
        frames = compare_frames(pairs)
        text = r"cut-spliced.mp4, frame (\d+) .*: the clip (ends early|is damaged)"
        with pytest.raises(ValueError, match=text) as caught:
            seen.extend(frames)
    broken = int(str(caught.value).split(", frame ")[1].split()[0])
    assert [frame.index for frame in seen] == list(range(broken))
    assert broken > 0
    with pytest.raises(ValueError, match=r"the clip (ends early|is damaged)"):
        compare_videos(real, fake)
    assert threads_of_ours() == []


def test_results_are_the_same_on_any_number_of_cores(monkeypatch):
    # Large enough that the kernels share a picture, too.
    box = Box(100, 60, 260, 220)
    fake = manipulate(REAL, kind="warp", box=box, seed=4).fake
    pairs = [
        FramePair(n, n / 25, encode(np.roll(REAL, n, axis=1), "jpeg", 90), encode(np.roll(fake, n, axis=1), "jpeg", 70))
        for n in range(3)
    ]
    found = []
    for cores in (1, 2, 5):
        monkeypatch.setattr(_compiled, "cores", lambda cores=cores: cores)
        found.append(list(compare_frames(pairs)))
    for other in found[1:]:
        for one, two in zip(found[0], other, strict=True):
            assert (one.mse, one.psnr, one.ssim, one.margin) == (two.mse, two.psnr, two.ssim, two.margin)
            assert [region.box for region in one.regions] == [region.box for region in two.regions]
            assert one.evidence.tobytes() == two.evidence.tobytes()


@pytest.mark.parametrize("recipe", [None, "noise-aware"])
def test_pictures_are_let_go(recipe, monkeypatch):
    seen, alive = [], []

    def pairs():
        for n in range(40):
            real, fake = REALS[n].copy(), FAKES[n].copy()
            seen.extend([weakref.ref(real), weakref.ref(fake)])
            alive.append(sum(each() is not None for each in seen))
            yield FramePair(n, n / 25, real, fake)

    @contextmanager
    def reader(*_, **__):
        yield pairs()

    monkeypatch.setattr(timeline, "frame_pairs", reader)
    monkeypatch.setattr(_compiled, "cores", lambda: 2)
    found = compare_videos("real.mp4", "fake.mp4", recipe=recipe)
    assert found.index.size == 40
    # Two pictures each of: this pair, the one before it, two under way, one yielded, one waiting to be.
    assert max(alive) <= 2 * 6
    del found
    assert not any(each() is not None for each in seen)


def test_pictures_that_come_in_are_not_written_to():
    pairs = pairs_of(REALS[:3], with_shifts(3, 1))
    before = [(pair.real.copy(), pair.fake.copy()) for pair in pairs]
    list(compare_frames(pairs, align=True))
    for pair, (real, fake) in zip(pairs, before, strict=True):
        np.testing.assert_array_equal(pair.real, real)
        np.testing.assert_array_equal(pair.fake, fake)


# The result as a value


def test_a_result_is_frozen(result):
    for name in ("index", "time", "mse", "psnr", "ssim", "margin", "manipulated", "area", "mean_evidence"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(result, name)[0] = 0
    with pytest.raises(AttributeError, match="tracks"):
        result.tracks = ()
    with pytest.raises(AttributeError, match="index"):
        next(compare_frames(pairs_of(REALS[:1], FAKES[:1]))).index = 3
    with pytest.raises(AttributeError, match="start"):
        result.segments[0].start = 3


def test_the_series_as_a_table(result):
    table = result.to_dataframe()
    assert list(table.columns) == ["time", "mse", "psnr", "ssim", "margin", "manipulated", "area", "boxes"]
    assert table.index.name == "index"
    np.testing.assert_array_equal(table.index, result.index)
    for name in table.columns[:-1]:
        np.testing.assert_array_equal(table[name], getattr(result, name))
    assert table["boxes"][0] == ()
    assert table["boxes"][30] == tuple(box.xyxy for box in result.boxes[30]) != ()
    table.loc[0, "time"] = 5.0  # a copy: the result stays
    assert result.time[0] == 0.0


def test_a_table_needs_pandas(result, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r'pip install "facediff\[datasets\]"'):
        result.to_dataframe()


# Progress


def test_progress_is_drawn_on_the_error_stream_and_only_if_wanted(clip, capsys):
    path = clip("real", REALS)
    compare_videos(path, path, stop=3, recipe=None)
    assert capsys.readouterr() == ("", "")
    compare_videos(path, path, start=2, stop=60, every=12, recipe=None, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "comparing: 100%" in err
    assert "4/4" in err  # 2, 14, 26, 38


def test_progress_knows_the_frames_that_have_no_partner(clip, capsys):
    late = clip("real-late", REALS[3:])
    compare_videos(clip("real", REALS), late, offset=-3, recipe=None, progress=True)
    assert "47/47" in capsys.readouterr().err


def test_progress_of_a_clip_that_does_not_tell_its_length_has_no_end(folder, capsys):
    path = lossless(folder, "untold", REALS[:5])
    compare_videos(path, path, recipe=None, progress=True)
    err = capsys.readouterr().err
    assert "5frame" in err
    assert "%" not in err


# Bad input, before anything is decoded


BAD = [
    ({"recipe": "noise"}, ValueError, "recipe must be one of 'noise-aware', 'otsu'"),
    ({"recipe": 5}, TypeError, "recipe must be one of 'noise-aware', 'otsu'"),
    ({"false_alarm_rate": 0.5}, ValueError, "false_alarm_rate must lie between 0.0001 and 0.1, got 0.5"),
    ({"false_alarm_rate": "0.01"}, TypeError, r"false_alarm_rate must be a number, got '0.01' \(str\)"),
    ({"align": 1}, TypeError, r"align must be True or False, got 1 \(int\)"),
    ({"recipe": "otsu", "align": True}, ValueError, "recipe 'otsu' has no test: it takes neither false_alarm_rate nor"),
    ({"recipe": None, "false_alarm_rate": 0.01}, ValueError, "recipe None has no test: it takes neither"),
]
BAD_SPANS = [
    ({"stop": 0}, ValueError, "stop must be above start, got stop=0 and start=0"),
    ({"every": 0}, ValueError, "every must be at least 1, got 0"),
    ({"start": 1.5}, TypeError, r"start must be a whole number, got 1.5 \(float\)"),
    ({"offset": None}, TypeError, "offset must be a whole number"),
    ({"length": "longest"}, ValueError, "length must be one of 'equal', 'shortest', got 'longest'"),
    ({"rate": 25}, TypeError, "rate must be one of 'equal', 'any', got 25"),
]


@pytest.mark.parametrize(("options", "kind", "text"), BAD + BAD_SPANS)
def test_bad_arguments_are_refused_before_a_clip_is_opened(options, kind, text):
    with pytest.raises(kind, match=text):
        compare_videos("there-is-none.mp4", "there-is-none.mp4", **options)


@pytest.mark.parametrize(("options", "kind", "text"), BAD)
def test_bad_arguments_are_refused_before_a_pair_is_asked_for(options, kind, text):
    with pytest.raises(kind, match=text):
        compare_frames(iter([]), **options)


def test_clips_that_are_missing_or_do_not_fit_are_refused_by_the_reader(clip):
    with pytest.raises(FileNotFoundError, match="there is no such clip"):
        compare_videos("there-is-none.mp4", "there-is-none.mp4")
    with pytest.raises(TypeError, match="fake must be a path"):
        compare_videos(clip("real", REALS), 5)
    with pytest.raises(ValueError, match="real and fake must end at the same frame"):
        compare_videos(clip("real", REALS), clip("real-late", REALS[3:]))


@pytest.mark.parametrize(("pairs", "got"), [([(REAL, REAL)], "tuple"), ("real.mp4", "str"), ([REAL], "ndarray")])
def test_what_is_no_pair_of_frames_is_refused(pairs, got):
    with pytest.raises(
        TypeError, match=rf"pairs must hold FramePair, got {got}; read them with facediff.video.frame_pa"
    ):
        next(compare_frames(pairs))


def test_what_cannot_be_gone_through_is_refused_at_once():
    with pytest.raises(
        TypeError, match="pairs must be an iterable of FramePair, got NoneType; read them with facediff"
    ):
        compare_frames(None)


def test_no_pairs_no_frames():
    assert list(compare_frames([])) == []


def test_two_results_are_not_compared_by_their_arrays(result):
    assert result != dataclasses.replace(result)
