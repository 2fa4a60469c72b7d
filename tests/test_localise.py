"""From a comparison to a verdict, a mask and regions: laws of the recipe "noise-aware", and "otsu" by the book."""

from __future__ import annotations

import pickle
import re
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.filters import threshold_otsu
from skimage.measure import label

import facediff
from facediff import Box, compare_images, find_regions, localise
from facediff.evidence import gate
from facediff.localise import _regions
from facediff.synthesis import encode, manipulate

CODES = ((None,), ("jpeg", 90))


@cache
def photograph(name: str) -> np.ndarray:
    picture = getattr(skimage.data, name)()
    picture.flags.writeable = False
    return picture


@cache
def made(kind: str = "paste", *, name: str = "astronaut", box: Box | None = None, **options):
    """Return an edit of a photograph by `facediff.synthesis`; pasted is a part of another one."""
    picture = photograph(name)
    source = None
    if kind in ("paste", "poisson"):
        source = photograph("coffee") if picture.ndim == 3 else photograph("coffee")[..., 1]
    box = Box(176, 32, 304, 192) if box is None else box
    return manipulate(picture, kind=kind, source=source, box=box, seed=2, **options)


def coded(edit, codec: str | None, quality: int = 0):
    """Return both sides of an edit as they come out of a coder."""
    if codec is None:
        return edit.real, edit.fake
    return encode(edit.real, codec, quality), encode(edit.fake, codec, quality)


def found_in(real, fake, **options):
    return find_regions(compare_images(real, fake), **options)


def iou(a, b) -> float:
    return np.count_nonzero(a & b) / max(np.count_nonzero(a | b), 1)


def grown(mask, pixels: int):
    return cv2.dilate(mask.astype(np.uint8), np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)) > 0


# --- the recipe "noise-aware": nothing -----------------------------------------------------------


@pytest.mark.parametrize("name", ["astronaut", "camera"])
def test_identical_pictures_are_not_manipulated(name):
    real = photograph(name)
    found = found_in(real, real.copy())
    assert not found.manipulated
    assert found.regions == ()
    assert not found.mask.any()
    assert not found.evidence.any()
    assert (found.threshold, found.margin) == (np.inf, 0)
    assert str(found) == (
        "Nothing changed by recipe noise-aware (version 1) at a false-alarm rate of 0.01: the pictures are identical"
    )


@pytest.mark.parametrize("name", ["astronaut", "coffee", "camera", "chelsea"])
@pytest.mark.parametrize("code", [("jpeg", 95), ("jpeg", 50), ("webp", 75)])
def test_coding_alone_is_no_manipulation(name, code):
    real = photograph(name)
    found = found_in(real, encode(real, *code))
    assert not found.manipulated
    assert found.regions == ()
    assert not found.mask.any()
    assert 0 < found.margin < 1
    assert found.threshold == gate(0.01)
    assert found.evidence.shape == real.shape[:2]
    assert found.evidence.dtype == np.float32
    assert str(found) == (
        "Nothing changed by recipe noise-aware (version 1) at a false-alarm rate of 0.01: "
        f"the largest evidence is {found.margin:.2f} of what coding alone may reach"
    )


def test_what_is_too_small_for_a_region_is_said_to_be():
    edit = made()
    found = found_in(edit.real, edit.fake, min_area=10**6)
    assert not found.manipulated
    assert found.regions == ()
    assert not found.mask.any()
    assert found.margin > 1
    assert str(found).endswith(": what differs is too small for a region")


# --- the recipe "noise-aware": tight, whole regions ----------------------------------------------


def test_an_edit_of_a_flat_lossless_pair_is_found_to_the_pixel():
    real = np.full((256, 320), 90, np.uint8)
    fake = real.copy()
    fake[64:112, 100:164] = 150
    found = found_in(real, fake)
    # Nothing else differs, so nothing was coded again, and every pixel that differs was edited.
    (region,) = found.regions
    assert region.box == Box(100, 64, 164, 112)
    assert region.area == found.mask.sum() == 64 * 48
    assert found.mask[64:112, 100:164].all()
    assert (region.luma_change, region.chroma_change) == (60, (0, 0))


