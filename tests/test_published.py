"""Published recipes, held pixel for pixel against transcriptions of the code they come from."""

from __future__ import annotations

from functools import cache

import cv2
import matplotlib.cbook
import numpy as np
import pytest
import skimage.data
from scipy import ndimage
from skimage.metrics import structural_similarity

from facediff import Box, _ssim, compare_images, find_regions, read_image
from facediff._published import PUBLISHED
from facediff.synthesis import encode, manipulate

NAMES = tuple(PUBLISHED)
PICTURES = (
    ("astronaut", "paste"),
    ("camera", "negative"),
    ("chelsea", "poisson"),
    ("coffee", "recolour"),
    ("coins", "copy-move"),
    ("grace_hopper", "warp"),
    ("hubble_deep_field", "inpaint"),
    ("immunohistochemistry", "negative"),
    ("moon", "smooth"),
    ("rocket", "negative"),
)


@cache
def photograph(name: str) -> np.ndarray:
    if name == "grace_hopper":
        picture = read_image(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    else:
        picture = getattr(skimage.data, name)()
    top, left = (max(side - size, 0) // 2 for side, size in zip(picture.shape, (220, 280), strict=False))
    return np.ascontiguousarray(picture[top : top + 220, left : left + 280])


@cache
def pair(name: str, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a part of a photograph and an edit of it, both sides coded as JPEG."""
    picture = photograph(name)
    source = None
    if kind == "negative":
        kind, source = "paste", 255 - picture
    elif kind in ("paste", "poisson"):
        source = photograph("coffee")
    made = manipulate(picture, kind=kind, source=source, box=Box(90, 60, 190, 150), seed=2)
    return encode(made.real, "jpeg", 92), encode(made.fake, "jpeg", 75)


def marked(name: str, real, fake, **options):
    return find_regions(compare_images(real, fake, **options), recipe=name)


def bgr(picture: np.ndarray) -> np.ndarray:
    """Return a picture as ``cv2.imread(path, cv2.IMREAD_COLOR)`` loads it."""
    return np.dstack([picture] * 3) if picture.ndim == 2 else np.ascontiguousarray(picture[..., ::-1])


# --- the published code --------------------------------------------------------------------------


def generate_diffs(real, fake, *, wrapped: bool):
    """Transcribe ``generate_diffs.py`` of the DFDC's winner, line by line; without `wrapped`, clipped."""
    _, a = structural_similarity(bgr(real), bgr(fake), channel_axis=2, full=True)
    a = 1 - a
    diff = (a * 255).astype(np.int64).astype(np.uint8) if wrapped else np.clip(a * 255, 0, 255).astype(np.uint8)
    return cv2.cvtColor(diff, cv2.COLOR_BGR2GRAY)


def dfdc(real, fake, *, wrapped: bool):
    return generate_diffs(real, fake, wrapped=wrapped) > 0.4 * 255


def sifdnet(real, fake, *, wrapped: bool):
    return generate_diffs(real, fake, wrapped=wrapped).astype(np.float32) / 255.0 >= 0.25


def dffd(real, fake):
    apart = np.abs(bgr(real).astype(np.int16) - bgr(fake)).astype(np.uint8)
    return cv2.cvtColor(apart, cv2.COLOR_BGR2GRAY) / 255 > 0.1


def matlab_disk_5() -> np.ndarray:
    """Build strel('disk', 5) as MATLAB does: from lines of three, the level and upright ones twice."""
    disk = np.zeros((9, 9), bool)
    disk[4, 4] = True
    level, falling = np.zeros((3, 3), bool), np.eye(3, dtype=bool)
    level[1] = True
    for line in (level, level, level.T, level.T, falling, falling[::-1]):
        disk = ndimage.binary_dilation(disk, line)
    return disk


def casia(real, fake):
    """Transcribe ``CreateCASIAMasks.m``: what lies beyond the border is neither worn off nor grown in."""
    binary = np.abs(bgr(real).astype(float) - bgr(fake)).sum(axis=2) > 20
    cross, disk = ndimage.generate_binary_structure(2, 1), matlab_disk_5()
    opened = ndimage.binary_dilation(ndimage.binary_erosion(binary, cross, border_value=1), cross)
    return ndimage.binary_erosion(ndimage.binary_dilation(opened, disk), disk, border_value=1)


def sum_100(real, fake):
    return np.abs(bgr(real).astype(float) - bgr(fake)).sum(axis=2) > 100


def get_blur(real, fake):
    """Transcribe the masks of known deepfakes, line by line."""
    real = cv2.cvtColor(bgr(real), cv2.COLOR_BGR2GRAY) / 255.0
    fake = cv2.cvtColor(bgr(fake), cv2.COLOR_BGR2GRAY) / 255.0
    _, a = structural_similarity(fake, real, full=True, data_range=2)  # what it then was for floats
    diff = 1 - a
    diff_mask = (diff - diff.min()) / (diff.max() - diff.min())
    diff_mask = cv2.GaussianBlur(diff_mask, (5, 5), 0)
    factor = (diff_mask > 0.08) * 1
    diff_mask = fake * factor
    _, mask = cv2.threshold(np.uint8(diff_mask * 255), 0, 255, cv2.THRESH_BINARY)
    kernel1 = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    dilated = cv2.dilate(mask, kernel1, iterations=3)
    contours, _ = cv2.findContours(dilated, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    hull = []
    for contour in contours:
        if contour.shape[0] > 5:
            hull = contour if len(hull) == 0 else np.concatenate((hull, cv2.convexHull(contour, clockwise=False)))
    dilated_hull = np.zeros((*fake.shape, 3), dtype=np.uint8)
    dilated_hull = cv2.fillConvexPoly(dilated_hull, cv2.convexHull(hull, clockwise=False), (255, 255, 255))
    kernel2 = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    eroded = cv2.erode(dilated_hull, kernel2, iterations=3)
    blur = cv2.GaussianBlur(eroded / 255, (7, 7), 0)
    _, blur = cv2.threshold(np.uint8(blur * 255), 0, 255, cv2.THRESH_BINARY)
    return blur[..., 0] > 0


TRANSCRIBED = {
    "dfdc-ssim": lambda real, fake: dfdc(real, fake, wrapped=False),
    "dfdc-ssim-wrapped": lambda real, fake: dfdc(real, fake, wrapped=True),
    "sifdnet": lambda real, fake: sifdnet(real, fake, wrapped=False),
    "sifdnet-wrapped": lambda real, fake: sifdnet(real, fake, wrapped=True),
    "dffd": dffd,
    "casia": casia,
    "sum-100": sum_100,
    "dssim-hull": get_blur,
}


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_marks_what_its_published_code_marks(name):
    shares = []
    for picture in PICTURES:
        real, fake = pair(*picture)
        expected = TRANSCRIBED[name](real, fake)
        np.testing.assert_array_equal(marked(name, real, fake).mask, expected, err_msg=f"{name} on {picture}")
        shares.append(expected.mean())
    assert sum(0 < share < 1 for share in shares) >= 5  # or it would have compared nothing with nothing


@pytest.mark.parametrize("name", ["dfdc-ssim", "sifdnet"])
def test_wrapping_loses_what_differs_most(name):
    real, fake = pair("rocket", "negative")
    lost = marked(name, real, fake).mask & ~marked(f"{name}-wrapped", real, fake).mask
    ssim = structural_similarity(bgr(real), bgr(fake), channel_axis=2, full=True)[1]
    assert lost.any()
    assert (ssim[lost] < 0).any(axis=-1).all()


def test_the_exact_map_is_that_of_scikit_image():
    # Sums of squares reach 510^2, rounded to 2^-53 of that a few times, over (0.03 * 255)^2.
    tolerance = 32 * 510**2 * 2**-53 / (0.03 * 255) ** 2
    for picture in PICTURES[:4]:
        real, fake = (cv2.cvtColor(bgr(one), cv2.COLOR_BGR2GRAY) for one in pair(*picture))
        expected = structural_similarity(real, fake, full=True)[1]
        found = _ssim.exact_map(real, fake, data_range=255.0)
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


def test_matlabs_disk_is_an_octagon_of_69_pixels():
    disk = matlab_disk_5()
    assert disk.sum() == 69
    np.testing.assert_array_equal(disk[0], [0, 0, 1, 1, 1, 1, 1, 0, 0])


# --- by hand -------------------------------------------------------------------------------------


def grays(*changes: int, base: int = 50):
    """Return a flat picture, and a twin with a changed bar of 7x20 pixels for each change."""
    real = np.full((30, 20 * len(changes)), base, np.uint8)
    fake = real.copy()
    for i, change in enumerate(changes):
        fake[10:17, 20 * i : 20 * i + 20] += np.uint8(change)
    return real, fake


@pytest.mark.parametrize(
    ("name", "below", "above"),
    [("dffd", 25, 26), ("sum-100", 33, 34), ("casia", 6, 7)],  # of 25.5, and a third of 100 and of 20
)
def test_differences_are_cut_where_the_paper_says(name, below, above):
    real, fake = grays(below, above)
    expected = np.zeros(real.shape, bool)
    expected[10:17, 20:] = True
    if name == "casia":  # no cross fits into a corner
        expected[[10, 16], 20] = False
    gray = marked(name, real, fake)
    np.testing.assert_array_equal(gray.mask, expected)
    np.testing.assert_array_equal(marked(name, bgr(real), bgr(fake)).mask, expected)
    (region,) = gray.regions
    assert region.box == Box(20, 10, 40, 17)
    assert gray.threshold == {"dffd": 25.5, "sum-100": 100, "casia": 20}[name]


def test_the_channels_are_summed_and_the_sum_must_exceed_the_threshold():
    real = np.full((9, 9, 3), 100, np.uint8)
    fake = real.copy()
    fake[2, 2] = (134, 67, 133)
    fake[6, 6] = (134, 66, 133)
    found = marked("sum-100", real, fake)
    assert (found.evidence[2, 2], found.evidence[6, 6]) == (100, 101)
    assert np.argwhere(found.mask).tolist() == [[6, 6]]


def test_casia_drops_specks_and_closes_gaps():
    real = np.zeros((60, 60), np.uint8)
    fake = real.copy()
    fake[5:7, 5:7] = 200  # no cross fits in
    fake[20:40, 10:20] = fake[20:40, 25:35] = 200  # five apart: the octagon is nine wide
    mask = marked("casia", real, fake).mask
    assert not mask[:10].any()
    assert mask[28:32, 10:35].all()


def test_the_hull_fills_what_lies_between():
    real = photograph("coffee")[..., 1]
    fake = real.copy()
    for top, left in ((40, 60), (40, 200), (150, 130)):
        fake[top : top + 30, left : left + 30] = 255 - real[top : top + 30, left : left + 30]
    found = marked("dssim-hull", real, fake)
    assert len(found.regions) == 1
    assert found.mask[55:165, 140:150].all()
    assert not found.mask[170:, :100].any()
    assert (found.evidence.min() >= 0) & (found.evidence.max() <= 1)


FLAT = np.full((40, 50), 10, np.uint8)
NOISE = np.random.default_rng(0).integers(1, 255, FLAT.shape, dtype=np.uint8)


@pytest.mark.parametrize(
    ("real", "fake"),
    [
        (FLAT, FLAT + 190),  # the same everywhere: nothing to stretch
        (NOISE, np.zeros_like(NOISE)),  # a black fake
        (NOISE, 255 - NOISE),  # changed all over: the outline is the frame, of four points
    ],
)
def test_without_anything_to_make_a_hull_of_there_is_none(real, fake):
    found = marked("dssim-hull", real, fake)
    assert not found.manipulated
    assert not found.mask.any()
    assert str(found).endswith("by recipe dssim-hull (version 1): what differs is too small for a region")


# --- laws of them all ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_identical_pictures_have_no_region(name):
    real = photograph("astronaut")
    found = marked(name, real, real.copy())
    assert not found.manipulated
    assert not found.mask.any()
    assert not found.evidence.any()
    assert found.threshold == np.inf
    assert str(found) == f"Nothing changed by recipe {name} (version 1): the pictures are identical"


@pytest.mark.parametrize("name", NAMES)
def test_the_result_says_what_it_is(name):
    found = marked(name, *pair("astronaut", "paste"))
    assert found.manipulated
    assert (found.recipe, found.recipe_version, found.parameters) == (name, 1, {"min_area": 1})
    assert np.isnan(found.margin)
    assert found.shift is None
    assert found.evidence.dtype == np.float32
    assert sum(region.area for region in found.regions) == np.count_nonzero(found.mask)
    if name not in ("casia", "dssim-hull"):  # these two change the mask after the cut
        np.testing.assert_array_equal(found.mask, found.evidence > found.threshold)


@pytest.mark.parametrize("name", NAMES)
def test_small_regions_are_dropped_on_request(name):
    real, fake = pair("chelsea", "poisson")
    comparison = compare_images(real, fake)
    areas = [region.area for region in find_regions(comparison, recipe=name).regions]
    kept = find_regions(comparison, recipe=name, min_area=40)
    assert sorted(region.area for region in kept.regions) == sorted(area for area in areas if area >= 40)
    assert kept.mask.sum() == sum(area for area in areas if area >= 40)


@pytest.mark.parametrize("dtype", ["uint16", "float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_every_dtype_is_seen_in_8_bits(name, dtype):
    real, fake = pair("astronaut", "paste")
    expected = marked(name, real, fake).mask
    if dtype == "uint16":
        found = marked(name, real.astype(dtype) * 257, fake.astype(dtype) * 257)
    else:
        found = marked(name, (real / 255).astype(dtype), (fake / 255).astype(dtype), data_range=1.0)
    np.testing.assert_array_equal(found.mask, expected)


@pytest.mark.parametrize("name", NAMES)
def test_what_8_bits_do_not_show_is_not_marked(name):
    real = np.full((30, 40), 100 * 257, np.uint16)
    fake = real.copy()
    fake[10:20, 10:20] += 100
    found = marked(name, real, fake)
    assert not found.manipulated
    assert str(found).endswith("what differs is too small for a region")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_outside_where_is_found_or_has_a_say(name):
    real, fake = pair("astronaut", "paste")
    where = np.zeros(real.shape[:2], bool)
    where[20:, 120:240] = True
    found = marked(name, real, fake, where=where)
    assert found.manipulated
    assert not found.mask[~where].any()
    hidden = fake.copy()
    hidden[~where] = 255 - hidden[~where]
    np.testing.assert_array_equal(marked(name, real, hidden, where=where).mask, found.mask)
    floats = (fake / 255).astype(np.float32)
    floats[~where] = np.nan
    again = marked(name, (real / 255).astype(np.float32), floats, data_range=1.0, where=where)
    np.testing.assert_array_equal(again.mask, found.mask)


def test_a_published_recipe_takes_no_argument_of_a_test():
    comparison = compare_images(*grays(90))
    with pytest.raises(ValueError, match="recipe 'dffd' has no test and takes no false_alarm_rate; leave it out"):
        find_regions(comparison, recipe="dffd", false_alarm_rate=0.01)
    with pytest.raises(ValueError, match="recipe 'dffd' does not measure alignment and takes no align; leave it out"):
        find_regions(comparison, recipe="dffd", align=True)
