"""Pages of clips show the right series, spans and frames in the right places, and say why they show no more."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from clips import LOSSLESS, make_clip, pictures
from compared_clips import RATE, highlight, made, segment, track
from facediff import Box
from facediff.draw import CYCLE, nth_color
from facediff.timeline import VideoComparison, compare_videos
from facediff.timeline_figures import contact_sheet, first_frames_figure, plot_series, plot_tracks, timeline_figure

BOX = Box(32, 24, 56, 48)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("clips")
    frames = pictures(12)
    edited = [picture.copy() for picture in frames]
    for picture in edited[3:9]:
        picture[BOX.slices] = 255 - picture[BOX.slices]
    return make_clip(folder / "real.mkv", frames, **LOSSLESS), make_clip(folder / "fake.mkv", edited, **LOSSLESS)


@pytest.fixture(scope="module")
def result(clips: tuple[Path, Path]) -> VideoComparison:
    return compare_videos(*clips)


def panel(figure: Figure, name: str) -> Axes:
    (found,) = [ax for ax in figure.axes if ax.get_label() == name]
    return found


def labels(figure: Figure) -> list[str]:
    return [ax.get_label() for ax in figure.axes]


def steps(ax: Axes) -> Any:
    (line,) = [each for each in ax.lines if each.get_drawstyle() == "steps-post"]
    values, edges = line.get_ydata(), line.get_xdata()
    np.testing.assert_array_equal(values[-1], values[-2])
    return values[:-1], edges


def spans(ax: Axes, name: str) -> list[tuple[float, float]]:
    found = [each.get_path().get_extents() for each in ax.patches if each.get_label() == name]
    shown = [
        each.get_patch_transform().transform_bbox(box)
        for each, box in zip([each for each in ax.patches if each.get_label() == name], found, strict=True)
    ]
    return [(round(box.x0, 6), round(box.x1, 6)) for box in shown]


def drawn(figure: Figure) -> Any:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return canvas.get_renderer()


# --- the timeline ----------------------------------------------------------------------------------------------------


def test_the_timeline_has_a_panel_for_every_series_the_tracks_and_each_highlight() -> None:
    full = made(20, tracks=(track(range(5, 12)),), segments=(segment(5, 12),), highlights=(highlight(9), highlight(2)))
    figure = timeline_figure(full)
    assert labels(figure) == ["margin", "ssim", "area", "tracks", "highlight 1", "highlight 2"]
    assert figure.get_suptitle() == "1 track, manipulated in frames 5 to 11 (0.20 to 0.48 s)"
    told = "20 frames, mean SSIM 0.9500, recipe noise-aware; real: real.mp4, fake: fake.mp4"
    assert told in [text.get_text() for text in figure.texts]
    assert labels(timeline_figure(made(20))) == ["margin", "ssim", "area", "highlight 1"]
    assert labels(timeline_figure(made(20, recipe="otsu"))) == ["ssim", "area", "highlight 1"]
    assert labels(timeline_figure(made(20, recipe=None))) == ["ssim", "psnr", "highlight 1"]


def test_highlights_stand_in_the_order_of_their_times_and_are_led_to() -> None:
    figure = timeline_figure(made(50, highlights=(highlight(40), highlight(3), highlight(20))))
    for number, index in ((1, 3), (2, 20), (3, 40)):
        ax = panel(figure, f"highlight {number}")
        assert (ax.images[0].get_array() == index).all()
        assert ax.get_title(loc="left") == f"{index / RATE:.2f} s"
        assert ax.get_xlabel() == f"frame {index}\nmargin 0.5"
        line = figure.artists[number - 1]
        across = line.get_xdata()
        place = panel(figure, "margin").get_position()
        middle = place.x0 + (index + 0.5) / 50 * place.width
        assert across[0] == across[1] == pytest.approx(middle)
        below = ax.get_position()
        assert across[-1] == pytest.approx((below.x0 + below.x1) / 2)
        assert line.get_ydata()[-1] == pytest.approx(below.y1)


def test_a_highlight_shows_the_boxes_of_its_frame_in_the_colour_of_their_track() -> None:
    tracks = (track([2, 3, 4], Box(0, 0, 9, 9)), track([4, 5, 6], Box(30, 20, 60, 50)))
    small = highlight(4, 32, 48)
    full = made(
        20,
        tracks=tracks,
        segments=(segment(2, 7),),
        highlights=(small,),
        boxes=((),) * 4 + ((Box(70, 10, 80, 20), Box(31, 21, 40, 40)),) + ((),) * 15,
    )
    ax = panel(timeline_figure(full), "highlight 1")
    shown = [(each.get_xy(), each.get_width(), each.get_edgecolor()[:3]) for each in reversed(ax.patches)]
    color = [tuple(value / 255 for value in each) for each in (CYCLE[0], CYCLE[1], (200, 200, 200))]
    # The second box of the frame lies within that of the second track: it is a part of it.
    assert shown == [((-0.5, -0.5), 9, color[0]), ((29.5, 19.5), 30, color[1]), ((69.5, 9.5), 10, color[2])]
    assert [text.get_text() for text in ax.texts] == ["2", "1"]
    assert ax.get_xlim() == (-0.5, 95.5), "a unit is a pixel of the clip, not of the small copy"


@pytest.mark.parametrize("shape", [(64, 96), (96, 64), (10, 160), (400, 20)])
@pytest.mark.parametrize("width", [8, 14])
def test_nothing_on_the_page_overlaps_or_is_cut_off(shape: tuple[int, int], width: float) -> None:
    near = tuple(highlight(index, *shape) for index in (90, 95, 96, 98, 99))
    full = made(
        100, shape=shape, highlights=near, tracks=tuple(track(range(n, n + 9)) for n in range(15)),
        segments=(segment(0, 23),), area=np.full(100, 7),
    )  # fmt: skip
    figure = timeline_figure(full, width=width)
    renderer = drawn(figure)
    boxes = [ax.get_tightbbox(renderer) for ax in figure.axes if ax.get_label().startswith("highlight")]
    series = [panel(figure, name).get_window_extent() for name in ("margin", "ssim", "area", "tracks")]
    assert len(boxes) == 5
    for place, box in enumerate(boxes):
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.width
        assert box.y0 >= 0
        assert box.y1 < series[-1].y0
        assert all(other.x0 - box.x1 > -1 for other in boxes[place + 1 :])
    assert all(lower.y1 < upper.y0 for upper, lower in pairwise(series))
    words = [
        panel(figure, name).yaxis.label.get_window_extent(renderer) for name in ("margin", "ssim", "area", "tracks")
    ]
    for ax, word in zip(figure.axes, words, strict=False):
        ticks = [tick.get_window_extent(renderer) for tick in ax.get_yticklabels() if tick.get_text()]
        assert word.x0 >= 0
        assert all(tick.x0 >= word.x1 - 1 for tick in ticks)


def test_frames_are_numbered_at_their_times() -> None:
    full = made(30, index=np.arange(100, 160, 2), time=np.linspace(4.0, 6.0, 30))
    ax = panel(timeline_figure(full), "margin")
    (upper,) = ax.child_axes
    told = {int(text.get_text()): at for text, at in zip(upper.get_xticklabels(), upper.get_xticks(), strict=True)}
    assert len(told) >= 3
    for index, at in told.items():
        assert at == pytest.approx(full.time[list(full.index).index(index)])


def test_a_clip_of_one_frame_has_a_page() -> None:
    figure = timeline_figure(made(1, highlights=(highlight(0),), psnr=np.array([np.inf]), margin=np.array([np.nan])))
    assert figure.get_suptitle() == "Nothing changed"
    assert "1 frame, mean" in figure.texts[-2].get_text() + figure.texts[-1].get_text()
    assert list(panel(figure, "area").get_xticks()) == [0.0]
    drawn(figure)


def test_a_long_clip_has_a_page() -> None:
    count = 10_000
    margin = np.random.default_rng(1).uniform(0, 2, count)
    figure = timeline_figure(
        made(count, margin=margin, tracks=(track(range(7000, 7003)),), segments=(segment(7000, 7003),))
    )
    values, edges = steps(panel(figure, "margin"))
    np.testing.assert_array_equal(values, np.maximum(margin, 0.1))
    assert edges.size == count + 1
    (line,) = [each for each in panel(figure, "margin").lines if each.get_label() == "margin"]
    assert line.get_linewidth() < 1
    drawn(figure)


def test_the_heading_says_in_one_line_what_was_found() -> None:
    passing = np.arange(20)
    heads = {
        "Metrics only, no regions looked for": made(20, recipe=None),
        "Nothing changed": made(20),
        "Nothing changed, though 1 frame passes the test alone": made(20, manipulated=passing < 1),
        "Nothing changed, though 3 frames pass the test alone": made(20, manipulated=passing < 3),
        "2 tracks, manipulated in frames 1 to 3 (0.04 to 0.16 s) and 1 more span": made(
            20, tracks=(track([1, 2, 3]), track([8, 9, 10])), segments=(segment(1, 4), segment(8, 11))
        ),
        "1 track, manipulated in frames 1 to 3 (0.04 to 0.16 s) and 2 more spans": made(
            20, tracks=(track([1, 2, 3]),), segments=(segment(1, 4), segment(8, 11), segment(15, 18))
        ),
    }
    for head, each in heads.items():
        assert plot_series(each, series="ssim").get_title(loc="left") == head
    refused = timeline_figure(made(20, refused=((3, "shift"), (4, "shift"))))
    assert any("recipe noise-aware, 2 refused as shifted; real" in text.get_text() for text in refused.texts)
    long = timeline_figure(made(20, real="a/name_of_a_clip_that_has_no_end_12.mp4"))
    assert any("real: name_of_a_clip…nd_12.mp4, fake" in text.get_text() for text in long.texts)


def test_pages_leave_no_trace() -> None:
    import matplotlib.pyplot as plt

    mpl.get_backend()  # which is settled only when it is asked for
    before = dict(mpl.rcParams)
    timeline_figure(made(5))
    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == before


# --- one series ------------------------------------------------------------------------------------------------------


def test_a_series_is_a_step_for_each_frame_over_the_time_that_it_is_shown() -> None:
    ssim = np.linspace(0.9, 0.99, 10)
    ax = plot_series(made(10, ssim=ssim), series="ssim")
    values, edges = steps(ax)
    np.testing.assert_array_equal(values, ssim)
    np.testing.assert_allclose(edges, np.arange(11) / RATE)
    assert ax.get_xlim() == pytest.approx((0, 10 / RATE))
    low, high = ax.get_ylim()
    assert low < 0.9
    assert high > 1
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time, s", "SSIM")
    assert ax.get_title(loc="left") == "Nothing changed"


def test_the_area_is_in_percent_of_the_picture() -> None:
    ax = plot_series(made(4, area=np.array([0, 96, 384, 6144])), series="area")
    values, _ = steps(ax)
    np.testing.assert_allclose(values, [0, 100 / 64, 400 / 64, 100])
    assert ax.get_ylim() == pytest.approx((0, 110))
    assert plot_series(made(4), series="area").get_ylim() == (0, 0.1)


def test_the_margin_is_logarithmic_with_a_line_at_the_gate() -> None:
    ax = plot_series(made(5, margin=np.array([0.0, 0.02, 1.0, 30.0, np.nan])))
    values, _ = steps(ax)
    np.testing.assert_array_equal(values, [0.1, 0.1, 1.0, 30.0, np.nan])
    assert ax.get_yscale() == "log"
    (gate,) = [line for line in ax.lines if line.get_label() == "gate"]
    assert list(gate.get_ydata()) == [1, 1]
    assert ax.get_ylim() == pytest.approx((0.09, 45))
    assert plot_series(made(5)).get_ylim() == pytest.approx((0.09, 10)), "alike in most clips"


@pytest.mark.parametrize("series", ["margin", "psnr", "mse"])
def test_what_is_infinite_is_a_triangle_at_the_upper_end(series: str) -> None:
    values = np.array([2.0, np.inf, 2.0, np.nan])
    ax = plot_series(made(4, **{series: values}), series=series)
    np.testing.assert_array_equal(steps(ax)[0], [2.0, np.nan, 2.0, np.nan])
    (endless,) = [line for line in ax.lines if line.get_label() == "infinite"]
    np.testing.assert_allclose(endless.get_xdata(), [1.5 / RATE])
    assert list(endless.get_ydata()) == [1]
    assert endless.get_transform() == ax.get_xaxis_transform()


def test_a_series_without_any_number_has_no_scale() -> None:
    ax = plot_series(made(4, psnr=np.full(4, np.inf)), series="psnr")
    assert list(ax.get_yticks()) == []
    drawn(ax.get_figure())


def test_identical_clips_have_an_ssim_line_within_the_axes() -> None:
    low, high = plot_series(made(4, ssim=np.ones(4)), series="ssim").get_ylim()
    assert low < 1 < high


def test_segments_are_shaded_and_refused_frames_hatched() -> None:
    full = made(
        20, index=np.arange(0, 40, 2), tracks=(track([4, 6, 8, 10]),), segments=(segment(4, 11),),
        refused=((20, "shift"), (22, "shift"), (30, "shift")),
    )  # fmt: skip
    ax = plot_series(full, series="ssim")
    assert spans(ax, "segment") == [(2 / RATE, 6 / RATE)]
    assert spans(ax, "refused") == [(10 / RATE, 12 / RATE), (15 / RATE, 16 / RATE)]
    assert {each.get_hatch() for each in ax.patches if each.get_label() == "refused"} == {"////"}


def test_a_series_is_drawn_where_it_is_wanted() -> None:
    ax, below = Figure().subplots(2)
    assert plot_series(made(4), ax=ax) is ax
    assert plot_tracks(made(9, tracks=(track([1, 2, 3]),), segments=(segment(1, 4),)), ax=below) is below


# --- tracks ----------------------------------------------------------------------------------------------------------


def test_a_track_is_thick_where_it_was_seen_and_thin_through_gaps() -> None:
    full = made(20, tracks=(track([2, 3, 4, 8, 9]), track([5, 6, 7])), segments=(segment(2, 10),))
    ax = plot_tracks(full)
    first, second = (
        [(path.vertices[:, 0].min(), path.vertices[:, 0].max()) for path in bar.get_paths()] for bar in ax.collections
    )
    np.testing.assert_allclose(first, np.array([(2, 5), (8, 10)]) / RATE)
    np.testing.assert_allclose(second, np.array([(5, 8)]) / RATE)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), np.array([2, 10]) / RATE)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["track 1", "track 2"]
    np.testing.assert_allclose(ax.collections[1].get_facecolor()[0, :3], np.array(CYCLE[1]) / 255)


def test_of_many_tracks_the_twelve_longest_are_shown_in_the_order_of_their_numbers() -> None:
    tracks = tuple(track(range(n, n + (3 if n % 2 else 6))) for n in range(24))
    ax = plot_tracks(made(40, tracks=tracks, segments=(segment(0, 30),)))
    assert [text.get_text() for text in ax.get_yticklabels()] == [str(n) for n in range(1, 24, 2)]
    assert ax.get_ylabel() == "12 of 24 tracks"
    fewer = plot_tracks(made(40, tracks=tracks[:5], segments=(segment(0, 30),)))
    assert fewer.get_ylabel() == "tracks"


def test_colours_of_tracks_come_round_again() -> None:
    assert [nth_color(n) for n in range(1, 14)] == [*CYCLE, *CYCLE, CYCLE[0]]
    assert len(set(CYCLE)) == len(CYCLE)


# --- the contact sheet -----------------------------------------------------------------------------------------------


def test_the_sheet_shows_the_frames_in_the_middles_of_equal_parts(result: VideoComparison) -> None:
    figure = contact_sheet(result, frames=4)
    assert labels(figure) == [f"{side} {n}" for n in range(1, 5) for side in ("real", "fake")]
    for number, index in enumerate((1, 4, 7, 10), start=1):
        real, fake = panel(figure, f"real {number}"), panel(figure, f"fake {number}")
        picture = pictures(1, first=index)[0]
        np.testing.assert_array_equal(real.images[0].get_array(), picture)
        changed = picture.copy()
        if 3 <= index < 9:
            changed[BOX.slices] = 255 - changed[BOX.slices]
        np.testing.assert_array_equal(fake.images[0].get_array(), changed)
        assert real.get_title(loc="left") == f"{index / RATE:.2f} s"
        assert fake.get_xlabel().startswith(f"frame {index}\nmargin ")
        assert len(real.patches) == len(fake.patches) == (1 if 3 <= index < 9 else 0)
        assert [text.get_text() for text in fake.texts] == (["1"] if 3 <= index < 9 else [])
    assert panel(figure, "real 1").get_ylabel() == "real"
    assert panel(figure, "fake 1").get_ylabel() == "fake"
    box = result.tracks[0].boxes[1]
    assert panel(figure, "fake 2").patches[0].get_xy() == (box.left - 0.5, box.top - 0.5)
    assert box.iou(BOX) > 0.7


def test_the_sheet_reads_what_was_compared(clips: tuple[Path, Path]) -> None:
    part = compare_videos(*clips, start=2, stop=11, every=3)
    figure = contact_sheet(part)
    assert [panel(figure, f"fake {n}").get_xlabel().split("\n")[0] for n in (1, 2, 3)] == [
        "frame 2",
        "frame 5",
        "frame 8",
    ]
    assert len(figure.axes) == 6, "there are no more"
    np.testing.assert_array_equal(panel(figure, "real 2").images[0].get_array(), pictures(1, first=5)[0])


def test_time_and_not_the_index_is_even(tmp_path: Path) -> None:
    times = [0, 1, 2, 3, 4, 5, 6, 7, 8, 30, 50, 70]
    both = [make_clip(tmp_path / name, pictures(12), times=times, **LOSSLESS) for name in ("a.mkv", "b.mkv")]
    figure = contact_sheet(compare_videos(*both, recipe=None, rate="any"), frames=3)
    shown = [panel(figure, f"fake {n}").get_xlabel().split("\n")[0] for n in range(1, len(figure.axes) // 2 + 1)]
    assert shown == ["frame 8", "frame 9", "frame 10"]
    assert panel(figure, "fake 1").get_xlabel() == "frame 8\nSSIM 1.0000"


def test_many_frames_stand_in_rows_of_six(result: VideoComparison) -> None:
    figure = contact_sheet(result, frames=8, width=12)
    lefts = [panel(figure, f"real {n}").get_position().x0 for n in range(1, 9)]
    assert lefts[:4] == pytest.approx(lefts[4:])
    renderer = drawn(figure)
    boxes = [ax.get_tightbbox(renderer) for ax in figure.axes]
    for place, box in enumerate(boxes):
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= figure.bbox.width
        for other in boxes[place + 1 :]:
            across, down = min(box.x1, other.x1) - max(box.x0, other.x0), min(box.y1, other.y1) - max(box.y0, other.y0)
            assert min(across, down) <= 1


def test_a_sheet_of_clips_that_are_gone_or_others_says_so(result: VideoComparison, tmp_path: Path) -> None:
    missing = str(tmp_path / "gone.mkv")
    for gone in (replace(result, real=missing), replace(result, fake=missing)):
        with pytest.raises(FileNotFoundError, match=r"this clip was compared and is not there any more; .*gone\.mkv"):
            contact_sheet(gone)
    other = [str(make_clip(tmp_path / name, pictures(12, width=80), **LOSSLESS)) for name in ("a.mkv", "b.mkv")]
    with pytest.raises(ValueError, match=r"a\.mkv and .*b\.mkv must be as they were compared, got other frames; comp"):
        contact_sheet(replace(result, real=other[0], fake=other[1]))
    short = [str(make_clip(tmp_path / name, pictures(6), **LOSSLESS)) for name in ("c.mkv", "d.mkv")]
    with pytest.raises(ValueError, match="must be as they were compared"):
        contact_sheet(replace(result, real=short[0], fake=short[1]))


# --- first frames ----------------------------------------------------------------------------------------------------


def test_first_frames_stand_in_a_grid_with_their_names(clips: tuple[Path, Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no clip at all")
    upright = make_clip(tmp_path / "upright.mkv", pictures(1, width=32, height=64), **LOSSLESS)
    figure = first_frames_figure([*clips, upright, broken, tmp_path / "none.mp4"], columns=3)
    assert labels(figure) == [f"clip {n}" for n in range(1, 6)]
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        "real.mkv", "fake.mkv", "upright.mkv", "broken.mp4", "none.mp4",
    ]  # fmt: skip
    np.testing.assert_array_equal(panel(figure, "clip 1").images[0].get_array(), pictures(1)[0])
    assert panel(figure, "clip 3").images[0].get_array().shape == (64, 32, 3)
    for number, why in ((4, "cannot be opened"), (5, "cannot be read: there is no such clip")):
        ax = panel(figure, f"clip {number}")
        assert not ax.images
        assert why in ax.texts[0].get_text().replace("\n", " ")
    lefts = [ax.get_position().x0 for ax in figure.axes]
    assert lefts[:2] == pytest.approx(lefts[3:])


def test_first_frames_have_the_names_that_are_given(clips: tuple[Path, Path]) -> None:
    figure = first_frames_figure(clips, names=["before", "a name that is much too long for a panel of that width " * 2])
    first, second = (ax.get_title(loc="left") for ax in figure.axes)
    assert first == "before"
    assert second.startswith("a name that is")
    assert "…" in second
    drawn(figure)
    assert figure.axes[1].title.get_window_extent().width < figure.bbox.width / 2


def test_a_grid_of_unreadable_clips_still_says_why(tmp_path: Path) -> None:
    figure = first_frames_figure([tmp_path / "none.mp4"])
    assert "there is no such clip" in figure.axes[0].texts[0].get_text().replace("\n", " ")


# --- what cannot be shown --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", [timeline_figure, plot_series, plot_tracks, contact_sheet])
def test_only_results_are_shown(call: Any) -> None:
    with pytest.raises(TypeError, match=r"result must be a VideoComparison, got str; make one with facediff.timeline"):
        call("real.mp4")


def test_what_there_is_not_cannot_be_shown() -> None:
    with pytest.raises(ValueError, match="series must be one of 'margin', 'ssim', 'psnr', 'mse', 'area', got 'vif'"):
        plot_series(made(3), series="vif")
    with pytest.raises(ValueError, match="series \"margin\" needs a recipe that tests, got a result of recipe 'otsu'"):
        plot_series(made(3, recipe="otsu"))
    with pytest.raises(ValueError, match='series "area" needs a recipe, got a result of metrics only'):
        plot_series(made(3, recipe=None), series="area")
    with pytest.raises(ValueError, match="result must hold a track, got none; show it with timeline_figure"):
        plot_tracks(made(3))
    for call in (plot_series, plot_tracks):
        with pytest.raises(TypeError, match="ax must be matplotlib Axes, got int"):
            call(made(9, tracks=(track([1, 2, 3]),), segments=(segment(1, 4),)), ax=3)  # type: ignore[arg-type]
    for call in (timeline_figure, contact_sheet):
        with pytest.raises(ValueError, match="width must be at least 8 inches"):
            call(made(3), width=5)


@pytest.mark.parametrize("frames", [0, 25])
def test_a_sheet_has_one_frame_to_twenty_four(frames: int) -> None:
    with pytest.raises(
        ValueError, match=rf"frames must be from 1 to 24, got {frames}; for all write an annotated clip"
    ):
        contact_sheet(made(3), frames=frames)
    with pytest.raises(TypeError, match=r"frames must be a whole number, got 2.5"):
        contact_sheet(made(3), frames=2.5)  # type: ignore[arg-type]


def test_what_is_no_list_of_clips_is_named() -> None:
    with pytest.raises(TypeError, match="clips must be a sequence of paths, got str; pass a list even for one clip"):
        first_frames_figure("real.mp4")
    with pytest.raises(ValueError, match="clips must hold at least one path, got none"):
        first_frames_figure([])
    with pytest.raises(TypeError, match=r"clips\[1\] must be a path, .* got int"):
        first_frames_figure(["real.mp4", 3])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="names must be a sequence of str, got 'ab'"):
        first_frames_figure(["a.mp4", "b.mp4"], names="ab")
    with pytest.raises(TypeError, match=r"names must be a sequence of str, got \[1\]"):
        first_frames_figure(["a.mp4"], names=[1])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="names must hold one for each clip, got 1 for 2 clips"):
        first_frames_figure(["a.mp4", "b.mp4"], names=["a"])
    for columns in (0, 13):
        with pytest.raises(ValueError, match=f"columns must be from 1 to 12, got {columns}"):
            first_frames_figure(["a.mp4"], columns=columns)
    with pytest.raises(ValueError, match="width must be at least 8 inches"):
        first_frames_figure(["a.mp4"], width=3)