def test_an_edit_that_leaves_hardly_any_background_is_found():
    real = np.full((64, 64), 90, np.uint8)
    fake = real.copy()
    fake[12:52, 12:52] = 150
    found = found_in(real, fake)
    assert len(found.regions) == 1
    assert found.mask[16:48, 16:48].all()
    assert not found.mask[real == fake].any()


@pytest.mark.parametrize("shape", ["ellipse", "rectangle"])
@pytest.mark.parametrize("name", ["astronaut", "coffee", "camera"])
def test_a_hard_paste_is_marked_tightly(name, shape):
    edit = made(name=name, shape=shape, feather=0)
    found = found_in(edit.real, edit.fake)
    (region,) = found.regions
    # Lossless: to the pixel, but for what closing adds in the steps of the outline, and for pixels of the edge in
    # which both pictures happen to agree.
    assert not (found.mask & ~grown(edit.touched, 1)).any()
    assert iou(found.mask, edit.touched) > 0.98
    assert region.box.iou(edit.box) > 0.98

    # JPEG with halved chroma spreads what differs over blocks of 16x16 pixels, and halfway into the next pixel of
    # chroma; there the pictures do differ. The 3x3 window adds a pixel, closing gaps 0.008 of the shorter side.
    reach = 16 + 2 + 1 + round(0.008 * min(found.mask.shape))
    found = found_in(*coded(edit, "jpeg", 90))
    (region,) = found.regions
    assert not (found.mask & ~grown(edit.touched, reach)).any()
    assert np.count_nonzero(found.mask & edit.touched) > 0.97 * np.count_nonzero(edit.touched)
    assert iou(found.mask, edit.touched) > 0.7


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("kind", ["recolour", "poisson", "copy-move", "inpaint"])
def test_softer_edits_are_one_region_in_their_place(kind, code):
    edit = made(kind)
    found = found_in(*coded(edit, *code))
    assert found.manipulated
    assert len(found.regions) == 1
    assert not (found.mask & ~grown(edit.touched, 24)).any()
    assert iou(found.mask, edit.touched) > 0.6


@pytest.mark.parametrize("code", CODES)
def test_two_edits_far_apart_are_two_regions(code):
    first = made(box=Box(40, 40, 120, 120))
    second = manipulate(first.fake, kind="recolour", box=Box(340, 300, 460, 420), feather=0, seed=3)
    real, fake = first.real, second.fake
    if code[0] is not None:
        real, fake = encode(real, *code), encode(fake, *code)
    found = found_in(real, fake)
    assert len(found.regions) == 2
    strengths = [region.strength for region in found.regions]
    assert strengths == sorted(strengths, reverse=True)
    # 4:2:0 chroma is coded in blocks of 16 pixels: a change may reach to the end of the block that holds its edge.
    for region, edit in zip(found.regions, (first, second), strict=True):
        wide = (edit.box.width + 2 * 15) * (edit.box.height + 2 * 15)
        assert region.box.iou(edit.box) > edit.box.area / wide
    assert str(found).startswith("2 regions changed, ")
    assert found.mask.sum() == sum(region.area for region in found.regions)


@pytest.mark.parametrize("size", [(7, 7), (9, 30), (40, 13)])
def test_small_pictures_are_localised_too(size):
    real = np.full(size, 50, np.uint8)
    fake = real.copy()
    fake[:4, :4] = 250
    found = found_in(real, fake)
    assert found.mask.shape == found.evidence.shape == size
    assert found.manipulated == bool(found.regions)
    assert not found.mask[6:, 6:].any()


# --- the recipe "noise-aware": laws --------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(("kind", "strengths"), [("paste", (0.1, 0.3, 1.0)), ("recolour", (0.05, 0.4, 1.0))])
def test_strength_and_mask_grow_with_the_strength_of_the_blend(kind, strengths, code):
    margins, stronger, areas = [], [], []
    for strength in strengths:
        found = found_in(*coded(made(kind, strength=strength), *code))
        margins.append(found.margin)
        stronger.append(found.regions[0].strength if found.regions else 0)
        areas.append(np.count_nonzero(found.mask))
    # A stronger paste has more texture of its own, with a higher noise level, and a larger mask holds more of its weak
    # edge: a tenth.
    assert all(after > 0.9 * before for before, after in pairwise(margins))
    assert all(after > 0.9 * before for before, after in pairwise(areas))
    assert all(after > 0.9 * before for before, after in pairwise(stronger))
    assert margins[-1] > 2 * margins[0]
    assert stronger[-1] > 1.5 * stronger[0]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("kind", ["paste", "recolour"])
