"""The recipe "noise-aware": nothing where only coding differs, tight whole regions, and laws."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import pytest
import skimage.data
from skimage.measure import label

from facediff import Box, _noise_aware, compare_images, find_regions
from facediff.evidence import gate, measure_evidence
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


def noise_like(picture):
    return np.random.default_rng(0).integers(0, 256, picture.shape, dtype=picture.dtype)


def iou(a, b) -> float:
    return np.count_nonzero(a & b) / max(np.count_nonzero(a | b), 1)


def grown(mask, pixels: int):
    return cv2.dilate(mask.astype(np.uint8), np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)) > 0


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_of_a_lossless_pair_all_that_differs_is_marked_be_the_picture_ever_so_small(scale):
    real = np.full((60 * scale, 90 * scale, 3), 90, np.uint8)
    fake = real.copy()
    fake[20:40, 20:40] += 110
    fake[20:40, 40:50] += 30  # so weak beside the other half that the noise level takes it for its own
    np.testing.assert_array_equal(found_in(real, fake).mask, (real != fake).any(axis=2))


def test_noise_on_one_side_of_an_edit_is_no_part_of_it():
    # A coder's bits depend on all that came before them: above an edit they are the same, and below it they are not.
    edit = made()
    fake = edit.fake.copy()
    below = fake[150:]
    below += np.random.default_rng(0).integers(0, 3, below.shape, dtype=np.uint8) * (below < 250)
    found = found_in(edit.real, fake)
    assert len(found.regions) == 1
    assert not (found.mask & ~grown(edit.mask, 8)).any()


@pytest.mark.parametrize("name", ["astronaut", "coffee", "rocket"])
def test_another_picture_is_changed_all_over(name):
    real = photograph(name)
    for fake in (real[::-1], 255 - real, np.zeros_like(real), noise_like(real)):
        found = found_in(real, np.ascontiguousarray(fake))
        assert found.manipulated
        assert found.margin > 1
        assert found.mask.all()
        assert [region.box.area for region in found.regions] == [found.mask.size]


@pytest.mark.parametrize(("codec", "quality"), [("jpeg", 1), ("webp", 1), ("h264", 51)])
@pytest.mark.parametrize("name", ["astronaut", "rocket"])
def test_the_hardest_coding_makes_no_other_picture(name, codec, quality):
    real = photograph(name)[:426, :512]
    comparison = compare_images(real, encode(np.ascontiguousarray(real), codec, quality))
    evidence = measure_evidence(comparison)
    assert _noise_aware._drift(evidence, np.zeros(evidence.wide.shape, np.bool_)) < _noise_aware._ANOTHER


def test_outside_where_there_is_no_other_picture():
    real = photograph("astronaut")
    fake = real.copy()
    fake[256:] = fake[256:][::-1]
    where = np.zeros(real.shape[:2], np.bool_)
    where[:250] = True
    assert not find_regions(compare_images(real, fake, where=where)).manipulated
    found = find_regions(compare_images(real, real[::-1], where=where))
    np.testing.assert_array_equal(found.mask, where)


def test_the_margin_of_a_region_is_its_largest_evidence_over_the_gate():
    real, fake = coded(made(), "jpeg", 90)
    found = found_in(real, fake)
    assert found.regions
    assert max(region.margin for region in found.regions) == pytest.approx(found.margin)
    assert all(region.margin > 1 for region in found.regions)
    stricter = found_in(real, fake, false_alarm_rate=0.001)
    ratio = gate(0.001) / gate(0.01)
    assert stricter.margin * ratio == pytest.approx(found.margin)


# --- nothing -----------------------------------------------------------


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


# --- tight, whole regions ----------------------------------------------


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


# --- laws --------------------------------------------------------------


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


@pytest.mark.parametrize("gap", [10, 20])
def test_the_parts_of_one_support_become_one_region(gap):
    changed = np.zeros((64, 96), bool)
    changed[20:40, 10:30] = changed[20:40, 30 + gap : 60] = True
    support, seeds = np.zeros_like(changed), changed.copy()
    support[16:44, 4:92] = True
    joined = _noise_aware._tighten(changed, support, seeds, changed.shape, 5, recoded=False)
    assert label(joined, connectivity=2).max() == 1
    assert joined[changed].all()
    support[:, 30 : 30 + gap] = False
    apart = _noise_aware._tighten(changed, support, seeds, changed.shape, 5, recoded=False)
    np.testing.assert_array_equal(apart, changed)
