"""What `manipulate` says about its pairs is true to the pixel, and `encode` does what the codecs do."""

import io
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage import data

from facediff._edits import KINDS
from facediff._membrane import membrane
from facediff.regions import Box
from facediff.synthesis import encode, manipulate

ASTRONAUT = data.astronaut()
CAMERA = data.camera()
COFFEE = data.coffee()
FACE = Box(170, 60, 275, 200)
SOURCED = ("paste", "poisson")
BLENDED = tuple(kind for kind in KINDS if kind != "warp")
H264 = ("h264",) if find_spec("av") else ()  # an extra: tested wherever it is installed
CODECS = ("jpeg", "webp", *H264)


def edit(picture, kind, **more):
    """Manipulate, with a source of the picture's own kind where one is needed."""
    if kind in SOURCED:
        source = COFFEE if picture.ndim == 3 else COFFEE[..., 1]
        more = {"source": as_dtype(source, picture.dtype), **more}
    if picture.dtype.kind == "f":
        more = {"data_range": 1.0, **more}
    return manipulate(picture, kind=kind, **more)


def as_dtype(picture, dtype):
    """Bring a uint8 picture onto another dtype's scale: 0 to 65535 or 0 to 1."""
    if dtype == np.uint16:
        return picture.astype(np.uint16) * 257
    return (picture / 255).astype(dtype) if np.dtype(dtype).kind == "f" else picture


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(60, 200, shape, np.uint8)


def change(made):
    """Return how far each pixel moved, summed over the channels."""
    moved = np.abs(made.fake.astype(np.float64) - made.real.astype(np.float64))
    return moved if moved.ndim == 2 else moved.sum(axis=2)


def differing(made):
    return change(made) > 0


def bounds(mask):
    rows, columns = np.nonzero(mask)
    return Box(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)


def mean_square(a, b):
    return np.mean((a.astype(np.float64) - b) ** 2)


# The pair and its mask


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("picture", [ASTRONAUT, CAMERA], ids=["RGB", "gray"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_mask_is_exact_and_lies_in_the_box(kind, picture, dtype):
    picture = as_dtype(picture, dtype)
    made = edit(picture, kind, box=FACE, seed=4)
    assert made.fake.shape == picture.shape
    assert made.fake.dtype == picture.dtype
    np.testing.assert_array_equal(made.mask, differing(made))
    assert not (made.mask & ~made.touched).any()
    assert bounds(made.touched) == FACE
    assert bounds(made.mask) == made.box
    assert made.mask.sum() > 0.5 * made.touched.sum()
    assert 0 <= made.fake.min() <= made.fake.max() <= (1 if made.fake.dtype.kind == "f" else np.iinfo(dtype).max)


@settings(max_examples=80, deadline=None)
@given(
    kind=st.sampled_from(tuple(KINDS)),
    height=st.integers(10, 48),
    width=st.integers(10, 48),
    channels=st.sampled_from([(), (3,)]),
    share=st.floats(0.02, 0.8),
    strength=st.floats(0.3, 1),
    seed=st.integers(0, 1000),
)
def test_the_mask_is_exact_in_any_picture_at_any_place(kind, height, width, channels, share, strength, seed):
    made = edit(noise(height, width, *channels), kind, share=share, strength=strength, seed=seed)
    np.testing.assert_array_equal(made.mask, differing(made))
    assert made.mask.any()
    assert not (made.mask & ~made.touched).any()
    assert made.box == bounds(made.mask)


@pytest.mark.parametrize("shape", [(32, 32), (5, 200), (200, 5), (32, 32, 3), (3, 200, 3), (200, 3, 3)])
@pytest.mark.parametrize("kind", KINDS)
def test_small_and_thin_pictures_can_be_edited(kind, shape):
    made = edit(noise(*shape), kind, seed=1)
    np.testing.assert_array_equal(made.mask, differing(made))
    assert made.mask.any()


@pytest.mark.parametrize("shape", [(1, 40), (40, 1), (2, 40, 3)])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "poisson"])
def test_all_but_poisson_edit_even_a_line(kind, shape):
    made = edit(noise(*shape), kind, seed=1)
    np.testing.assert_array_equal(made.mask, differing(made))
    assert made.mask.any()


