"""The residual shift of a pair, refused or repaired, never in silence."""

from __future__ import annotations

import re

import cv2
import numpy as np
import pytest
import skimage.data

from facediff import _registration, compare_images, find_regions
from facediff.evidence import measure_evidence
from facediff.synthesis import encode, manipulate

ASTRONAUT = skimage.data.astronaut()
ASTRONAUT.flags.writeable = False


def shifted(picture, dx: float, dy: float):
    """Return the picture's content moved by dx to the right and dy down."""
    matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    size = picture.shape[1::-1]
    return cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def turned(picture, degrees: float, scale: float):
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def shift_of(real, fake, **options):
    comparison = compare_images(real, fake, **options)
    return _registration.measure_shift(comparison, measure_evidence(comparison))


@pytest.mark.parametrize(("dx", "dy"), [(0.6, 0), (-0.6, 0.3), (1, -0.8), (2.5, 1.2), (-7, 3), (0, 15)])
@pytest.mark.parametrize("quality", [None, 60])
def test_a_shift_is_measured_to_a_tenth_of_a_pixel(dx, dy, quality):
    real, fake = ASTRONAUT, shifted(ASTRONAUT, dx, dy)
    if quality:
        real, fake = encode(real, "jpeg", quality), encode(fake, "jpeg", 85)
    found = shift_of(real, fake)
    assert found is not None
    assert found.dx == pytest.approx(dx, abs=0.1)
    assert found.dy == pytest.approx(dy, abs=0.1)
    assert found.distance == pytest.approx(np.hypot(dx, dy), abs=0.1)
    assert 3 <= found.tiles <= 5


def test_swapping_the_pictures_turns_the_shift_round():
    there, back = (
        shift_of(*pair) for pair in ((ASTRONAUT, shifted(ASTRONAUT, 1.5, -1)), (shifted(ASTRONAUT, 1.5, -1), ASTRONAUT))
    )
    assert there is not None
    assert back is not None
    assert back.dx == pytest.approx(-there.dx, abs=0.1)
    assert back.dy == pytest.approx(-there.dy, abs=0.1)


@pytest.mark.parametrize(("codec", "quality"), [("jpeg", 95), ("jpeg", 50), ("jpeg", 10), ("webp", 80), ("webp", 20)])
def test_coding_alone_shifts_nothing(codec, quality):
    found = shift_of(ASTRONAUT, encode(ASTRONAUT, codec, quality))
    assert found is not None
    assert found.distance < _registration.LIMIT / 2


@pytest.mark.parametrize("kind", ["warp", "inpaint", "recolour", "copy-move"])
def test_an_edit_is_no_shift(kind):
    edit = manipulate(ASTRONAUT, kind=kind, share=0.3, seed=2)
    found = shift_of(encode(edit.real, "jpeg", 80), encode(edit.fake, "jpeg", 80))
    assert found is not None
    assert found.distance < _registration.LIMIT / 2


def test_every_dtype_and_gray_are_measured_alike():
    real, fake = ASTRONAUT, shifted(ASTRONAUT, 1.5, -1)
    for a, b, options in (
        (real.astype(np.uint16) * 257, fake.astype(np.uint16) * 257, {}),
        (real / 255, fake / 255, {"data_range": 1.0}),
        (real[..., 1], fake[..., 1], {}),
    ):
        found = shift_of(a, b, **options)
        assert found is not None
        assert (found.dx, found.dy) == pytest.approx((1.5, -1), abs=0.1)


def test_where_nothing_holds_on_nothing_is_measured():
    flat = np.full((200, 200), 90, np.uint8)
    marked = flat.copy()
    marked[90:110, 90:110] = 200
    assert shift_of(flat, marked) is None
    assert shift_of(ASTRONAUT[:60, :60], shifted(ASTRONAUT, 2, 2)[:60, :60]) is None
    assert shift_of(ASTRONAUT, skimage.data.coffee()[:400, :512].copy()[np.arange(512) % 400]) is None
    where = np.zeros(ASTRONAUT.shape[:2], bool)
    where[:, :40] = True
    assert shift_of(ASTRONAUT, shifted(ASTRONAUT, 2, 2), where=where) is None


# --- find_regions --------------------------------------------------------------------------------


def test_a_shifted_pair_is_refused_with_the_number():
    comparison = compare_images(ASTRONAUT, shifted(ASTRONAUT, 1.2, -0.8))
    text = re.escape("real and fake must be aligned within 0.5 px, got a shift of (+1.")
    with pytest.raises(ValueError, match=text + r"\d+, -0\.\d+\) px, 1\.\d+ px in length; pass align=True to register"):
        find_regions(comparison)


