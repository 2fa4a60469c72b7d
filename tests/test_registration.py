"""The residual shift of a pair, refused or repaired, never in silence."""

from __future__ import annotations

import re

import cv2
import numpy as np
import pytest
import skimage.data

from facediff import Box, _registration, compare_images, find_regions
from facediff.evidence import measure_evidence
from facediff.synthesis import encode, manipulate

ASTRONAUT = skimage.data.astronaut()
CAMERA = skimage.data.camera()
for _picture in (ASTRONAUT, CAMERA):
    _picture.flags.writeable = False


def shifted(picture, dx: float, dy: float):
    """Return the picture's content moved by dx to the right and dy down: by its Fourier series, an exact shift."""
    edge = 32  # mirrored around it, so that what wraps round stays outside
    padded = np.pad(picture, [(edge, edge)] * 2 + [(0, 0)] * (picture.ndim - 2), mode="reflect").astype(float)
    spectrum = np.fft.fft2(padded, axes=(0, 1))
    down, right = (np.fft.fftfreq(size) for size in padded.shape[:2])
    turn = np.exp(-2j * np.pi * (down[:, None] * dy + right * dx))
    moved = np.fft.ifft2(spectrum * turn.reshape(turn.shape + (1,) * (picture.ndim - 2)), axes=(0, 1)).real
    return np.clip(np.rint(moved[edge:-edge, edge:-edge]), 0, 255).astype(np.uint8)


def turned(picture, degrees: float, scale: float):
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT)


def shift_of(real, fake, **options):
    comparison = compare_images(real, fake, **options)
    return _registration.measure_shift(comparison, measure_evidence(comparison))


def assert_measured(found, dx, dy, *, within):
    assert found is not None
    assert found.dx == pytest.approx(dx, abs=within)
    assert found.dy == pytest.approx(dy, abs=within)


# --- measured ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dx", "dy"), [(0.1, 0), (0.3, -0.2), (0.6, 0), (-0.6, 0.3), (1, -0.8), (2.5, 1.2), (-7, 3), (0, 15.5)]
)
def test_a_shift_is_measured_to_a_twentieth_of_a_pixel(dx, dy):
    found = shift_of(CAMERA, shifted(CAMERA, dx, dy))
    assert_measured(found, dx, dy, within=0.05)
    assert found.distance == pytest.approx(np.hypot(dx, dy), abs=0.05)
    assert 3 <= found.tiles <= 9


@pytest.mark.parametrize(("dx", "dy"), [(-0.6, 0.3), (1, -0.8), (2.5, 1.2), (-7, 3), (0, 15.5)])
@pytest.mark.parametrize("qualities", [(50, 90), (90, 50), (60, 60)])
def test_coding_of_either_side_costs_a_tenth_at_most(dx, dy, qualities):
    real, fake = encode(ASTRONAUT, "jpeg", qualities[0]), encode(shifted(ASTRONAUT, dx, dy), "jpeg", qualities[1])
    assert_measured(shift_of(real, fake), dx, dy, within=0.1)


def test_a_shift_of_whole_pixels_is_exact():
    # Cut out of one picture at two places, the tiles hold the same numbers.
    real, fake = CAMERA[20:420, 20:420].copy(), CAMERA[17:417, 25:425].copy()
    assert_measured(shift_of(real, fake), -5, 3, within=0.001)


def test_swapping_the_pictures_turns_the_shift_round():
    moved = shifted(ASTRONAUT, 1.5, -1)
    there, back = shift_of(ASTRONAUT, moved), shift_of(moved, ASTRONAUT)
    assert there is not None
    assert_measured(back, -there.dx, -there.dy, within=0.05)


def test_identical_pictures_are_not_shifted_at_all():
    found = shift_of(ASTRONAUT, ASTRONAUT)
    assert (found.dx, found.dy, found.distance) == (0, 0, 0)


@pytest.mark.parametrize(
    ("codec", "quality"), [("jpeg", 95), ("jpeg", 50), ("jpeg", 10), ("webp", 80), ("webp", 20), ("webp", 1)]
)
@pytest.mark.parametrize("picture", [ASTRONAUT, CAMERA, skimage.data.coffee(), skimage.data.chelsea()])
def test_coding_alone_shifts_nothing(picture, codec, quality):
    found = shift_of(picture, encode(picture, codec, quality))
    assert found is not None
    assert found.distance < _registration.LIMIT / 2