@pytest.mark.parametrize("shape", [(1, 40), (40, 1), (1, 40, 3)])
def test_inpainting_a_line_fills_it_from_the_line_and_from_nothing_else(shape):
    flat = np.full(shape, 90, np.uint8)
    middle = Box(15, 0, 22, 1) if shape[0] == 1 else Box(0, 15, 1, 22)
    flat[middle.slices] = 200
    for _ in range(50):  # memory that was never written holds something else each time
        made = manipulate(flat, kind="inpaint", box=middle, shape="rectangle")
        np.testing.assert_array_equal(made.fake, 90)


def test_the_picture_is_not_copied_and_the_results_are_read_only():
    picture = ASTRONAUT.copy()
    made = manipulate(picture, kind="smooth")
    assert np.shares_memory(made.real, picture)
    assert not np.shares_memory(made.fake, picture)
    for array in (made.real, made.fake, made.mask, made.touched):
        assert not array.flags.writeable
    assert picture.flags.writeable


@pytest.mark.parametrize("kind", KINDS)
def test_inputs_are_never_written_to_and_may_be_read_only_or_strided(kind):
    picture, source = ASTRONAUT[:, ::-1].copy(), COFFEE.copy()
    picture.flags.writeable = source.flags.writeable = False
    more = {"source": source} if kind in SOURCED else {}
    made = manipulate(picture, kind=kind, box=FACE, **more)
    strided = manipulate(ASTRONAUT[:, ::-1], kind=kind, box=FACE, **more)
    np.testing.assert_array_equal(picture, ASTRONAUT[:, ::-1])
    np.testing.assert_array_equal(source, COFFEE)
    np.testing.assert_array_equal(made.fake, strided.fake)


@pytest.mark.parametrize("kind", KINDS)
def test_same_seed_same_bytes_on_any_thread_and_another_seed_another_edit(kind):
    first = edit(ASTRONAUT, kind, seed=5)
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda _: edit(ASTRONAUT, kind, seed=5), range(4)))
    for made in again:
        assert made.fake.tobytes() == first.fake.tobytes()
        assert made.parameters == first.parameters
    assert edit(ASTRONAUT, kind, seed=6).fake.tobytes() != first.fake.tobytes()


def test_it_says_in_one_line_what_was_done():
    made = manipulate(
        np.zeros((20, 40), np.uint8), kind="recolour", box=Box(4, 2, 24, 12), shape="rectangle", feather=0, seed=9
    )
    assert str(made) == (
        "recolour (rectangle) in 20x10 at (4, 2), 200 px changed, 25.00% of the picture, strength 1, seed 9"
    )


# Strength, shape, edge and place


