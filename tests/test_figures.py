"""Figures show the right pixels on fixed scales, and leave no trace elsewhere."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from functools import cache
from typing import Any

import cv2
import matplotlib as mpl
import numpy as np
import pytest
import skimage.data
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, to_rgb
from matplotlib.figure import Figure

import facediff
from facediff import Box, Comparison, Localisation, Region, figures

FACE = (slice(60, 210), slice(170, 280))


def coded(picture: np.ndarray[Any, Any], quality: int) -> np.ndarray[Any, Any]:
    data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


@cache
def pair() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    real = skimage.data.astronaut()
    fake = real.copy()
    fake[FACE] = fake[FACE][:, ::-1]
    fake[400:440, 60:120] = 255 - fake[400:440, 60:120]
    return coded(real, 92), coded(fake, 88)


@cache
def compared() -> tuple[Comparison, Localisation]:
    comparison = facediff.compare_images(*pair())
    return comparison, facediff.find_regions(comparison, min_area=50)


def small(height: int = 40, width: int = 60, **options: Any) -> tuple[Comparison, Localisation]:
    real = np.full((height, width, 3), 90, np.uint8)
    fake = real.copy()
    fake[10:20, 20:40] = 200
    comparison = facediff.compare_images(real, fake, **options)
    return comparison, facediff.find_regions(comparison)


def with_boxes(found: Localisation, *boxes: Box) -> Localisation:
    regions = tuple(Region(box, box.area, np.zeros((1, 2), np.int32), 1.0, 1.0, 0.5, 0.0, (0.0, 0.0)) for box in boxes)
    return replace(found, regions=regions)


def titles(figure: Figure) -> list[str]:
    return [ax.get_title(loc="left") for ax in figure.axes if ax.get_label() in figure_names(figure)]


def figure_names(figure: Figure) -> list[str]:
    return [str(ax.get_label()) for ax in figure.axes if not str(ax.get_label()).startswith("<")]


def panel(figure: Figure, name: str) -> Axes:
    return next(ax for ax in figure.axes if ax.get_label() == name)


def shown(ax: Axes) -> Any:
    return ax.images[0].get_array()


def bar_of(ax: Axes) -> Axes:
    (bar,) = ax.child_axes
    return bar


def text_of(figure: Figure) -> str:
    return "\n".join([figure.get_suptitle(), *(text.get_text() for text in figure.texts)])


# The figure.


def test_the_figure_has_all_panels_and_says_what_was_found() -> None:
    comparison, found = compared()
    figure = facediff.difference_figure(comparison, found)
    assert set(figure_names(figure)) == {"real", "fake", "mask", "difference", "ssim_map", "histogram"}
    assert figure.get_suptitle() == (
        f"MSE {comparison.mse:.4g}, PSNR {comparison.psnr:.2f} dB, SSIM {comparison.ssim:.4f}"
    )
    assert f"Manipulated at a false-alarm rate of 0.01: {len(found.regions)} regions, " in text_of(figure)
    assert f"evidence {found.margin:.1f} times the gate" in text_of(figure)
    assert text_of(figure).endswith("recipe noise-aware (version 1)")
    assert titles(figure)[:2] == ["Real", f"Fake, {len(found.regions)} regions"]


def test_without_found_there_is_no_mask_and_no_verdict() -> None:
    comparison, _ = compared()
    figure = facediff.difference_figure(comparison)
    assert "mask" not in figure_names(figure)
    assert titles(figure) == ["Real", "Fake", "Difference", "SSIM map", "Histogram of differences"]
    assert "anipulated" not in text_of(figure)
    assert "Comparison of 512x512 RGB uint8" in text_of(figure)
    np.testing.assert_array_equal(shown(panel(figure, "fake")), comparison.fake)


def test_identical_pictures_are_said_to_be_so() -> None:
    picture = pair()[0]
    comparison = facediff.compare_images(picture, picture)
    figure = facediff.difference_figure(comparison, facediff.find_regions(comparison))
    assert figure.get_suptitle() == "Identical: MSE 0, PSNR infinite, SSIM 1"
    assert "Nothing changed beyond coding noise: the pictures are identical" in text_of(figure)
    assert panel(figure, "fake").get_title(loc="left") == "Fake, no regions"
    assert panel(figure, "mask").get_title(loc="left") == "Mask, 0%"
    assert not panel(figure, "fake").patches


def test_the_share_is_of_what_was_compared() -> None:
    where = np.zeros((40, 60), bool)
    where[:, 10:50] = True
    comparison, found = small(where=where)
    figure = facediff.difference_figure(comparison, found)
    share = 100 * found.mask.sum() / (40 * 40)
    assert f"1 region, {share:.3g}% of what was compared" in text_of(figure)
    assert text_of(figure).endswith("; gray: not compared")
    assert panel(figure, "mask").get_title(loc="left") == f"Mask, {share:.3g}%"


def test_a_recipe_without_a_test_gives_no_verdict() -> None:
    comparison, _ = small()
    figure = facediff.difference_figure(comparison, facediff.find_regions(comparison, recipe="otsu"))
    assert "1 region by recipe otsu, which has no test: " in text_of(figure)
    assert "anipulated" not in text_of(figure)


# The figure of the evidence.


def test_the_evidence_figure_says_how_the_verdict_came_about() -> None:
    comparison, found = compared()
    figure = facediff.evidence_figure(comparison, found)
    assert figure_names(figure) == ["evidence", "gate", "mask", "fake"]
    assert figure.get_suptitle() == "Manipulated at a false-alarm rate of 0.01"
    assert f"{len(found.regions)} regions, " in text_of(figure)
    assert f"; the largest evidence is {found.margin:.1f} times the gate" in text_of(figure)
    assert text_of(figure).endswith("recipe noise-aware (version 1)")


def test_the_evidence_figure_says_why_nothing_was_found() -> None:
    real = pair()[0]
    comparison = facediff.compare_images(real, coded(real, 60))
    found = facediff.find_regions(comparison, false_alarm_rate=0.05)
    figure = facediff.evidence_figure(comparison, found)
    assert figure.get_suptitle() == "Nothing changed beyond coding noise"
    why = f"The largest evidence is {found.margin:.2f} of what coding alone may reach at a false-alarm rate of 0.05"
    assert why in text_of(figure)
    assert panel(figure, "gate").get_title(loc="left") == "Above the gate, no cells"
    assert not shown(panel(figure, "gate")).any()


def test_identical_pictures_have_no_gate() -> None:
    picture = pair()[0]
    comparison = facediff.compare_images(picture, picture)
    figure = facediff.evidence_figure(comparison, facediff.find_regions(comparison))
    assert "The pictures are identical" in text_of(figure)
    bar = bar_of(panel(figure, "evidence"))
    assert bar.get_xlabel() == "times the coding noise"
    assert not any(line.get_clip_on() is False for line in bar.lines)


def test_only_a_recipe_with_a_gate_has_evidence_to_show() -> None:
    comparison, _ = small()
    found = facediff.find_regions(comparison, recipe="otsu")
    message = (
        r"found must come from a recipe with a gate, got recipe 'otsu'; pass facediff\.find_regions\(comparison, rec"
    )
    for plot in (facediff.evidence_figure, figures.plot_evidence, figures.plot_gate):
        with pytest.raises(ValueError, match=message):
            plot(comparison, found)


SHAPES = [(40, 60), (90, 60), (64, 64), (16, 400), (400, 16)]


@pytest.mark.parametrize(
    ("shape", "with_found", "width"),
    [*((shape, True, 8) for shape in SHAPES), (SHAPES[0], False, 8), (SHAPES[1], False, 8), (SHAPES[0], True, 14.0)],
)
def test_nothing_overlaps_and_nothing_is_clipped(shape: tuple[int, int], with_found: bool, width: float) -> None:
    real = np.full(shape, 90, np.uint16)
    fake = real.copy()
    fake[4:9, 4:9] = 60000
    where = np.ones(shape, bool)
    where[:, -1] = False
    comparison = facediff.compare_images(real, fake, where=where)
    found = facediff.find_regions(comparison) if with_found else None
    figure = facediff.difference_figure(comparison, found, width=width)
    assert_well_laid(figure, width)


@pytest.mark.parametrize("shape", SHAPES[:4])
def test_nor_in_the_evidence_figure(shape: tuple[int, int]) -> None:
    where = np.ones(shape, bool)
    where[:, -1] = False
    comparison, found = small(*shape, where=where)
    assert_well_laid(facediff.evidence_figure(comparison, found, width=8), 8)


def assert_well_laid(figure: Figure, width: float) -> None:
    """Hold that no panel and no line of the heading overlaps another or leaves the page."""
    assert figure.get_figwidth() == width
    figure.draw_without_rendering()
    panels = [ax for ax in figure.axes if ax.get_label() in figure_names(figure)]
    bounds = [ax.get_tightbbox() for ax in panels]
    bounds += [text.get_window_extent() for text in figure.texts]
    page = figure.bbox
    for index, one in enumerate(bounds):
        assert one.x0 >= 0
        assert one.y0 >= 0
        assert one.x1 <= page.x1
        assert one.y1 <= page.y1
        for other in bounds[:index]:
            across = min(one.x1, other.x1) - max(one.x0, other.x0)
            down = min(one.y1, other.y1) - max(one.y0, other.y0)
            assert min(across, down) < 1


@pytest.mark.parametrize("shape", SHAPES[:3])
def test_all_pictures_are_shown_at_one_size(shape: tuple[int, int]) -> None:
    comparison, found = small(*shape)
    figure = facediff.difference_figure(comparison, found)
    figure.draw_without_rendering()
    sizes = [ax.get_window_extent().size for ax in figure.axes if ax.images]
    assert len(sizes) == 5
    np.testing.assert_allclose(sizes, [sizes[0]] * 5, atol=0.5)
    assert sizes[0][0] / sizes[0][1] == pytest.approx(shape[1] / shape[0], rel=0.01)


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_it_saves(kind: str) -> None:
    file = io.BytesIO()
    facediff.difference_figure(*small()).savefig(file, format=kind, dpi=50)
    assert file.getvalue()[:5] in (b"\x89PNG\r", b"<?xml", b"%PDF-")


def test_a_notebook_shows_it_without_pyplot() -> None:
    figure: Any = facediff.difference_figure(*small())
    assert isinstance(figure, Figure)
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_it_is_the_same_bytes_every_time() -> None:
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        facediff.difference_figure(*small()).savefig(file, format="png", dpi=50)
    assert files[0].getvalue() == files[1].getvalue()


def test_pyplot_is_never_imported() -> None:
    code = (
        "import sys, numpy as np, facediff\n"
        "c = facediff.compare_images(np.zeros((9, 9), np.uint8), np.ones((9, 9), np.uint8))\n"
        "f = facediff.difference_figure(c, facediff.find_regions(c))\n"
        "f._repr_png_()\n"
        "facediff.figures.plot_histogram(c)\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_settings_and_inputs_are_left_alone() -> None:
    real, fake = (picture.copy() for picture in pair())
    before = dict(mpl.rcParams)
    comparison = facediff.compare_images(real, fake)
    figure = facediff.difference_figure(comparison, facediff.find_regions(comparison))
    figure.draw_without_rendering()
    np.testing.assert_array_equal(real, pair()[0])
    np.testing.assert_array_equal(fake, pair()[1])
    assert dict(mpl.rcParams) == before


# Pictures.


@pytest.mark.parametrize(
    ("scale", "dtype", "data_range"),
    [(1, np.uint8, None), (257, np.uint16, None), (4, np.uint16, 1020), (1 / 255, np.float32, 1.0)],
)
def test_a_picture_looks_the_same_in_every_dtype(scale: float, dtype: Any, data_range: float | None) -> None:
    dim = pair()[0] // 4
    ax = figures.plot_picture((dim * np.float64(scale)).astype(dtype), data_range=data_range)
    assert np.abs(shown(ax).astype(int) - dim).max() <= 1


def test_a_gray_picture_is_shown_in_gray_from_black_to_white() -> None:
    ax = figures.plot_picture(np.array([[100, 110], [120, 130]], np.uint8))
    np.testing.assert_array_equal(shown(ax)[..., 0], [[100, 110], [120, 130]])
    np.testing.assert_array_equal(shown(ax)[..., 1], shown(ax)[..., 2])


def test_a_large_picture_is_averaged_down_and_keeps_its_coordinates() -> None:
    picture = np.zeros((1440, 2560), np.uint8)
    picture[::2] = 200
    ax = figures.plot_picture(picture)
    assert shown(ax).shape == (720, 1280, 3)
    assert (shown(ax) == 100).all()
    assert ax.get_xlim() == (-0.5, 2559.5)
    assert ax.get_ylim() == (1439.5, -0.5)


def test_a_picture_may_hold_anything_where_it_was_not_compared() -> None:
    real = np.full((40, 60), 0.5, np.float32)
    fake = real.copy()
    fake[:, :10] = np.nan
    fake[20:30, 30:40] = 0.9
    where = np.ones((40, 60), bool)
    where[:, :10] = False
    comparison = facediff.compare_images(real, fake, data_range=1.0, where=where)
    figure = facediff.difference_figure(comparison, facediff.find_regions(comparison))
    assert (shown(panel(figure, "fake"))[:, :10] == 0).all()
    for name in ("difference", "ssim_map", "mask"):
        image = panel(figure, name).images[0]
        np.testing.assert_array_equal(np.ma.getmaskarray(shown(panel(figure, name))), ~where)
        assert to_rgb(image.get_cmap().get_bad()) == (0.6, 0.6, 0.6)


# Boxes.


def test_the_patches_are_the_boxes() -> None:
    comparison, found = compared()
    ax = figures.plot_regions(comparison, found)
    drawn = [patch.get_bbox().bounds for patch in ax.patches]
    boxes = [region.box.xywh for region in reversed(found.regions)]
    assert drawn == [(x - 0.5, y - 0.5, w, h) for x, y, w, h in boxes]


def test_numbers_are_for_the_nine_strongest_of_several() -> None:
    comparison, found = small()
    boxes = [Box(x, y, x + 3, y + 3) for y in (0, 10, 20) for x in (0, 10, 20, 57)]
    numbers = [text.get_text() for text in figures.plot_regions(comparison, with_boxes(found, *boxes)).texts]
    assert numbers == list("987654321")
    assert not figures.plot_regions(comparison, with_boxes(found, boxes[0])).texts


def test_numbers_stay_in_the_panel() -> None:
    comparison, found = small()
    ax = figures.plot_regions(comparison, with_boxes(found, Box(0, 0, 4, 4), Box(58, 0, 60, 3), Box(0, 37, 3, 40)))
    ax.figure.draw_without_rendering()
    frame = ax.get_window_extent()
    for text in ax.texts:
        bounds = text.get_window_extent()
        assert frame.x0 <= bounds.x0 < bounds.x1 <= frame.x1
        assert frame.y0 <= bounds.y0 < bounds.y1 <= frame.y1


# Maps.


def test_the_difference_has_one_scale_in_every_picture() -> None:
    comparison, _ = small()
    ax = figures.plot_difference(comparison)
    assert ax.images[0].get_clim() == (0, 63.75)
    np.testing.assert_array_equal(shown(ax), comparison.difference)
    assert bar_of(ax).get_xlabel() == "difference (white = 255)"
    assert ax.images[0].colorbar is not None
    assert ax.images[0].colorbar.extend == "max"


def test_the_ssim_map_goes_from_0_to_1_with_an_arrow_for_what_is_below() -> None:
    real = np.random.default_rng(0).integers(0, 256, (32, 32), dtype=np.uint8)
    comparison = facediff.compare_images(real, 255 - real)
    assert comparison.ssim_map.min() < 0
    ax = figures.plot_ssim_map(comparison)
    image = ax.images[0]
    assert image.get_clim() == (0, 1)
    assert image.colorbar is not None
    assert image.colorbar.extend == "min"
    assert bar_of(ax).get_xlabel() == "SSIM (1 = alike)"
    np.testing.assert_array_equal(shown(ax), comparison.ssim_map)
    dark, bright = (sum(image.get_cmap()(value)[:3]) for value in (1.0, 0.0))
    assert dark < bright


@pytest.mark.parametrize("plot", [figures.plot_difference, figures.plot_ssim_map])
@pytest.mark.parametrize("layout", [None, "constrained"])
def test_a_colour_bar_is_as_wide_as_its_picture(plot: Any, layout: Any) -> None:
    figure = Figure(figsize=(7, 4), layout=layout)
    ax = figure.subplots(1, 2)[1]
    plot(compared()[0], ax=ax)
    figure.draw_without_rendering()
    bar = ax.images[0].colorbar.ax.get_tightbbox()
    outline = bar_of(ax).get_window_extent()
    frame = ax.get_window_extent()
    assert outline.x1 <= frame.x1 + 0.5
    assert outline.x0 >= frame.x0 - 0.5
    assert bar.y1 < frame.y0


def test_what_was_not_compared_does_not_leak_into_an_averaged_map() -> None:
    real = np.full((100, 2000), 90, np.uint8)
    fake = np.full((100, 2000), 100, np.uint8)
    where = np.zeros((100, 2000), bool)
    where[:, :1001] = True
    comparison = facediff.compare_images(real, fake, where=where)
    for plot, name in ((figures.plot_difference, "difference"), (figures.plot_ssim_map, "ssim_map")):
        values = shown(plot(comparison))
        assert values.shape == (64, 1280)
        assert values[:, -600:].mask.all()
        kept = values.compressed()
        inside = getattr(comparison, name)[where]
        assert kept.min() >= inside.min() - 1e-5
        assert kept.max() <= inside.max() + 1e-5


def test_evidence_has_one_logarithmic_scale_with_the_gate_on_its_bar() -> None:
    comparison, found = compared()
    assert found.evidence.min() < 1
    ax = figures.plot_evidence(comparison, found)
    image = ax.images[0]
    assert isinstance(image.norm, LogNorm)
    assert image.get_clim() == figures.EVIDENCE_LIMITS == (1, 1000)
    assert image.colorbar is not None
    assert image.colorbar.extend == "both"
    np.testing.assert_array_equal(shown(ax), np.maximum(found.evidence, 1))
    bar = bar_of(ax)
    assert bar.get_xlabel() == f"times the coding noise (gate: {found.threshold:.3g})"
    (line,) = (line for line in bar.lines if not line.get_clip_on())
    assert set(line.get_xdata()) == {found.threshold}


def test_the_gate_panel_shows_whole_cells_above_it() -> None:
    comparison, found = small(42, 61)
    ax = figures.plot_gate(comparison, found)
    above = shown(ax)
    tested = facediff.evidence.measure_evidence(comparison).tested > found.threshold
    np.testing.assert_array_equal(above[::4, ::4], tested)
    np.testing.assert_array_equal(above, above[::4, ::4].repeat(4, axis=0).repeat(4, axis=1)[:42, :61])
    assert above[10:20, 20:40].all()
    assert ax.get_title(loc="left") == f"Above the gate, {tested.sum()} cells"


def test_a_mask_is_shown_as_it_is_if_its_pixels_can_be_seen() -> None:
    comparison, found = small()
    np.testing.assert_array_equal(shown(figures.plot_mask(comparison, found)), found.mask)


@pytest.mark.parametrize(("shape", "seen"), [((540, 960), 4), ((2160, 3840), 9)])
def test_one_marked_pixel_of_a_large_mask_stays_visible(shape: tuple[int, int], seen: int) -> None:
    real = np.zeros(shape, np.uint8)
    comparison = facediff.compare_images(real, real)
    mask = np.zeros(shape, bool)
    mask[300, 301] = True
    found = replace(facediff.find_regions(comparison), mask=mask)
    values = shown(figures.plot_mask(comparison, found))
    assert max(values.shape) <= 1280
    assert values.sum() == seen


# The histogram.


def bins(ax: Axes) -> Any:
    return ax.patches[0].get_data()  # type: ignore[attr-defined]


def test_a_histogram_has_one_bin_for_each_level_of_8_bits() -> None:
    comparison, _ = small()
    ax = figures.plot_histogram(comparison)
    values, edges, _ = bins(ax)
    assert len(values) == 256
    assert (edges[0], edges[1], edges[-1]) == (-0.5, 0.5, 255.5)
    assert (values[0], values[110]) == (2200, 200)
    assert values.sum() == 2400
    assert ax.get_yscale() == "log"
    assert ax.get_xlabel() == "difference (white = 255)"


@pytest.mark.parametrize(
    ("dtype", "data_range", "count", "width"),
    [(np.uint8, 99, 100, 1), (np.uint16, None, 256, 256), (np.uint16, 1023, 256, 4), (np.uint16, 999, 250, 4)],
)
def test_more_levels_share_bins_evenly(dtype: Any, data_range: float | None, count: int, width: int) -> None:
    real = np.zeros((10, 10), dtype)
    fake = real.copy()
    fake[0, 0] = data_range or np.iinfo(dtype).max
    values, edges, _ = bins(figures.plot_histogram(facediff.compare_images(real, fake, data_range=data_range)))
    assert len(values) == count
    np.testing.assert_array_equal(np.diff(edges), width)
    assert (values[0], values[-1]) == (99, 1)


def test_a_histogram_of_floats_counts_what_was_compared() -> None:
    real = np.zeros((20, 20), np.float32)
    fake = real.copy()
    fake[:, 10:] = 2.0
    where = np.ones((20, 20), bool)
    where[:, 15:] = False
    comparison = facediff.compare_images(real, fake, data_range=2.0, where=where)
    values, edges, _ = bins(figures.plot_histogram(comparison))
    assert (values[0], values[-1], values.sum()) == (200, 100, 300)
    assert (len(values), edges[0], edges[-1]) == (256, 0, 2)


# The parts.


@pytest.mark.parametrize(
    "plot",
    [
        lambda ax: figures.plot_picture(pair()[0], ax=ax),
        lambda ax: figures.plot_regions(*compared(), ax=ax),
        lambda ax: figures.plot_difference(compared()[0], ax=ax),
        lambda ax: figures.plot_ssim_map(compared()[0], ax=ax),
        lambda ax: figures.plot_mask(*compared(), ax=ax),
        lambda ax: figures.plot_evidence(*compared(), ax=ax),
        lambda ax: figures.plot_gate(*compared(), ax=ax),
        lambda ax: figures.plot_histogram(compared()[0], ax=ax),
    ],
)
def test_a_part_draws_on_the_axes_given_or_on_new_ones(plot: Any) -> None:
    ax = Figure().add_subplot()
    assert plot(ax) is ax
    new = plot(None)
    assert new is not ax
    assert isinstance(new.figure, Figure)
    with pytest.raises(TypeError, match=r"ax must be matplotlib Axes, got Figure; pass one of figure\.axes"):
        plot(Figure())


@pytest.mark.parametrize(
    "plot",
    [
        facediff.difference_figure,
        figures.plot_difference,
        figures.plot_ssim_map,
        figures.plot_histogram,
        lambda comparison: figures.plot_regions(comparison, compared()[1]),
        lambda comparison: figures.plot_mask(comparison, compared()[1]),
        lambda comparison: facediff.evidence_figure(comparison, compared()[1]),
    ],
)
def test_only_a_comparison_is_a_comparison(plot: Any) -> None:
    with pytest.raises(TypeError, match=r"comparison must be a Comparison, got ndarray; make one with facediff\.comp"):
        plot(pair()[0])


@pytest.mark.parametrize(
    "plot", [facediff.difference_figure, facediff.evidence_figure, figures.plot_regions, figures.plot_mask]
)
def test_found_must_be_of_this_comparison(plot: Any) -> None:
    with pytest.raises(TypeError, match=r"found must be a Localisation, got tuple; make one with facediff\.find_"):
        plot(compared()[0], compared()[1].regions)
    with pytest.raises(
        ValueError,
        match=r"found must come from this comparison, got a mask of \(40, 60\) for pictures of \(512, 512\); pass",
    ):
        plot(compared()[0], small()[1])


@pytest.mark.parametrize("width", [7.9, float("nan"), float("inf"), -10])
def test_a_width_out_of_bounds_is_refused(width: float) -> None:
    with pytest.raises(ValueError, match="width must be at least 8 inches and finite, got"):
        facediff.difference_figure(compared()[0], width=width)


@pytest.mark.parametrize("width", ["10", True, None])
def test_a_width_is_a_number(width: Any) -> None:
    with pytest.raises(TypeError, match="width must be a number of inches, got"):
        facediff.difference_figure(compared()[0], width=width)