def test_brightness_and_contrast_are_no_shift():
    found = shift_of(CAMERA, (CAMERA * 0.7 + 40).astype(np.uint8))
    assert_measured(found, 0, 0, within=0.02)


@pytest.mark.parametrize("kind", ["warp", "inpaint", "recolour", "copy-move", "paste", "poisson"])
@pytest.mark.parametrize("move", [0, 1.2])
def test_an_edit_of_a_third_of_the_frame_does_not_decide(kind, move):
    source = skimage.data.coffee() if kind in ("paste", "poisson") else None
    edit = manipulate(ASTRONAUT, kind=kind, source=source, share=0.33, seed=2)
    fake = shifted(edit.fake, move, 0)
    assert_measured(shift_of(encode(edit.real, "jpeg", 80), encode(fake, "jpeg", 80)), move, 0, within=0.2)


def test_a_turn_shows_in_the_distance_though_not_in_the_mean():
    # Sides of the tiles' centres: 64 to 448 of 512 pixels, so their median distance from the middle is some 150 px,
    # and none is nearer than the middle tile's.
    found = shift_of(ASTRONAUT, turned(ASTRONAUT, 1, 1))
    assert found is not None
    assert 100 * np.deg2rad(1) < found.distance < 270 * np.deg2rad(1)
    assert found.distance > 1.5 * np.hypot(found.dx, found.dy)


def test_every_dtype_and_gray_are_measured_alike():
    real, fake = ASTRONAUT, shifted(ASTRONAUT, 1.5, -1)
    for a, b, options in (
        (real.astype(np.uint16) * 257, fake.astype(np.uint16) * 257, {}),
        (real.astype(np.uint16) * 4, fake.astype(np.uint16) * 4, {"data_range": 1020}),
        (real / 255, fake / 255, {"data_range": 1.0}),
        (np.float32(real / 255), np.float32(fake / 255), {"data_range": 1.0}),
        (real[..., 1], fake[..., 1], {}),
    ):
        assert_measured(shift_of(a, b, **options), 1.5, -1, within=0.05)


@pytest.mark.parametrize("move", [1.5, 6])
def test_what_does_not_count_has_no_say(move):
    real, fake = CAMERA / 255, shifted(CAMERA, move, 0) / 255
    where = np.ones(CAMERA.shape, bool)
    where[300:, :] = False
    where[:, 380:383] = False
    # Ill-behaved: not a number on one side, and a strong texture that is not shifted, on both.
    real[~where], fake[~where] = 0.5, np.nan
    real[:, 380:383] = fake[:, 380:383] = np.random.default_rng(0).random((512, 3))
    assert_measured(shift_of(real, fake, data_range=1.0, where=where), move, 0, within=0.05)


def test_small_pictures_are_measured_too():
    real, fake = (picture[80:176, 180:300] for picture in (ASTRONAUT, shifted(ASTRONAUT, 2.2, -0.7)))
    assert_measured(shift_of(real, fake), 2.2, -0.7, within=0.1)


def test_where_nothing_holds_on_nothing_is_measured():
    flat = np.full((200, 200), 90, np.uint8)
    marked = flat.copy()
    marked[90:110, 90:110] = 200
    assert shift_of(flat, marked) is None
    noise = np.random.default_rng(0).integers(0, 256, (2, 200, 200), np.uint8)
    assert shift_of(*noise) is None
    edge = np.repeat(np.arange(200) > 100, 200).reshape(200, 200).astype(np.uint8) * 90
    assert shift_of(edge, np.roll(edge, 1, axis=1)) is None
    assert shift_of(ASTRONAUT[:79, :200], shifted(ASTRONAUT, 2, 2)[:79, :200]) is None
    assert shift_of(ASTRONAUT, skimage.data.coffee()[:400, :512].copy()[np.arange(512) % 400]) is None
    where = np.zeros(ASTRONAUT.shape[:2], bool)
    where[:, :40] = True
    assert shift_of(ASTRONAUT, shifted(ASTRONAUT, 2, 2), where=where) is None


def test_a_tile_that_is_flat_or_has_one_direction_alone_holds_on_nothing():
    flat = np.full((80, 80), 90, np.float32)
    grating = np.sin(np.add(*np.mgrid[:80, :80]) / 5).astype(np.float32)
    for tile in (flat, grating):
        assert _registration._least_squares(tile[7:-7, 7:-7], tile, np.zeros(2)) is None


