"""From the maps of a comparison to a mask and regions."""

from __future__ import annotations

import pickle
import re

import cv2
import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.filters import threshold_otsu
from skimage.measure import label

import facediff
from facediff import compare_images, find_regions
from facediff.localise import regions_of


def edited(*boxes: tuple[int, int, int, int], height: int = 120, width: int = 160):
    """Return a flat picture and a twin with bright rectangles (left, top, right, bottom)."""
    real = np.full((height, width), 60, np.uint8)
    fake = real.copy()
    for left, top, right, bottom in boxes:
        fake[top:bottom, left:right] = 200
    return real, fake


def otsu(real, fake, **options):
    return find_regions(compare_images(real, fake), recipe="otsu", **options)


# --- the recipe "otsu" ---------------------------------------------------------------------------


def test_identical_pictures_give_no_region():
    real = skimage.data.astronaut()
    found = otsu(real, real.copy())
    assert not found.manipulated
    assert found.regions == ()
    assert not found.mask.any()
    assert found.threshold == np.inf
    assert str(found) == "Nothing changed by recipe otsu (version 1)"


def test_one_edit_is_one_region_around_it():
    found = otsu(*edited((40, 30, 80, 70)))
    assert found.manipulated
    (region,) = found.regions
    # A 7x7 window sees the edit from three pixels away.
    assert region.box.left >= 37
    assert region.box.top >= 27
    assert region.box.right <= 83
    assert region.box.bottom <= 73
    assert region.box.iou(facediff.Box(40, 30, 80, 70)) > 0.75


def test_mask_regions_and_threshold_agree():
    found = otsu(*edited((40, 30, 80, 70), (100, 10, 110, 20)))
    np.testing.assert_array_equal(found.mask, found.evidence > found.threshold)
    assert found.mask.sum() == sum(region.area for region in found.regions)
    inside = np.zeros_like(found.mask)
    for region in found.regions:
        inside[region.box.slices] = True
        assert found.mask[region.box.slices].any(axis=0).all()
        assert found.mask[region.box.slices].any(axis=1).all()
        assert cv2.boundingRect(region.contour) == region.box.xywh
    assert not found.mask[~inside].any()


def test_the_threshold_is_otsus():
    real = skimage.data.astronaut()[..., 1]
    fake = real.copy()
    fake[60:200, 180:270] = cv2.GaussianBlur(fake, (0, 0), 4)[60:200, 180:270]
    fake = np.clip(fake + np.random.default_rng(0).normal(0, 2, fake.shape), 0, 255).astype(np.uint8)
    found = otsu(real, fake)
    levels = np.round(found.evidence * 255)
    assert found.threshold == pytest.approx((threshold_otsu(levels.astype(np.uint8)) + 0.5) / 255, abs=1e-9)


def test_negative_ssim_is_clipped_and_not_wrapped():
    # Inverted texture has SSIM below 0; wrapped to 8 bits it would look alike.
    rng = np.random.default_rng(1)
    real = rng.integers(100, 156, (90, 90), dtype=np.uint8)
    fake = real.copy()
    fake[30:60, 30:60] = 255 - real[30:60, 30:60]
    comparison = compare_images(real, fake)
    assert comparison.ssim_map.min() < -0.5
    found = find_regions(comparison, recipe="otsu")
    assert found.evidence.max() == 1
    assert found.mask[33:57, 33:57].all()


def test_a_picture_changed_everywhere_alike_is_one_region():
    found = otsu(np.full((20, 30), 10, np.uint8), np.full((20, 30), 200, np.uint8))
    assert found.mask.all()
    (region,) = found.regions
    assert region.box == facediff.Box(0, 0, 30, 20)
    assert region.area == 600


def test_small_regions_are_dropped_on_request():
    real, fake = edited((20, 20, 60, 60), (100, 100, 103, 103))
    sizes = sorted(region.area for region in otsu(real, fake).regions)
    assert len(sizes) == 2
    kept = otsu(real, fake, min_area=sizes[0] + 1)
    assert [region.area for region in kept.regions] == [sizes[1]]
    assert kept.mask.sum() == sizes[1]
    assert otsu(real, fake, min_area=sizes[0]).mask.sum() == sum(sizes)
    none = otsu(real, fake, min_area=10**6)
    assert not none.manipulated
    assert not none.mask.any()
    assert none.parameters == {"min_area": 10**6}


def test_nothing_is_found_outside_where():
    real, fake = edited((20, 20, 60, 60), (100, 60, 140, 100))
    where = np.zeros(real.shape, bool)
    where[:, 80:] = True
    found = find_regions(compare_images(real, fake, where=where), recipe="otsu")
    assert not found.mask[~where].any()
    assert np.isfinite(found.evidence).all()
    (region,) = found.regions
    assert region.box.iou(facediff.Box(100, 60, 140, 100)) > 0.7
    hidden = real.copy()
    hidden[:, :80] = fake[:, :80]
    assert not find_regions(compare_images(real, hidden, where=where), recipe="otsu").regions


