"""The figure of several recipes shows each mask, the votes and the agreement, on fixed scales."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest

import facediff
from facediff.localise import RECIPES


def pair(height: int = 60, width: int = 90, **options):
    real = np.full((height, width, 3), 90, np.uint8)
    fake = real.copy()
    fake[10:30, 20:40] = 200
    fake[10:30, 40:50] = 120  # 30 a channel: not above 100 in sum
    return facediff.compare_images(real, fake, **options)


def panels(figure):
    return {str(ax.get_label()): ax for ax in figure.axes}


def titles(figure):
    return [ax.get_title(loc="left") for ax in figure.axes]


def texts(figure):
    """Return the heading: two lines, and how the page was made."""
    return [text.get_text() for text in figure.texts]


def test_every_mask_is_shown_as_it_is():
    comparison = pair()
    compared = facediff.compare_recipes(comparison)
    axes = panels(facediff.recipes_figure(comparison, compared))
    assert list(axes) == ["fake", *compared.found, "consensus", "votes", "iou"]
    for name, found in compared.found.items():
        np.testing.assert_array_equal(axes[name].images[0].get_array(), found.mask)
    np.testing.assert_array_equal(axes["consensus"].images[0].get_array(), compared.consensus)
    np.testing.assert_array_equal(axes["votes"].images[0].get_array(), compared.votes)
    np.testing.assert_array_equal(axes["fake"].images[0].get_array(), comparison.fake)


def test_the_titles_and_the_heading_say_how_much():
    comparison = pair()
    compared = facediff.compare_recipes(comparison, recipes=["dffd", "sum-100", "casia"])
    figure = facediff.recipes_figure(comparison, compared)
    # 600 of 5400 pixels differ, 400 by enough for the sum. Opening wears four corners off casia's; two of them are in
    # the others' masks.
    assert titles(figure)[:4] == ["Fake", "dffd, 11.1%", "sum-100, 7.41%", "casia, 11%"]
    assert titles(figure)[4:] == ["Consensus, 11.1%", "Votes", "IoU of each two masks"]
    assert texts(figure) == [
        "3 recipes agree with a median IoU of 0.67",
        "More than half of them mark 11.1%; sum-100 and casia agree least, with 0.67",
        "",
    ]


def test_two_recipes_need_no_word_on_who_agrees_least():
    comparison = pair()
    apart = facediff.compare_recipes(comparison, recipes=["dffd", "sum-100"])
    assert texts(facediff.recipes_figure(comparison, apart))[1] == "More than half of them mark 7.41%"


def test_masks_that_are_the_same_are_said_to_be():
    where = np.ones((60, 90), bool)
    where[:, 40:] = False  # without the weaker part
    comparison = pair(where=where)
    compared = facediff.compare_recipes(comparison, recipes=["dffd", "sum-100"])
    assert texts(facediff.recipes_figure(comparison, compared))[1] == (
        "More than half of them mark 16.7%; all their masks are the same"
    )


def test_the_scales_do_not_depend_on_the_pair():
    comparison = pair()
    compared = facediff.compare_recipes(comparison)
    axes = panels(facediff.recipes_figure(comparison, compared))
    assert axes["votes"].images[0].get_clim() == (0, 8)
    assert axes["iou"].images[0].get_clim() == (0, 1)
    (bar,) = axes["votes"].child_axes
    assert [tick.get_text() for tick in bar.get_xticklabels()] == [str(n) for n in range(9)]
    assert bar.get_xlabel() == "recipes of 8 that mark the pixel"


def test_the_matrix_has_its_numbers_and_names():
    comparison = pair()
    compared = facediff.compare_recipes(comparison, recipes=["sum-100", "dffd"])
    ax = panels(facediff.recipes_figure(comparison, compared))["iou"]
    assert [text.get_text() for text in ax.texts] == ["1.00", "0.67", "0.67", "1.00"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["sum-100", "dffd"]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["sum-100", "dffd"]
    assert (ax.images[0].get_array() == compared.iou).all()


def test_what_was_not_compared_is_gray_and_does_not_count():
    where = np.ones((60, 90), bool)
    where[:, 45:] = False
    comparison = pair(where=where)
    compared = facediff.compare_recipes(comparison, recipes=["dffd", "sum-100"])
    figure = facediff.recipes_figure(comparison, compared)
    axes = panels(figure)
    assert axes["dffd"].get_title(loc="left") == "dffd, 18.5%"  # 500 of 2700
    for name in ("dffd", "consensus", "votes"):
        assert (axes[name].images[0].get_array().mask == ~where).all()
    assert texts(figure)[-1] == "gray: not compared"


@pytest.mark.parametrize("shape", [(60, 90), (400, 60), (40, 800)])
@pytest.mark.parametrize(
    ("names", "width"),
    [(["dffd", "otsu"], 8), (["dffd", "otsu", "casia"], 14), (list(RECIPES), 8), (list(RECIPES), 14)],
)
def test_nothing_overlaps_or_leaves_the_page(names, width, shape):
    comparison = pair(*shape)
    figure = facediff.recipes_figure(comparison, facediff.compare_recipes(comparison, recipes=names), width=width)
    figure.draw_without_rendering()
    assert figure.get_figwidth() == width
    page = figure.bbox
    places = [ax.get_window_extent() for ax in figure.axes]
    for box in (ax.get_tightbbox() for ax in figure.axes):
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= page.x1
        assert box.y1 <= page.y1
    for i, a in enumerate(places):
        for b in places[:i]:
            assert min(a.x1, b.x1) <= max(a.x0, b.x0) or min(a.y1, b.y1) <= max(a.y0, b.y0)


def test_what_does_not_fit_is_refused():
    comparison = pair()
    compared = facediff.compare_recipes(comparison, recipes=["dffd", "otsu"])
    for arguments, error, text in (
        ((3, compared), TypeError, "comparison must be a Comparison, got int; make one with facediff.compare_images"),
        (
            (comparison, facediff.find_regions(comparison)),
            TypeError,
            "compared must be a RecipeComparison, got Localisation; make one with facediff.compare_recipes",
        ),
        (
            (pair(60, 91), compared),
            ValueError,
            "compared must come from this comparison, got masks of (60, 90) for pictures of (60, 91); "
            "pass facediff.compare_recipes(comparison)",
        ),
    ):
        with pytest.raises(error, match=re.escape(text)):
            facediff.recipes_figure(*arguments)
    with pytest.raises(ValueError, match="width must be at least 8 inches and finite, got 5"):
        facediff.recipes_figure(comparison, compared, width=5)


def test_pyplot_is_never_loaded():
    code = (
        "import sys, numpy as np, facediff\n"
        "real = np.full((40, 40), 90, np.uint8); fake = real.copy(); fake[9:20, 9:20] = 200\n"
        "comparison = facediff.compare_images(real, fake)\n"
        "facediff.recipes_figure(comparison, facediff.compare_recipes(comparison, recipes=['otsu', 'dffd']))\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert result.stdout == "False\n"