@pytest.mark.parametrize("picture", [ASTRONAUT, CAMERA], ids=["RGB", "gray"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_mean_change_grows_with_strength_and_nothing_else_drawn_changes(kind, picture):
    made = [edit(picture, kind, box=FACE, strength=strength, seed=2) for strength in (0.1, 0.3, 0.6, 1.0)]
    assert (np.diff([change(each).mean() for each in made]) > 0).all()
    assert all(each.parameters == made[0].parameters for each in made)
    assert [each.strength for each in made] == [0.1, 0.3, 0.6, 1.0]


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(BLENDED),
    weak=st.floats(0.2, 1),
    strong=st.floats(0.2, 1),
    feather=st.floats(0, 1),
    seed=st.integers(0, 100),
)
def test_blended_kinds_move_every_pixel_the_farther_the_stronger(kind, weak, strong, feather, seed):
    weak, strong = sorted((weak, strong))
    picture = noise(40, 40, 3)
    less, more = (edit(picture, kind, strength=s, feather=feather, seed=seed, share=0.5) for s in (weak, strong))
    moved_less = less.fake.astype(int) - picture
    moved_more = more.fake.astype(int) - picture
    assert (np.abs(moved_less) <= np.abs(moved_more)).all()
    assert (moved_less * moved_more >= 0).all()
    assert not (less.mask & ~more.mask).any()


@pytest.mark.parametrize("kind", BLENDED)
def test_strength_is_the_share_of_the_way_to_the_full_edit(kind):
    picture = as_dtype(ASTRONAUT, np.float64)
    full, half = (edit(picture, kind, box=FACE, strength=s, seed=3) for s in (1.0, 0.5))
    # At full strength values are clipped at white and black: only those that are not tell the whole way.
    free = (full.fake > 0) & (full.fake < 1)
    way = (full.fake - picture)[free]
    np.testing.assert_allclose((half.fake - picture)[free], way / 2, atol=2e-6)


def test_a_rectangle_is_the_whole_box_and_an_ellipse_what_fits_into_it():
    box = Box(11, 20, 91, 80)
    whole = edit(ASTRONAUT, "recolour", box=box, shape="rectangle").touched
    round_ = edit(ASTRONAUT, "recolour", box=box, shape="ellipse").touched
    assert whole[box.slices].all()
    assert whole.sum() == box.area
    assert bounds(round_) == box
    assert round_.sum() == pytest.approx(np.pi / 4 * box.area, rel=0.01)
    np.testing.assert_array_equal(round_[box.slices], round_[box.slices][::-1, ::-1])


def test_the_seed_draws_shape_and_place():
    made = [manipulate(CAMERA, kind="recolour", seed=seed) for seed in range(12)]
    assert {each.parameters["shape"] for each in made} == {"ellipse", "rectangle"}
    assert len({bounds(each.touched) for each in made}) == 12


@pytest.mark.parametrize("share", [0.01, 0.08, 0.5, 1.0])
@pytest.mark.parametrize("shape", [(300, 400), (24, 4000)])
def test_a_drawn_box_covers_the_share_of_the_picture(shape, share):
    picture = np.full(shape, 128, np.uint8)
    for seed in range(5):
        made = manipulate(picture, kind="recolour", shape="rectangle", share=share, seed=seed)
        box = bounds(made.touched)
        assert min(box.width, box.height) >= 8
        # Whole pixels: half of one is rounded away on the shorter side, at most.
        assert box.area == pytest.approx(share * picture.size, rel=0.5 / min(box.width, box.height) + 0.01)


@pytest.mark.parametrize("shape", ["ellipse", "rectangle"])
def test_feathering_fades_towards_the_edge_and_none_leaves_it_hard(shape):
    flat = np.zeros((80, 80))
    box = Box(10, 10, 70, 70)
    hard = edit(flat, "recolour", box=box, shape=shape, feather=0)
    soft = edit(flat, "recolour", box=box, shape=shape, feather=1.0)
    assert np.unique(hard.fake[hard.touched]).size == 1
    middle = soft.fake[40, 10:40]
    assert (np.diff(middle) > 0).all()
    assert middle[0] < 0.01 * middle[-1]
    assert middle[-1] == pytest.approx(hard.fake[40, 40], rel=0.01)


# Each kind by itself


def test_a_hard_paste_is_the_source():
    source = noise(30, 20, 3, seed=7)
    box = Box(5, 9, 25, 39)
    made = manipulate(noise(60, 60, 3), kind="paste", source=source, box=box, shape="rectangle", feather=0)
    np.testing.assert_array_equal(made.fake[box.slices], source)


@pytest.mark.parametrize("size", [(4, 4), (16, 16), (3, 3)])
def test_of_the_source_the_middle_is_taken_in_the_proportions_of_the_box(size):
    height, width = size
    source = np.zeros((height, 5 * width), np.uint8)
    source[:, 2 * width : 3 * width] = 255
    made = manipulate(noise(40, 40), kind="paste", source=source, box=Box(4, 4, 24, 24), shape="rectangle", feather=0)
    assert (made.fake[4:24, 4:24] == 255).all()


def test_the_membrane_solves_laplace_s_equation():
    rng = np.random.default_rng(0)
    values, free = rng.random((13, 11)), np.zeros((13, 11), bool)
    free[1:-1, 1:-1] = rng.random((11, 9)) < 0.8
    number = np.full(free.shape, -1)
    number[free] = np.arange(free.sum())
    matrix, known = 4 * np.eye(free.sum()), np.zeros(free.sum())
    for y, x in np.argwhere(free):
        for there in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            if free[there]:
                matrix[number[y, x], number[there]] = -1
            else:
                known[number[y, x]] += values[there]
    expected = values.copy()
    expected[free] = np.linalg.solve(matrix, known)
    np.testing.assert_allclose(membrane(values, free), expected, atol=1e-5)
    np.testing.assert_allclose(membrane(values, free, tolerance=0), expected, atol=1e-12)


def test_the_membrane_of_a_plane_is_the_plane_at_any_size():
    y, x = np.mgrid[:203, :157] / 200
    plane = np.dstack([x, y, 1 - x - y])
    free = np.zeros(x.shape, bool)
    free[1:-1, 1:-1] = True
    start = np.where(free[..., None], 0, plane)
    np.testing.assert_allclose(membrane(start, free), plane, atol=2e-5)


def test_a_poisson_blend_agrees_with_opencv_s():
    # OpenCV's clone ends a few pixels within its mask. So the source is the picture itself along the border, and
    # differs from it by a plane, which both must take away wherever they end; values are kept off black and white.
    picture, other = (60 + each * 0.35 for each in (ASTRONAUT, COFFEE))
    picture = picture.astype(np.uint8)
    box = Box(150, 50, 250, 170)
    y, x = np.mgrid[: box.height, : box.width]
    inner = (x >= 12) & (x < box.width - 12) & (y >= 12) & (y < box.height - 12)
    other = cv2.resize(other, (box.width, box.height), interpolation=cv2.INTER_AREA)
    source = np.where(inner[..., None], other, picture[box.slices]) + (0.2 * x + 0.15 * y)[..., None]
    source = np.rint(source).astype(np.uint8)
    made = manipulate(picture, kind="poisson", source=source, box=box, shape="rectangle")
    centre = (box.left + box.width // 2, box.top + box.height // 2)
    whole = np.full((box.height, box.width), 255, np.uint8)
    cloned = cv2.seamlessClone(source, picture, whole, centre, cv2.NORMAL_CLONE)
    # Each rounds once, and the source was rounded before.
    assert np.abs(made.fake.astype(int) - cloned).max() <= 2
    assert np.abs(made.fake.astype(int) - picture)[box.slices].max() > 50


@pytest.mark.parametrize("shape", ["ellipse", "rectangle"])
def test_a_poisson_blend_of_the_picture_itself_made_brighter_changes_nothing(shape):
    picture = noise(50, 50, 3)
    box = Box(8, 8, 40, 40)
    with pytest.raises(ValueError, match="'poisson' changed no pixel"):
        manipulate(picture, kind="poisson", source=picture[box.slices] + np.uint8(40), box=box, shape=shape)


@pytest.mark.parametrize("shape", ["ellipse", "rectangle"])
@pytest.mark.parametrize("seed", range(6))
def test_a_warp_moves_at_most_a_quarter_of_the_half_box_and_never_folds(shape, seed):
    # On a ramp that rises by 1 a pixel, the change is the displacement.
    ramp = np.tile(np.arange(200.0), (120, 1))
    box = Box(40, 20, 140, 100)
    made = manipulate(ramp, kind="warp", box=box, shape=shape, seed=seed, data_range=200)
    moved = change(made)
    assert 0.5 < moved.max() <= 0.25 * box.width / 2
    assert moved[box.slices][[0, -1]].max() < 0.1
    assert moved[box.slices][:, [0, -1]].max() < 0.1
    assert (np.diff(made.fake, axis=1) > 0).all()


@pytest.mark.parametrize("picture", [np.full((60, 60), 90, np.uint8), np.full((60, 60, 3), 90, np.uint8)])
def test_inpainting_removes_what_is_there(picture):
    spotted = picture.copy()
    spotted[25:35, 22:38] = 220
    made = manipulate(spotted, kind="inpaint", box=Box(15, 15, 45, 45))
    assert np.abs(made.fake.astype(int) - picture).max() <= 1
    assert made.box == Box(22, 25, 38, 35)


@pytest.mark.parametrize("seed", range(4))
def test_recolouring_shifts_luma_and_chroma_by_what_it_says(seed):
    picture = np.full((40, 40, 3), (0.7, 0.6, 0.5))
    made = edit(picture, "recolour", feather=0, seed=seed)
    red, green, blue = (made.fake - picture)[made.mask].T
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    said = made.parameters
    np.testing.assert_allclose(luma, said["luma"], atol=1e-6)
    np.testing.assert_allclose((blue - luma) / 1.772, said["cb"], atol=1e-6)
    np.testing.assert_allclose((red - luma) / 1.402, said["cr"], atol=1e-6)
    assert 0.04 <= abs(said["luma"]) <= 0.08
    assert np.hypot(said["cb"], said["cr"]) == pytest.approx(0.04)


@pytest.mark.parametrize("shape", [(30, 30), (30, 30, 3)])
def test_recolouring_turns_away_from_black_and_white(shape):
    for seed in range(4):
        assert edit(np.zeros(shape, np.uint8), "recolour", seed=seed).fake.mean() > 0
        assert edit(np.full(shape, 255, np.uint8), "recolour", seed=seed).fake.mean() < 255


def test_smoothing_takes_texture_and_keeps_edges():
    rng = np.random.default_rng(0)
    step = np.where(np.arange(120) < 60, 0.2, 0.8) + np.zeros((120, 1))
    made = edit(
        np.clip(step + rng.normal(0, 0.02, step.shape), 0, 1),
        "smooth",
        box=Box(10, 10, 110, 110),
        shape="rectangle",
        feather=0,
    )
    left, right = made.fake[20:100, 20:58], made.fake[20:100, 62:100]
    assert left.std() < 0.3 * made.real[20:100, 20:58].std()
    assert np.median(made.fake[20:100, 60] - made.fake[20:100, 59]) > 0.95 * 0.6
    assert right.mean() - left.mean() == pytest.approx(0.6, abs=0.005)


@pytest.mark.parametrize("seed", range(5))
def test_copy_move_puts_another_part_of_the_picture_there(seed):
    picture = noise(70, 90, 3)
    box = Box(30, 25, 60, 50)
    made = manipulate(picture, kind="copy-move", box=box, shape="rectangle", seed=seed)
    origin = Box.from_xywh(made.parameters["from_left"], made.parameters["from_top"], box.width, box.height)
    np.testing.assert_array_equal(made.fake[box.slices], picture[origin.slices])
    assert origin.iou(box) == 0


def test_copy_move_overlaps_itself_only_where_there_is_no_other_place():
    picture = noise(30, 30)
    box = Box(2, 3, 28, 28)
    made = manipulate(picture, kind="copy-move", box=box, shape="rectangle")
    origin = Box.from_xywh(made.parameters["from_left"], made.parameters["from_top"], box.width, box.height)
    np.testing.assert_array_equal(made.fake[box.slices], picture[origin.slices])
    assert origin != box


# What `manipulate` refuses

SMALL = noise(40, 40)
WHOLE = Box(0, 0, 40, 40)


@pytest.mark.parametrize(
    ("error", "match", "arguments"),
    [
        (TypeError, "picture must be a NumPy array, got str", {"picture": "face.png"}),
        (ValueError, "data_range is needed for float64 pictures", {"picture": np.ones((9, 9))}),
        (ValueError, "kind must be one of 'paste', 'poisson', 'warp'", {"kind": "swap"}),
        (TypeError, "kind must be one of .*, got None", {"kind": None}),
        (TypeError, "box must be a Box, got tuple; make one with facediff.Box", {"box": (0, 0, 8, 8)}),
        (ValueError, r"box must lie within the picture, got 9x8 at \(32, 0\) for 40x40", {"box": Box(32, 0, 41, 8)}),
        (ValueError, "box must lie within the picture", {"box": Box(0, 32, 8, 41)}),
        (ValueError, "box must lie within the picture", {"box": Box(-1, 0, 8, 8)}),
        (ValueError, "box must lie within the picture", {"box": Box(0, -1, 8, 8)}),
        (ValueError, "got share=0.1 and a box; pass one of them", {"box": WHOLE, "share": 0.1}),
        (ValueError, "share must be above 0, got 0", {"share": 0}),
        (ValueError, "share must lie between 0 and 1, got 1.5", {"share": 1.5}),
        (TypeError, "share must be a number, got '1'", {"share": "1"}),
        (ValueError, "shape must be one of 'ellipse', 'rectangle', got 'round'", {"shape": "round"}),
        (ValueError, "strength must be above 0, got 0.0; an edit of nothing has no mask", {"strength": 0.0}),
        (ValueError, "strength must lie between 0 and 1, got 1.01", {"strength": 1.01}),
        (ValueError, "strength must lie between 0 and 1, got nan", {"strength": float("nan")}),
        (TypeError, "strength must be a number, got True", {"strength": True}),
        (ValueError, "feather must lie between 0 and 1, got -0.1", {"feather": -0.1}),
        (ValueError, "kind 'warp' takes no feather, got 0.2", {"kind": "warp", "feather": 0.2}),
        (ValueError, "seed must be at least 0, got -1", {"seed": -1}),
        (TypeError, "seed must be a whole number, got 0.5", {"seed": 0.5}),
        (ValueError, "kind 'paste' needs a source, got none", {"kind": "paste"}),
        (ValueError, "kind 'poisson' needs a source, got none", {"kind": "poisson"}),
        (ValueError, "kind 'recolour' takes no source", {"source": SMALL}),
        (TypeError, "source must be a NumPy array, got list", {"kind": "paste", "source": [1]}),
        (
            TypeError,
            "picture and source must have the same dtype, got uint8 and uint16",
            {"kind": "paste", "source": np.ones((9, 9), np.uint16)},
        ),
        (
            ValueError,
            r"picture and source must both be gray or both RGB, got shapes \(40, 40\) and \(9, 9, 3\)",
            {"kind": "paste", "source": np.ones((9, 9, 3), np.uint8)},
        ),
        (ValueError, "'paste' changed no pixel in box 40x40 at", {"kind": "paste", "source": SMALL, "box": WHOLE}),
        (
            ValueError,
            "inpainting needs pixels around what it fills, got box 40x40",
            {"kind": "inpaint", "box": WHOLE, "shape": "rectangle"},
        ),
        (ValueError, "copy-move needs another place to copy from, got box 40x40", {"kind": "copy-move", "box": WHOLE}),
        (ValueError, "at strength 0.001; the picture is flat there", {"strength": 0.001}),
    ],
)
def test_what_does_not_fit_is_refused(error, match, arguments):
    with pytest.raises(error, match=match):
        manipulate(**{"picture": SMALL, "kind": "recolour", **arguments})


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
@pytest.mark.parametrize("kind", ["warp", "inpaint", "smooth", "copy-move"])
def test_flat_ground_gives_these_kinds_nothing_to_change(kind, dtype):
    flat = np.full((40, 40, 3), 0.3 if np.dtype(dtype).kind == "f" else 77, dtype)
    with pytest.raises(ValueError, match=f"'{kind}' changed no pixel"):
        edit(flat, kind)


# Codecs


@pytest.mark.parametrize("shape", [(1, 1), (17, 33), (64, 48)])
@pytest.mark.parametrize("channels", [(), (3,)], ids=["gray", "RGB"])
@pytest.mark.parametrize("codec", CODECS)
def test_a_coded_picture_keeps_shape_and_dtype_and_is_new(codec, channels, shape):
    picture = noise(*shape, *channels)
    kept = picture.copy()
    picture.flags.writeable = False
    coded = encode(picture, codec, 40)
    assert coded.shape == picture.shape
    assert coded.dtype == np.uint8
    assert coded.flags.c_contiguous
    assert not np.shares_memory(coded, picture)
    np.testing.assert_array_equal(picture, kept)
    np.testing.assert_array_equal(encode(picture, codec, 40), coded)


@pytest.mark.parametrize("picture", [ASTRONAUT[:256, :256], CAMERA[100:301, 100:333]], ids=["RGB", "gray"])
@pytest.mark.parametrize("codec", CODECS)
def test_better_quality_is_closer(codec, picture):
    # H.264's rate factor runs the other way.
    qualities = (50, 40, 30, 20, 10, 0) if codec == "h264" else (5, 25, 50, 75, 95, 100)
    errors = [mean_square(encode(picture, codec, quality), picture) for quality in qualities]
    assert (np.diff(errors) < 0).all()


@pytest.mark.parametrize("codec", CODECS)
def test_colours_stay_what_they_are(codec):
    # Any codec here holds a flat colour to about a level of Y, Cb and Cr: two to three levels of RGB.
    for colour in [(0, 0, 0), (255, 255, 255), (200, 150, 120), (30, 60, 180)]:
        flat = np.full((32, 32, 3), colour, np.uint8)
        coded = encode(flat, codec, 5 if codec == "h264" else 95)
        assert np.abs(coded.astype(int) - flat).max() <= 3


@pytest.mark.parametrize("subsampling", ["4:2:0", "4:4:4"])
@pytest.mark.parametrize("quality", [10, 75, 95])
@pytest.mark.parametrize("picture", [ASTRONAUT, CAMERA], ids=["RGB", "gray"])
def test_jpeg_is_what_pillow_makes_of_it(picture, quality, subsampling):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling=subsampling)
    expected = np.asarray(Image.open(file)).astype(int)
    coded = encode(picture, "jpeg", quality, subsampling=subsampling)
    # The standard lets decoders differ by a level of Y, Cb and Cr: in B that is 1 + 1.772, rounded.
    assert np.abs(coded - expected).max() <= 3


@pytest.mark.parametrize("picture", [ASTRONAUT, CAMERA], ids=["RGB", "gray"])
def test_webp_is_as_close_as_pillow_makes_it(picture):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "WEBP", quality=60)
    decoded = Image.open(file).convert("L" if picture.ndim == 2 else "RGB")
    by_pillow = mean_square(np.asarray(decoded), picture)
    # Both call libwebp, with efforts of their own.
    assert mean_square(encode(picture, "webp", 60), picture) == pytest.approx(by_pillow, rel=0.1)