def test_a_shift_reads_as_one_line():
    assert str(_registration.Shift(1.2, -0.8, 1.44, 5)) == "(+1.20, -0.80) px, 1.44 px in length"


# --- registered ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("dx", "dy"), [(0.6, 0), (2.5, -1.25), (-7, 3)])
def test_a_registered_pair_is_not_shifted_and_alike_again(dx, dy):
    real, fake = ASTRONAUT, shifted(ASTRONAUT, dx, dy)
    before = fake.copy()
    comparison = compare_images(real, fake)
    moved, what = _registration.register(comparison, shift_of(real, fake))
    np.testing.assert_array_equal(fake, before)
    assert np.shares_memory(moved.real, real)
    numbers = re.fullmatch(r"translation by \((.*), (.*)\) px", what).groups()
    assert [float(number) for number in numbers] == pytest.approx([-dx, -dy], abs=0.05)
    left = _registration.measure_shift(moved, measure_evidence(moved))
    assert left.distance < 0.05
    assert moved.ssim > 0.98 > comparison.ssim


def test_whole_pixels_are_moved_without_loss_and_the_rest_is_not_judged():
    real, fake = CAMERA[20:420, 20:420].copy(), CAMERA[17:417, 25:425].copy()
    moved, _ = _registration.register(compare_images(real, fake), _registration.Shift(-5.0, 3.0, 5.83, 9))
    assert moved.identical
    covered = np.zeros((400, 400), bool)
    covered[:-3, 5:] = True
    np.testing.assert_array_equal(moved.where, covered)


@pytest.mark.parametrize("kind", ["uint16", "10 bits", "float32", "float64", "gray"])
def test_every_kind_of_picture_is_kept(kind):
    real, fake = ASTRONAUT, shifted(ASTRONAUT, 1.5, -1)
    convert = {
        "uint16": lambda picture: picture.astype(np.uint16) * 257,
        "10 bits": lambda picture: picture.astype(np.uint16) * 4,
        "float32": lambda picture: np.float32(picture / 255),
        "float64": lambda picture: picture / 255,
        "gray": lambda picture: picture[..., 1],
    }[kind]
    data_range = {"10 bits": 1020.0, "float32": 1.0, "float64": 1.0}.get(kind)
    comparison = compare_images(
        convert(real), convert(fake), data_range=data_range, window="gaussian", window_size=9, channels="each"
    )
    moved, _ = _registration.register(comparison, _registration.Shift(1.5, -1.0, 1.8, 9))
    assert moved.fake.dtype == comparison.fake.dtype
    assert moved.data_range == comparison.data_range
    assert (moved.window, moved.window_size, moved.channels) == ("gaussian", 9, "each")
    assert moved.fake.max() <= comparison.data_range
    assert moved.ssim > 0.98 > comparison.ssim


def test_where_is_kept_and_what_lies_outside_reaches_nothing():
    real, fake = CAMERA / 255, shifted(CAMERA, 1.5, 0) / 255
    where = np.ones(CAMERA.shape, bool)
    where[300:, :] = False
    bad = fake.copy()
    bad[300:, :] = np.nan
    shift = _registration.Shift(1.5, 0.0, 1.5, 9)
    good, ill = (
        _registration.register(compare_images(real, side, data_range=1.0, where=where), shift)[0]
        for side in (fake, bad)
    )
    assert not ill.where[300:].any()
    assert ill.where[10:290, 10:500].all()
    np.testing.assert_array_equal(ill.fake[ill.where], good.fake[good.where])
    assert np.isnan(bad[300:]).all()


def test_nothing_in_common_is_said():
    where = np.zeros(CAMERA.shape, bool)
    where[:, 490:] = True
    comparison = compare_images(CAMERA, shifted(CAMERA, 1, 0), where=where)
    with pytest.raises(ValueError, match="where must hold pixels that the fake covers once it is registered"):
        _registration.register(comparison, _registration.Shift(30.0, 0.0, 30.0, 9))