@pytest.mark.parametrize("quality", [None, 85])
def test_on_request_a_shifted_pair_is_aligned_and_the_edit_found(quality):
    edit = manipulate(ASTRONAUT, kind="recolour", box=_box(), feather=0, shape="rectangle", seed=1)
    real, fake = edit.real, shifted(edit.fake, 3.4, -2.2)
    if quality:
        real, fake = encode(real, "jpeg", quality), encode(fake, "jpeg", quality)
    before = fake.copy()
    found = find_regions(compare_images(real, fake), align=True)
    np.testing.assert_array_equal(fake, before)
    assert re.fullmatch(r"translation by \(-3\.[345]\d, \+2\.[123]\d\) px", found.alignment)
    assert found.alignment in str(found)
    assert found.shift is not None
    assert found.shift.distance < _registration.LIMIT
    assert found.regions[0].box.iou(edit.box) > 0.6


def test_what_the_moved_picture_does_not_cover_is_not_judged():
    found = find_regions(compare_images(ASTRONAUT, shifted(ASTRONAUT, 9, 0)), align=True)
    assert not found.mask[:, -9:].any()


def test_a_turned_and_scaled_pair_is_aligned_by_an_affine_map():
    comparison = compare_images(ASTRONAUT, turned(ASTRONAUT, 1, 1.01))
    with pytest.raises(ValueError, match=r"must be aligned within 0.5 px"):
        find_regions(comparison)
    shift = _registration.measure_shift(comparison, measure_evidence(comparison))
    moved, what = _registration.register(comparison, shift)
    assert what.startswith("affine map of real to fake places [1.0")
    assert moved.ssim > 0.97 > comparison.ssim
    assert find_regions(comparison, align=True).alignment == what


def test_where_and_the_window_are_kept():
    where = np.zeros(ASTRONAUT.shape[:2], bool)
    where[:400] = True
    comparison = compare_images(ASTRONAUT, shifted(ASTRONAUT, 4, 0), where=where, window="gaussian")
    moved, _ = _registration.register(comparison, _registration.Shift(4.0, 0.0, 4.0, 5))
    assert (moved.window, moved.window_size) == ("gaussian", 11)
    assert not moved.where[400:].any()
    assert not moved.where[:, -4:].any()
    assert moved.where[10:390, 10:500].all()


def test_what_cannot_be_aligned_is_refused(monkeypatch):
    comparison = compare_images(ASTRONAUT, turned(ASTRONAUT, 1, 1.01))
    shift = _registration.measure_shift(comparison, measure_evidence(comparison))
    text = "could not be aligned, neither by translation nor by an affine map; register them with a tool"

    def identity(_real, _fake, matrix, *_rest):
        return 1.0, matrix

    with monkeypatch.context() as patch:
        patch.setattr(cv2, "findTransformECC", identity)
        with pytest.raises(ValueError, match=text):
            _registration.register(comparison, shift)

    def failing(*_arguments):
        raise cv2.error("the iterations do not converge")

    monkeypatch.setattr(cv2, "findTransformECC", failing)
    with pytest.raises(ValueError, match=text):
        _registration.register(comparison, shift)


def test_align_is_a_bool_that_otsu_does_not_take():
    comparison = compare_images(ASTRONAUT, ASTRONAUT)
    with pytest.raises(TypeError, match=re.escape("align must be True or False, got 1 (int)")):
        find_regions(comparison, align=1)
    with pytest.raises(ValueError, match="recipe 'otsu' does not measure alignment and takes no align; leave it out"):
        find_regions(comparison, recipe="otsu", align=True)


def test_a_shift_reads_as_one_line():
    assert str(_registration.Shift(1.2, -0.8, 1.44, 5)) == "(+1.20, -0.80) px, 1.44 px in length"


def _box():
    from facediff import Box

    return Box(180, 200, 300, 320)


def test_a_blank_fake_holds_nothing_to_follow():
    assert shift_of(ASTRONAUT, np.full_like(ASTRONAUT, 90)) is None


@pytest.mark.parametrize("name", ["chelsea", "coffee", "moon", "page"])
@pytest.mark.parametrize(("codec", "quality"), [("jpeg", 10), ("webp", 5), ("h264", 45)])
def test_hard_coding_leads_no_tile_astray(name, codec, quality):
    real = getattr(skimage.data, name)()
    found = shift_of(real, encode(real, codec, quality))
    assert found is None or found.distance < _registration.LIMIT