def test_shifting_both_pictures_shifts_the_mask(kind, code):
    # Hard edges: where an edit fades out, what still counts as changed depends on the noise, and that on all cells.
    real, fake = coded(made(kind, feather=0), *code)
    side = 448
    still = found_in(real[:side, :side], fake[:side, :side]).mask
    for down, right in ((8, 16), (24, 0), (0, 40)):
        window = slice(down, side + down), slice(right, side + right)
        moved = found_in(real[window], fake[window]).mask
        # The background that comes in and goes out changes the measured noise, so the edge may move a little.
        assert iou(moved[: side - down, : side - right], still[down:, right:]) > 0.9


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("kind", ["paste", "recolour", "poisson"])
def test_flipping_and_transposing_both_pictures_turns_the_mask(kind, code):
    real, fake = coded(made(kind), *code)
    assert real.shape[0] % 4 == real.shape[1] % 4 == 0
    expected = found_in(real, fake).mask
    # The noise of the 3x3 scale is measured in one corner of each cell, and a flip puts another corner there.
    assert iou(found_in(real[::-1], fake[::-1]).mask[::-1], expected) > 0.9
    assert iou(found_in(real[:, ::-1], fake[:, ::-1]).mask[:, ::-1], expected) > 0.9
    # Transposing keeps the corner; only sums of rounded numbers are added in another order.
    turned = found_in(real.swapaxes(0, 1), fake.swapaxes(0, 1))
    assert iou(turned.mask.T, expected) > 0.99
    assert len(turned.regions) == 1


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("name", ["astronaut", "camera"])
def test_swapping_real_and_fake_keeps_the_mask_and_turns_the_change(name, code):
    real, fake = coded(made("recolour", name=name), *code)
    there, back = found_in(real, fake), found_in(fake, real)
    if real.ndim == 2:  # all sums are of whole numbers, hence exact
        np.testing.assert_array_equal(there.mask, back.mask)
        assert there.margin == back.margin
    assert iou(there.mask, back.mask) > 0.99
    (a,), (b,) = there.regions, back.regions
    assert a.luma_change == pytest.approx(-b.luma_change, rel=0.02)
    assert a.chroma_change == pytest.approx([-change for change in b.chroma_change], rel=0.02, abs=0.01)
    assert a.mean_ssim == pytest.approx(b.mean_ssim, rel=0.02)


@pytest.mark.parametrize("dtype", ["uint16", "float32", "float64"])
@pytest.mark.parametrize("kind", ["paste", "recolour"])
def test_every_dtype_gives_the_same_regions(kind, dtype):
    real, fake = coded(made(kind), "jpeg", 90)
    expected = found_in(real, fake)
    if dtype == "uint16":
        comparison, unit = compare_images(real.astype(dtype) * 257, fake.astype(dtype) * 257), 257
    else:
        comparison = compare_images((real / 255).astype(dtype), (fake / 255).astype(dtype), data_range=1.0)
        unit = 1 / 255
    found = find_regions(comparison)
    # Scaled values are rounded differently: a pixel right at a threshold may fall on its other side.
    assert iou(found.mask, expected.mask) > 0.999
    assert found.margin == pytest.approx(expected.margin, rel=1e-3)
    (a,), (b,) = found.regions, expected.regions
    assert a.box.iou(b.box) > 0.98
    assert a.luma_change == pytest.approx(b.luma_change * unit, rel=0.01)