def test_full_chroma_keeps_colour_edges_that_halved_chroma_blurs():
    stripes = np.zeros((32, 32, 3), np.uint8)
    stripes[:, ::2] = (255, 0, 0)
    stripes[:, 1::2] = (0, 0, 255)
    full, halved = (encode(stripes, "jpeg", 95, subsampling=each) for each in ("4:4:4", "4:2:0"))
    assert mean_square(full, stripes) < 0.01 * mean_square(halved, stripes)


def test_without_pyav_h264_names_the_extra_that_brings_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ImportError, match=r'needs PyAV, which is not installed; pip install "facediff\[video\]"'):
        encode(SMALL, "h264", 23)


@pytest.mark.parametrize(
    ("error", "match", "arguments", "subsampling"),
    [
        (TypeError, "picture must be a NumPy array, got str", ("face.png", "jpeg", 75), "4:2:0"),
        (TypeError, "picture must be uint8, .* got uint16; scale it", (SMALL.astype(np.uint16), "jpeg", 75), "4:2:0"),
        (TypeError, "picture must be uint8, .* got float32", (SMALL.astype(np.float32), "webp", 75), "4:2:0"),
        (ValueError, "codec must be one of 'jpeg', 'webp', 'h264', got 'png'", (SMALL, "png", 75), "4:2:0"),
        (TypeError, "quality must be a whole number, got 7.5", (SMALL, "jpeg", 7.5), "4:2:0"),
        (ValueError, "quality must be 1 to 100 for codec 'jpeg', got 0", (SMALL, "jpeg", 0), "4:2:0"),
        (ValueError, "quality must be 1 to 100 for codec 'webp', got 101", (SMALL, "webp", 101), "4:2:0"),
        (ValueError, "quality must be 0 to 51 for codec 'h264', got 52", (SMALL, "h264", 52), "4:2:0"),
        (ValueError, "subsampling must be one of '4:2:0', '4:4:4', got '4:2:2'", (SMALL, "jpeg", 75), "4:2:2"),
        (ValueError, "codec 'webp' has subsampling '4:2:0' only, got '4:4:4'", (SMALL, "webp", 75), "4:4:4"),
        (ValueError, "codec 'h264' has subsampling '4:2:0' only", (SMALL, "h264", 23), "4:4:4"),
        (
            ValueError,
            r"at most 16383 pixels a side for codec 'webp', got shape \(1, 16384\)",
            (np.zeros((1, 16384), np.uint8), "webp", 75),
            "4:2:0",
        ),
    ],
)
def test_what_a_codec_cannot_hold_is_refused(error, match, arguments, subsampling):
    with pytest.raises(error, match=match):
        encode(*arguments, subsampling=subsampling)


@pytest.mark.parametrize(("codec", "side"), [("jpeg", 65500), ("webp", 16383), *((codec, 16384) for codec in H264)])
def test_the_largest_side_can_be_coded(codec, side):
    line = np.full((1, side), 100, np.uint8)
    assert np.abs(encode(line, codec, 30).astype(int) - line).max() <= 3
