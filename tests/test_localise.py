"""`find_regions` and its result: frozen, readable, and frank about what it was asked."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest
import skimage.data

import facediff
from facediff import Box, compare_images, find_regions
from facediff.evidence import gate
from facediff.synthesis import manipulate

NAMES = (
    "'noise-aware', 'otsu', 'dfdc-ssim', 'dfdc-ssim-wrapped', 'sifdnet', 'sifdnet-wrapped', 'dffd', 'casia', "
    "'sum-100', 'dssim-hull'"
)


def made():
    """Return an edit of a photograph: a part of another one pasted in."""
    box, source = Box(176, 32, 304, 192), skimage.data.coffee()
    return manipulate(skimage.data.astronaut(), kind="paste", source=source, box=box, seed=2)


def edited(*boxes: tuple[int, int, int, int], height: int = 120, width: int = 160):
    """Return a flat picture and a twin with bright rectangles (left, top, right, bottom)."""
    real = np.full((height, width), 60, np.uint8)
    fake = real.copy()
    for left, top, right, bottom in boxes:
        fake[top:bottom, left:right] = 200
    return real, fake


def found_in(real, fake, **options):
    return find_regions(compare_images(real, fake), **options)


def otsu(real, fake, **options):
    return found_in(real, fake, recipe="otsu", **options)


def test_a_localisation_is_frozen_and_says_what_made_it():
    edit = made()
    found = found_in(edit.real, edit.fake, min_area=np.int64(5), false_alarm_rate=np.float32(0.0625))
    assert (found.recipe, found.recipe_version) == ("noise-aware", 1)
    assert found.parameters == {"false_alarm_rate": 0.0625, "align": False, "min_area": 5}
    assert [type(value) for value in found.parameters.values()] == [float, bool, int]
    assert found.threshold == gate(0.0625)
    assert found_in(edit.real, edit.fake).parameters == {"false_alarm_rate": 0.01, "align": False, "min_area": 12}
    assert otsu(edit.real, edit.fake).parameters == {"min_area": 1}
    assert found.versions.facediff == facediff.__version__
    for array in (found.mask, found.evidence, found.regions[0].contour):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 0
    for name in ("manipulated", "margin", "threshold"):
        with pytest.raises(AttributeError, match=name):
            setattr(found, name, 0)
    copy = pickle.loads(pickle.dumps(found))
    assert copy.regions[0].box == found.regions[0].box
    assert (copy.margin, copy.threshold, copy.parameters) == (found.margin, found.threshold, found.parameters)
    np.testing.assert_array_equal(copy.mask, found.mask)


def test_a_localisation_reads_as_one_line():
    flat, bright = np.full((20, 30), 10, np.uint8), np.full((20, 30), 200, np.uint8)
    text = "1 region changed, 100.00% of the picture, by recipe otsu (version 1); strongest: 30x20 at (0, 0)"
    assert str(otsu(flat, bright)) == text
    assert str(otsu(*edited((20, 20, 60, 60), (100, 60, 140, 100)))).startswith("2 regions changed, ")
    none = otsu(*edited((20, 20, 60, 60)), min_area=10**6)
    assert str(none) == "Nothing changed by recipe otsu (version 1): what differs is too small for a region"
    edit = made()
    found = found_in(edit.real, edit.fake, false_alarm_rate=0.001)
    assert str(found) == (
        f"1 region changed, {found.mask.mean():.2%} of the picture, by recipe noise-aware (version 1) at a false-alarm "
        f"rate of 0.001, evidence {found.margin:.1f} times the gate; strongest: {found.regions[0].box}"
    )


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"recipe": "magic"}, ValueError, f"recipe must be one of {NAMES}, got 'magic'"),
        ({"recipe": None}, TypeError, f"recipe must be one of {NAMES}, got None"),
        ({"min_area": 0}, ValueError, "min_area must be at least 1 pixel, got 0"),
        ({"min_area": 2.5}, TypeError, "min_area must be a whole number, got 2.5 (float)"),
        (
            {"recipe": "otsu", "false_alarm_rate": 0.01},
            ValueError,
            "recipe 'otsu' has no test and takes no false_alarm_rate; leave it out",
        ),
        ({"false_alarm_rate": 0.0}, ValueError, "false_alarm_rate must lie between 0.0001 and 0.1, got 0.0"),
        ({"false_alarm_rate": 1}, ValueError, "false_alarm_rate must lie between 0.0001 and 0.1, got 1"),
        ({"false_alarm_rate": "1%"}, TypeError, "false_alarm_rate must be a number, got '1%' (str)"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(options, error, text):
    comparison = compare_images(*edited())
    with pytest.raises(error, match=re.escape(text)):
        find_regions(comparison, **options)


def test_only_a_comparison_can_be_localised():
    text = "comparison must be a Comparison, got ndarray; make one with facediff.compare_images"
    with pytest.raises(TypeError, match=re.escape(text)):
        find_regions(np.zeros((9, 9)))
