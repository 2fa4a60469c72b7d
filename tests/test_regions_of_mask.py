"""The regions of a mask: which there are, in which order, and what they measure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.measure import label

from facediff import Box, compare_images
from facediff._regions_of_mask import regions_of_mask


def regions_of(mask, evidence, *, min_area: int = 1):
    comparison = compare_images(np.zeros(mask.shape, np.uint8), np.ones(mask.shape, np.uint8))
    return regions_of_mask(mask, evidence, comparison, min_area=min_area)


def test_what_lies_in_a_hole_belongs_to_the_region_around_it():
    mask = np.zeros((30, 30), bool)
    mask[5:25, 5:25] = True
    mask[8:22, 8:22] = False
    mask[14:16, 14:16] = True
    kept, regions = regions_of(mask, np.ones(mask.shape, np.float32))
    np.testing.assert_array_equal(kept, mask)
    (region,) = regions
    assert region.area == mask.sum()
    assert region.box == Box(5, 5, 25, 25)
    assert region.strength == 1


def test_regions_come_strongest_first_and_those_alike_from_left_to_right():
    mask = np.zeros((10, 40), bool)
    evidence = np.zeros(mask.shape, np.float32)
    for left, strength in ((2, 0.2), (12, 0.8), (32, 0.5), (22, 0.5)):
        mask[2:6, left : left + 4] = True
        evidence[2:6, left : left + 4] = strength
    _, regions = regions_of(mask, evidence)
    assert [region.box.left for region in regions] == [12, 22, 32, 2]
    assert [region.strength for region in regions] == pytest.approx([0.8, 0.5, 0.5, 0.2], rel=1e-6)


def test_regions_below_the_least_area_leave_the_mask_too():
    mask = np.zeros((12, 20), bool)
    mask[1:4, 1:4] = mask[6:8, 10:14] = True
    before = mask.copy()
    kept, regions = regions_of(mask, np.ones(mask.shape, np.float32), min_area=9)
    assert [region.area for region in regions] == [9]
    assert kept.sum() == 9
    assert kept[1:4, 1:4].all()
    np.testing.assert_array_equal(mask, before)
    kept, regions = regions_of(mask, np.ones(mask.shape, np.float32), min_area=10)
    assert regions == ()
    assert not kept.any()


def test_the_statistics_of_a_region_by_hand():
    real = np.full((20, 24, 3), 100, np.uint8)
    fake = real.copy()
    fake[2:6, 2:6] = (100, 100, 150)  # bluer
    fake[2:6, 6:8] = 70  # darker, in the same region
    fake[12:16, 12:20] = (160, 100, 100)  # redder
    mask = np.zeros((20, 24), bool)
    mask[2:6, 2:8] = mask[12:16, 12:20] = True
    evidence = np.arange(mask.size, dtype=np.float32).reshape(mask.shape)
    comparison = compare_images(real, fake)
    _, (red, blue) = regions_of_mask(mask, evidence, comparison, min_area=1)
    assert (blue.box, blue.area) == (Box(2, 2, 8, 6), 24)
    assert (red.box, red.area) == (Box(12, 12, 20, 16), 32)
    # Luma 0.114 of 50 on 16 pixels, -30 on 8; chroma (blue - luma) / 1.772 and (red - luma) / 1.402.
    assert blue.luma_change == pytest.approx((16 * 0.114 * 50 - 8 * 30) / 24, rel=1e-12)
    assert blue.chroma_change == pytest.approx(
        (16 / 24 * 50 * (1 - 0.114) / 1.772, -16 / 24 * 50 * 0.114 / 1.402), rel=1e-9
    )
    assert red.luma_change == pytest.approx(0.299 * 60, rel=1e-12)
    assert red.chroma_change == pytest.approx((-0.299 * 60 / 1.772, (1 - 0.299) * 60 / 1.402), rel=1e-9)
    for region in (red, blue):
        assert region.strength == pytest.approx(evidence[region.box.slices].mean(), rel=1e-6)
        assert region.mean_ssim == pytest.approx(comparison.ssim_map[region.box.slices].mean(dtype=float), rel=1e-6)
        assert not region.contour.flags.writeable


@pytest.mark.parametrize("by", [-7, 7])
def test_what_was_made_brighter_has_changed_upwards(by):
    gray = np.full((30, 30), 100, np.uint8)
    fake = np.full((30, 30), 100 + by, np.uint8)
    _, (region,) = regions_of_mask(
        np.ones((30, 30), bool), np.ones((30, 30), np.float32), compare_images(gray, fake), min_area=1
    )
    assert region.luma_change == by
    assert region.chroma_change == (0, 0)
    colour = compare_images(np.dstack([gray] * 3), np.dstack([fake] * 3))
    _, (region,) = regions_of_mask(np.ones((30, 30), bool), np.ones((30, 30), np.float32), colour, min_area=1)
    assert region.luma_change == pytest.approx(by, rel=1e-12)
    assert region.chroma_change == pytest.approx((0, 0), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.6))
def test_regions_are_the_outermost_connected_components(seed, density):
    rng = np.random.default_rng(seed)
    mask = rng.random((24, 31)) < density
    evidence = rng.random(mask.shape).astype(np.float32)
    kept, regions = regions_of(mask, evidence)
    np.testing.assert_array_equal(kept, mask)
    assert sum(region.area for region in regions) == mask.sum()
    outside = label(np.pad(~mask, 1, constant_values=True), connectivity=1)
    hull = ~(outside == outside[0, 0])[1:-1, 1:-1]  # all that the background cannot flow into
    assert len(regions) == label(hull, connectivity=2).max()
