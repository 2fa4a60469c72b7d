"""The recipe "otsu", by the book."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import skimage.data
from skimage.filters import threshold_otsu

from facediff import Box, compare_images, find_regions


def edited(*boxes: tuple[int, int, int, int], height: int = 120, width: int = 160):
    """Return a flat picture and a twin with bright rectangles (left, top, right, bottom)."""
    real = np.full((height, width), 60, np.uint8)
    fake = real.copy()
    for left, top, right, bottom in boxes:
        fake[top:bottom, left:right] = 200
    return real, fake


def otsu(real, fake, **options):
    return find_regions(compare_images(real, fake), recipe="otsu", **options)


def test_otsu_gives_no_region_for_identical_pictures():
    real = skimage.data.astronaut()
    found = otsu(real, real.copy())
    assert not found.manipulated
    assert found.regions == ()
    assert not found.mask.any()
    assert found.threshold == np.inf
    assert str(found) == "Nothing changed by recipe otsu (version 1): the pictures are identical"
    assert np.isnan(found.margin)


def test_one_edit_is_one_region_around_it():
    found = otsu(*edited((40, 30, 80, 70)))
    assert found.manipulated
    (region,) = found.regions
    # A 7x7 window sees the edit from three pixels away.
    assert region.box.left >= 37
    assert region.box.top >= 27
    assert region.box.right <= 83
    assert region.box.bottom <= 73
    assert region.box.iou(Box(40, 30, 80, 70)) > 0.75


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
    assert region.box == Box(0, 0, 30, 20)
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


def test_otsu_finds_nothing_outside_where():
    real, fake = edited((20, 20, 60, 60), (100, 60, 140, 100))
    where = np.zeros(real.shape, bool)
    where[:, 80:] = True
    found = find_regions(compare_images(real, fake, where=where), recipe="otsu")
    assert not found.mask[~where].any()
    assert np.isfinite(found.evidence).all()
    (region,) = found.regions
    assert region.box.iou(Box(100, 60, 140, 100)) > 0.7
    hidden = real.copy()
    hidden[:, :80] = fake[:, :80]
    assert not find_regions(compare_images(real, hidden, where=where), recipe="otsu").regions


@pytest.mark.parametrize("dtype", ["uint16", "float32", "float64"])
def test_otsu_gives_the_same_regions_for_every_dtype(dtype):
    real, fake = edited((40, 30, 80, 70))
    expected = [region.box for region in otsu(real, fake).regions]
    if dtype == "uint16":
        comparison = compare_images(real.astype(dtype) * 257, fake.astype(dtype) * 257)
    else:
        comparison = compare_images((real / 255).astype(dtype), (fake / 255).astype(dtype), data_range=1.0)
    assert [region.box for region in find_regions(comparison, recipe="otsu").regions] == expected


def test_flipping_and_transposing_both_pictures_turns_otsus_mask():
    real = skimage.data.camera()[:200, :260]
    fake = real.copy()
    fake[50:90, 60:130] = 255 - fake[50:90, 60:130]
    expected = otsu(real, fake).mask
    np.testing.assert_array_equal(otsu(real[::-1], fake[::-1]).mask, expected[::-1])
    np.testing.assert_array_equal(otsu(real[:, ::-1], fake[:, ::-1]).mask, expected[:, ::-1])
    np.testing.assert_array_equal(otsu(real.T, fake.T).mask, expected.T)
    np.testing.assert_array_equal(otsu(fake, real).mask, expected)