def test_a_lower_false_alarm_rate_never_finds_more():
    first = made(box=Box(40, 40, 120, 120))
    second = manipulate(first.fake, kind="recolour", box=Box(340, 300, 460, 420), seed=3)
    comparison = compare_images(encode(first.real, "jpeg", 90), encode(second.fake, "jpeg", 90))
    found = [find_regions(comparison, false_alarm_rate=rate) for rate in (0.0001, 0.001, 0.01, 0.05, 0.1)]
    counts = [len(one.regions) for one in found]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
    for low, high in pairwise(found):
        assert low.threshold > high.threshold
        assert low.margin < high.margin
        assert not (low.mask & ~high.mask).any()
        assert low.threshold * low.margin == pytest.approx(high.threshold * high.margin, rel=1e-9)


@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_no_verdict_without_evidence_above_the_gate(name):
    real = photograph(name)
    comparison = compare_images(real, encode(real, "jpeg", 50))
    margins = {}
    for rate in (0.0001, 0.01, 0.1):
        found = find_regions(comparison, false_alarm_rate=rate, min_area=1)
        assert found.margin > 1 or not found.manipulated
        assert found.parameters == {"false_alarm_rate": rate, "align": False, "min_area": 1}
        margins[rate] = found.margin
    assert margins[0.0001] < margins[0.01] < 1


@pytest.mark.parametrize("code", CODES)
def test_nothing_outside_where_is_found_or_has_a_say(code):
    first = made(box=Box(40, 40, 120, 120))
    second = manipulate(first.fake, kind="paste", source=photograph("chelsea"), box=Box(340, 300, 460, 420), seed=3)
    real, fake = first.real, second.fake
    if code[0] is not None:
        real, fake = encode(real, *code), encode(fake, *code)
    where = np.zeros(real.shape[:2], bool)
    where[:, 230:] = True
    where[360:364] = False  # right through the edit
    found = find_regions(compare_images(real, fake, where=where))
    assert found.manipulated
    assert not found.mask[~where].any()
    assert all(region.box.left >= 230 for region in found.regions)
    assert sum(region.area for region in found.regions) == np.count_nonzero(found.mask)
    hidden = fake.copy()
    hidden[~where] = 255 - hidden[~where]
    again = find_regions(compare_images(real, hidden, where=where))
    np.testing.assert_array_equal(again.mask, found.mask)
    assert again.margin == found.margin
    clean = encode(first.real, *code) if code[0] is not None else first.real.copy()
    clean[~where] = fake[~where]
    assert not find_regions(compare_images(real, clean, where=where)).manipulated


# --- the recipe "otsu" ---------------------------------------------------------------------------


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


# --- the result ----------------------------------------------------------------------------------


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
        ({"recipe": "magic"}, ValueError, "recipe must be one of 'noise-aware', 'otsu', got 'magic'"),
        ({"recipe": None}, TypeError, "recipe must be one of 'noise-aware', 'otsu', got None"),
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


# --- regions of a mask ---------------------------------------------------------------------------


def regions_of(mask, evidence, *, min_area: int = 1):
    comparison = compare_images(np.zeros(mask.shape, np.uint8), np.ones(mask.shape, np.uint8))
    return _regions(mask, evidence, comparison, min_area=min_area)


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
    _, (red, blue) = _regions(mask, evidence, comparison, min_area=1)
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
    _, (region,) = _regions(
        np.ones((30, 30), bool), np.ones((30, 30), np.float32), compare_images(gray, fake), min_area=1
    )
    assert region.luma_change == by
    assert region.chroma_change == (0, 0)
    colour = compare_images(np.dstack([gray] * 3), np.dstack([fake] * 3))
    _, (region,) = _regions(np.ones((30, 30), bool), np.ones((30, 30), np.float32), colour, min_area=1)
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


@pytest.mark.parametrize("gap", [10, 20])
def test_the_parts_of_one_support_become_one_region(gap):
    changed = np.zeros((64, 96), bool)
    changed[20:40, 10:30] = changed[20:40, 30 + gap : 60] = True
    support, seeds = np.zeros_like(changed), changed.copy()
    support[16:44, 4:92] = True
    joined = localise._tighten(changed, support, seeds, changed.shape, 5, recoded=False)
    assert label(joined, connectivity=2).max() == 1
    assert joined[changed].all()
    support[:, 30 : 30 + gap] = False
    apart = localise._tighten(changed, support, seeds, changed.shape, 5, recoded=False)
    np.testing.assert_array_equal(apart, changed)