@pytest.mark.parametrize(("degrees", "scale"), [(1, 1.01), (-2, 1), (0, 0.98)])
def test_a_turned_or_scaled_pair_is_registered_by_an_affine_map(degrees, scale):
    comparison = compare_images(ASTRONAUT, turned(ASTRONAUT, degrees, scale))
    shift = _registration.measure_shift(comparison, measure_evidence(comparison))
    moved, what = _registration.register(comparison, shift)
    numbers = re.fullmatch(r"affine map of real to fake places \[(.*)\]", what).group(1)
    found = np.array([float(number) for number in numbers.split(", ")]).reshape(2, 3)
    truth = cv2.getRotationMatrix2D((256, 256), degrees, scale)
    corners = np.array([[0, 0, 1], [511, 0, 1], [0, 511, 1], [511, 511, 1]])
    np.testing.assert_allclose(corners @ found.T, corners @ truth.T, atol=0.2)
    assert moved.ssim > 0.97 > comparison.ssim


def test_an_affine_map_is_found_where_part_of_the_picture_does_not_count():
    where = np.ones(ASTRONAUT.shape[:2], bool)
    where[:120, :150] = False
    real, fake = (np.float32(picture / 255) for picture in (ASTRONAUT, turned(ASTRONAUT, 1, 1.01)))
    fake[~where] = np.nan
    comparison = compare_images(real, fake, data_range=1.0, where=where)
    shift = _registration.measure_shift(comparison, measure_evidence(comparison))
    moved, what = _registration.register(comparison, shift)
    assert what.startswith("affine map of real to fake places [1.0")
    assert moved.ssim > 0.97 > comparison.ssim


def test_what_cannot_be_aligned_is_refused(monkeypatch):
    comparison = compare_images(ASTRONAUT, turned(ASTRONAUT, 1, 1.01))
    shift = _registration.measure_shift(comparison, measure_evidence(comparison))
    text = "could not be aligned, neither by translation nor by an affine map; register them with a tool"

    def identity(_real, _fake, matrix, *_rest):
        return 1.0, matrix

    with monkeypatch.context() as patch:
        patch.setattr(cv2, "findTransformECC", identity)
        with pytest.raises(_registration.MisalignedError, match=text):
            _registration.register(comparison, shift)
    # Nothing in common: the search itself gives up.
    noise = np.random.default_rng(0).integers(0, 256, (2, 200, 200), np.uint8)
    with pytest.raises(_registration.MisalignedError, match=text):
        _registration.register(compare_images(*noise), _registration.Shift(3.0, 0.0, 3.0, 3))


# --- find_regions --------------------------------------------------------------------------------


def test_a_shifted_pair_is_refused_with_the_number():
    comparison = compare_images(ASTRONAUT, shifted(ASTRONAUT, 1.2, -0.8))
    text = re.escape("real and fake must be aligned within 0.5 px, got a shift of (+1.")
    with pytest.raises(
        _registration.MisalignedError,
        match=text + r"\d+, -0\.\d+\) px, 1\.\d+ px in length; pass align=True to register",
    ):
        find_regions(comparison)


@pytest.mark.parametrize("quality", [None, 85])
def test_on_request_a_shifted_pair_is_aligned_and_the_edit_found(quality):
    box = Box(180, 200, 300, 320)
    edit = manipulate(ASTRONAUT, kind="recolour", box=box, feather=0, shape="rectangle", seed=1)
    real, fake = edit.real, shifted(edit.fake, 3.4, -2.2)
    if quality:
        real, fake = encode(real, "jpeg", quality), encode(fake, "jpeg", quality)
    before = fake.copy()
    found, again = (find_regions(compare_images(real, fake), align=True) for _ in range(2))
    np.testing.assert_array_equal(fake, before)
    np.testing.assert_array_equal(found.evidence, again.evidence)
    assert re.fullmatch(r"translation by \(-3\.[345]\d, \+2\.[123]\d\) px", found.alignment)
    assert found.alignment in str(found)
    assert found.shift is not None
    assert found.shift.distance < _registration.LIMIT
    assert found.regions[0].box.iou(edit.box) > 0.6


def test_what_the_moved_picture_does_not_cover_is_not_judged():
    found = find_regions(compare_images(ASTRONAUT, shifted(ASTRONAUT, 9, 0)), align=True)
    assert not found.mask[:, -9:].any()


def test_align_is_a_bool_that_otsu_does_not_take():
    comparison = compare_images(ASTRONAUT, ASTRONAUT)
    with pytest.raises(TypeError, match=re.escape("align must be True or False, got 1 (int)")):
        find_regions(comparison, align=1)
    with pytest.raises(ValueError, match="recipe 'otsu' does not measure alignment and takes no align; leave it out"):
        find_regions(comparison, recipe="otsu", align=True)