@pytest.mark.parametrize("dtype", ["uint16", "float32", "float64"])
def test_every_dtype_gives_the_same_regions(dtype):
    real, fake = edited((40, 30, 80, 70))
    expected = [region.box for region in otsu(real, fake).regions]
    if dtype == "uint16":
        comparison = compare_images(real.astype(dtype) * 257, fake.astype(dtype) * 257)
    else:
        comparison = compare_images((real / 255).astype(dtype), (fake / 255).astype(dtype), data_range=1.0)
    assert [region.box for region in find_regions(comparison, recipe="otsu").regions] == expected


def test_shifting_flipping_and_transposing_both_pictures_turns_the_mask_with_them():
    real = skimage.data.camera()[:200, :260]
    fake = real.copy()
    fake[50:90, 60:130] = 255 - fake[50:90, 60:130]
    expected = otsu(real, fake).mask
    np.testing.assert_array_equal(otsu(real[::-1], fake[::-1]).mask, expected[::-1])
    np.testing.assert_array_equal(otsu(real[:, ::-1], fake[:, ::-1]).mask, expected[:, ::-1])
    np.testing.assert_array_equal(otsu(real.T, fake.T).mask, expected.T)
    np.testing.assert_array_equal(otsu(fake, real).mask, expected)


# --- the result ----------------------------------------------------------------------------------


def test_a_localisation_is_frozen_and_says_what_made_it():
    found = otsu(*edited((40, 30, 80, 70)), min_area=np.int64(5))
    assert (found.recipe, found.recipe_version) == ("otsu", 1)
    assert found.parameters == {"min_area": 5}
    assert found.versions.facediff == facediff.__version__
    for array in (found.mask, found.evidence, found.regions[0].contour):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 0
    with pytest.raises(AttributeError, match="manipulated"):
        found.manipulated = False
    copy = pickle.loads(pickle.dumps(found))
    assert copy.regions[0].box == found.regions[0].box
    np.testing.assert_array_equal(copy.mask, found.mask)


def test_a_localisation_reads_as_one_line():
    one = otsu(np.full((20, 30), 10, np.uint8), np.full((20, 30), 200, np.uint8))
    text = "1 region changed, 100.00% of the picture, by recipe otsu (version 1); strongest: 30x20 at (0, 0)"
    assert str(one) == text
    assert str(otsu(*edited((20, 20, 60, 60), (100, 60, 140, 100)))).startswith("2 regions changed, ")


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"recipe": "magic"}, ValueError, "recipe must be one of 'otsu', got 'magic'"),
        ({"min_area": 0}, ValueError, "min_area must be at least 1 pixel, got 0"),
        ({"min_area": 2.5}, TypeError, "min_area must be a whole number, got 2.5 (float)"),
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


# --- regions of a mask ---------------------------------------------------------------------------


def test_what_lies_in_a_hole_belongs_to_the_region_around_it():
    mask = np.zeros((30, 30), bool)
    mask[5:25, 5:25] = True
    mask[8:22, 8:22] = False
    mask[14:16, 14:16] = True
    evidence = np.ones(mask.shape, np.float32)
    kept, regions = regions_of(mask, evidence, min_area=1)
    np.testing.assert_array_equal(kept, mask)
    (region,) = regions
    assert region.area == mask.sum()
    assert region.box == facediff.Box(5, 5, 25, 25)
    assert region.strength == 1


def test_regions_come_strongest_first():
    mask = np.zeros((10, 30), bool)
    evidence = np.zeros(mask.shape, np.float32)
    for left, strength in ((2, 0.2), (12, 0.8), (22, 0.5)):
        mask[2:6, left : left + 4] = True
        evidence[2:6, left : left + 4] = strength
    _, regions = regions_of(mask, evidence, min_area=1)
    assert [region.box.left for region in regions] == [12, 22, 2]
    assert [region.strength for region in regions] == pytest.approx([0.8, 0.5, 0.2], rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.6))
def test_regions_are_the_outermost_connected_components(seed, density):
    rng = np.random.default_rng(seed)
    mask = rng.random((24, 31)) < density
    evidence = rng.random(mask.shape).astype(np.float32)
    kept, regions = regions_of(mask, evidence, min_area=1)
    np.testing.assert_array_equal(kept, mask)
    assert sum(region.area for region in regions) == mask.sum()
    outside = label(np.pad(~mask, 1, constant_values=True), connectivity=1)
    hull = ~(outside == outside[0, 0])[1:-1, 1:-1]  # all that the background cannot flow into
    assert len(regions) == label(hull, connectivity=2).max()
