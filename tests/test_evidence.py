"""Evidence: differences in units of the pair's own coding noise, by hand, by laws and against coded photographs."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st

from facediff import Box, compare_images
from facediff.evidence import gate, measure_evidence
from facediff.synthesis import encode, manipulate

CODES = (("jpeg", 95), ("jpeg", 75), ("jpeg", 50), ("jpeg", 30), ("webp", 90), ("webp", 50))


@cache
def photograph(name: str) -> np.ndarray:
    picture = getattr(skimage.data, name)()
    picture.flags.writeable = False
    return picture


def evidence_of(real, fake, **options):
    return measure_evidence(compare_images(real, fake, **options))


def coded(made, codec: str | None, quality: int = 0):
    """Return both sides of a manipulation as they come out of a coder."""
    if codec is None:
        return made.real, made.fake
    return encode(made.real, codec, quality), encode(made.fake, codec, quality)


# --- the gate ------------------------------------------------------------------------------------


def test_the_gate_by_hand():
    assert gate(0.01) == 12
    # A Pareto tail of exponent 4: twice the evidence is 16 times as rare.
    assert gate(0.01 / 16) == pytest.approx(24, rel=1e-12)
    assert gate(0.0016 * 16) == pytest.approx(gate(0.0016) / 2, rel=1e-12)


@given(st.floats(0.0001, 0.1), st.floats(0.0001, 0.1))
def test_the_gate_never_falls_where_fewer_false_alarms_are_wanted(a, b):
    assert (gate(a) >= gate(b)) == (a <= b) or gate(a) == gate(b)


@pytest.mark.parametrize(
    ("rate", "error", "text"),
    [
        ("0.01", TypeError, "false_alarm_rate must be a number, got '0.01' (str)"),
        (True, TypeError, "false_alarm_rate must be a number, got True (bool)"),
        (None, TypeError, "false_alarm_rate must be a number, got None (NoneType)"),
        (0, ValueError, "false_alarm_rate must lie between 0.0001 and 0.1, got 0"),
        (0.11, ValueError, "false_alarm_rate must lie between 0.0001 and 0.1, got 0.11"),
        (np.nan, ValueError, "false_alarm_rate must lie between 0.0001 and 0.1, got nan"),
    ],
)
def test_rates_that_make_no_sense_are_refused(rate, error, text):
    with pytest.raises(error, match=re.escape(text)):
        gate(rate)


# --- by hand -------------------------------------------------------------------------------------


def test_an_edit_of_a_lossless_pair_by_hand():
    real = np.full((128, 128), 100, np.uint8)
    fake = real.copy()
    fake[40:48, 40:48] += 4
    evidence = evidence_of(real, fake)
    # Two by two cells of change 4. The window sees (1/4 + 2/4)^2 of that from each, (1/4)^2 from a cell diagonally
    # beside them. Nothing else differs, and the noise is that of rounding alone: the lower end of the floor, 0.15.
    line = np.zeros(32)
    line[9:13] = 0.25, 0.75, 0.75, 0.25
    np.testing.assert_allclose(evidence.wide, np.outer(line, line) * 4 / 0.15, rtol=1e-6)
    assert evidence.reach == 1
    # What all four of some 2x2 cells reach: here no cell stands out of its neighbours on one side.
    np.testing.assert_allclose(evidence.tested, evidence.wide, rtol=1e-6)
    assert evidence.peak == pytest.approx(15, rel=1e-6)
    assert evidence.peak > gate(0.01)
    # The same for means over 3x3 pixels, whose floor is 0.2 at least.
    np.testing.assert_allclose(evidence.fine_noise, 0.2, rtol=1e-6)


def test_one_bad_cell_hangs_together_with_nothing():
    real = np.full((128, 128), 100, np.uint8)
    fake = real.copy()
    fake[40:44, 40:44] += 16
    evidence = evidence_of(real, fake)
    # The window gives a quarter of it to the cell, a sixteenth to those diagonally beside: so much all four reach.
    assert evidence.wide[10, 10] == pytest.approx(16 / 4 / 0.15, rel=1e-6)
    expected = np.zeros((32, 32))
    expected[9:12, 9:12] = 16 / 16 / 0.15
    np.testing.assert_allclose(evidence.tested, expected, rtol=1e-6)


def test_the_test_sees_what_2x2_cells_reach_together():
    real = photograph("camera")[100:300, 100:340]
    evidence = evidence_of(real, encode(real, "jpeg", 50))
    assert evidence.reach == 1  # then `wide` is each cell for itself
    least = np.lib.stride_tricks.sliding_window_view(evidence.wide, (2, 2)).min(axis=(2, 3))
    around = np.lib.stride_tricks.sliding_window_view(np.pad(least, 1), (2, 2)).max(axis=(2, 3))
    np.testing.assert_array_equal(evidence.tested, around)


def test_cells_that_differ_by_known_noise_measure_it():
    # Differences drawn cell by cell from N(0, 24), so that the noise of the cells is known: times 3/8, the root of the
    # sum of squares of the window's weights; the floor of 0.6 beside it.
    rng = np.random.default_rng(0)
    step = rng.normal(0, 24, (63, 63)).repeat(4, axis=0).repeat(4, axis=1)
    evidence = evidence_of(np.full((252, 252), 128.0), np.clip(128 + step, 0, 255), data_range=255.0)
    assert evidence.reach == 1
    changes = evidence.wide * np.hypot(24 * 3 / 8, 0.6) / (24 * 3 / 8)
    # Of |N(0, 1)| the median is 0.6745, and 95 % lie below 1.96. About 4000 draws, shared by windows of nine cells, in
    # bins of a sixteenth: a tenth.
    assert np.median(changes) == pytest.approx(0.6745, rel=0.1)
    assert np.quantile(changes, 0.95) == pytest.approx(1.96, rel=0.1)


@pytest.mark.parametrize(("side", "reach"), [(7, 1), (128, 1), (255, 1), (256, 3), (512, 5), (1080, 9)])
def test_the_wide_window_is_a_thirty_second_of_the_shorter_side(side, reach):
    evidence = evidence_of(np.zeros((side, side + 8), np.uint8), np.ones((side, side + 8), np.uint8))
    assert evidence.reach == reach
    assert evidence.reach % 2 == 1
    assert evidence.tested.shape == evidence.wide.shape == (-(-side // 4), -(-(side + 8) // 4))
    assert evidence.fine_noise.shape == (1, *evidence.wide.shape)


def test_identical_pictures_give_no_evidence():
    evidence = evidence_of(photograph("coffee"), photograph("coffee"))
    assert evidence.peak == 0
    assert not evidence.tested.any()
    assert not evidence.wide.any()


# --- laws ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", [False, True])
def test_stronger_noise_on_both_sides_is_no_stronger_evidence(colour):
    rng = np.random.default_rng(1)
    real = 128 + (photograph("astronaut")[:252, :252] / 255 - 0.5) * 80
    if not colour:
        real = real[..., 1]
    quantiles = []
    for sigma in (8, 16, 32):
        # Noise of both sides; truncated, so that nothing is clipped at black or white
        a, b = (np.clip(real + rng.normal(0, sigma, real.shape).clip(-2 * sigma, 2 * sigma), 0, 255) for _ in range(2))
        evidence = evidence_of(a, b, data_range=255.0)
        assert evidence.peak < gate(0.1)
        quantiles.append(np.quantile(evidence.wide, [0.5, 0.95]))
    # The floor of 0.6 levels beside a noise of 8 sqrt(2) * 3/8 / 4 = 1.1 (luma of three channels: 0.7) damps the first
    # by up to 1.3, the next by less than 1.1; from then on nothing rises any more.
    weak, middle, strong = quantiles
    assert (middle / weak < 1.5).all()
    np.testing.assert_allclose(strong, middle, rtol=0.15)


def test_noise_is_measured_where_there_is_like_texture():
    rng = np.random.default_rng(2)
    texture, noise = np.zeros((248, 248)), np.full((248, 248), 64.0)
    texture[:, 124:], noise[:, 124:] = 120, 256
    real = np.clip(512 + texture * rng.standard_normal((248, 248)), 0, 1023)
    fake = np.clip(real + noise * rng.standard_normal((248, 248)), 0, 1023)
    cells = evidence_of(real, fake, data_range=1023.0).wide  # four of these units are an 8-bit level
    left, right = np.median(cells[:, 4:28]), np.median(cells[:, 34:58])
    # Four times the difference, about the same evidence.
    assert right / left == pytest.approx(1, abs=0.35)
    assert cells.max() < gate(0.1)


@pytest.mark.parametrize("name", ["astronaut", "camera"])
@pytest.mark.parametrize("code", [("jpeg", 75), ("webp", 60)])
def test_real_and_fake_may_change_places(name, code):
    real = photograph(name)
    fake = encode(real, *code)
    there, back = evidence_of(real, fake), evidence_of(fake, real)
    if real.ndim == 2:  # whole numbers: every sum is exact
        np.testing.assert_array_equal(there.tested, back.tested)
        np.testing.assert_array_equal(there.fine_noise, back.fine_noise)
    # Else the luma of the fake is a sum of rounded numbers, and a cell may fall into the next step of texture.
    apart = np.abs(there.wide - back.wide) > 1e-4 * np.maximum(there.wide, 1)
    assert apart.mean() < 0.001
    np.testing.assert_allclose(there.wide, back.wide, rtol=0.1, atol=1e-4)


def test_turning_both_pictures_turns_the_evidence_exactly():
    # In gray whole numbers all sums over cells and their window are exact; up to 2^14 cells all are in the sample.
    made = manipulate(photograph("camera"), kind="recolour", box=Box(200, 100, 320, 240), seed=4)
    real, fake = coded(made, "jpeg", 85)
    expected = evidence_of(real, fake)
    for turn in (np.flipud, np.fliplr, np.transpose):
        found = evidence_of(turn(real), turn(fake))
        np.testing.assert_array_equal(found.tested, turn(expected.tested))
        # The wide window runs along the rows and adds as it goes.
        np.testing.assert_allclose(found.wide, turn(expected.wide), rtol=1e-4, atol=1e-4)


def test_gray_and_the_same_gray_as_colour_are_alike():
    gray = photograph("camera")
    coarse = encode(gray, "jpeg", 40)
    one, three = evidence_of(gray, coarse), evidence_of(*(np.dstack([p, p, p]) for p in (gray, coarse)))
    apart = np.abs(one.wide - three.wide) > 1e-4 * np.maximum(one.wide, 1)
    assert apart.mean() < 0.001
    assert three.peak == pytest.approx(one.peak, rel=0.1)


def test_the_wide_window_never_sees_less_and_sees_weak_smooth_changes_better():
    rng = np.random.default_rng(5)
    real = rng.normal(128, 12, (512, 512)).clip(0, 255)
    fake = (real + rng.normal(0, 12, real.shape)).clip(0, 252)
    fake[160:320, 160:320] += 3
    evidence = evidence_of(real, fake, data_range=255.0)
    assert evidence.reach == 5
    assert (evidence.wide >= evidence.tested).all()
    inside = slice(44, 76), slice(44, 76)
    # Noise of 12 in a pixel is 3 in a cell and 0.6 in 5x5 of them, beside a floor of 0.6; in the window of the test it
    # is 3 * 3/8, and the change only 2.4 times that and the floor.
    assert np.median(evidence.wide[inside]) == pytest.approx(3 / np.hypot(0.6, 0.6), rel=0.15)
    assert np.median(evidence.tested[inside]) < 3 / np.hypot(9 / 8, 0.6)


# --- coded photographs ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["astronaut", "coffee", "camera", "chelsea"])
def test_coding_alone_stays_below_the_gate(name):
    picture = photograph(name)
    for code in CODES:
        assert evidence_of(picture, encode(picture, *code)).peak < gate(0.01)


@pytest.mark.slow
def test_the_gate_is_passed_no_more_often_than_it_says():
    # Both sides coded, at equal and at very different qualities, and the fake coded once more from the real.
    peaks = []
    for name in ("astronaut", "coffee", "camera", "chelsea"):
        picture = photograph(name)
        for quality in (95, 40):
            real = encode(picture, "jpeg", quality)
            for code in CODES:
                peaks += [evidence_of(real, encode(source, *code)).peak for source in (picture, real)]
    assert len(peaks) == 96
    # More than three of 96 would come by chance once in fifty times at a true rate of 0.01.
    assert np.sum(np.array(peaks) > gate(0.01)) <= 3
    assert np.sum(np.array(peaks) > gate(0.1)) <= 96 * 0.1
    assert max(peaks) < gate(0.001)


@pytest.mark.parametrize("code", [(None,), ("jpeg", 90), ("jpeg", 60), ("webp", 75)])
def test_weak_smooth_changes_and_small_sharp_ones_pass_the_gate(code):
    weak = manipulate(photograph("astronaut"), kind="recolour", box=Box(170, 30, 300, 190), strength=0.8, seed=2)
    assert evidence_of(*coded(weak, *code)).peak > gate(0.01)
    small = manipulate(
        photograph("astronaut"),
        kind="paste",
        source=photograph("chelsea"),
        box=Box(380, 41, 397, 60),
        shape="rectangle",
        feather=0,
    )
    assert evidence_of(*coded(small, *code)).peak > gate(0.01)


@pytest.mark.parametrize("share", [0.33, 0.5])
@pytest.mark.parametrize("kind", ["paste", "recolour"])
def test_half_the_frame_may_change_and_still_give_evidence(kind, share):
    source = photograph("coffee") if kind == "paste" else None
    made = manipulate(photograph("astronaut"), kind=kind, source=source, share=share, feather=0, seed=2)
    real, fake = coded(made, "jpeg", 85)
    evidence = evidence_of(real, fake)
    assert evidence.peak > gate(0.01)
    cells = made.touched[::4, ::4]
    assert np.median(evidence.wide[cells]) > 3 * np.quantile(evidence.wide[~cells], 0.75)


# --- where, the value ----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["uint8", "float64"])
def test_what_lies_outside_where_influences_nothing(dtype):
    real = photograph("chelsea")[:201, :302]
    fake = encode(real, "jpeg", 60)
    if dtype == "float64":
        real, fake = real / 255, fake / 255
    where = np.zeros(real.shape[:2], bool)
    where[30:150, 50:250] = True
    where &= np.random.default_rng(6).random(where.shape) < 0.9
    options = {"where": where, "data_range": 1.0 if dtype == "float64" else None}
    expected = evidence_of(real, fake, **options)
    for outside in (0, real.max(), np.nan)[: 3 if dtype == "float64" else 2]:
        a, b = real.copy(), fake.copy()
        a[~where], b[~where] = outside, 0
        found = evidence_of(a, b, **options)
        for name in ("tested", "wide", "fine_noise"):
            np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert expected.peak < gate(0.01)


@pytest.mark.parametrize("size", [(7, 7), (8, 9), (9, 40)])
def test_the_smallest_pictures_have_evidence_too(size):
    real = np.full(size, 50, np.uint8)
    fake = real.copy()
    fake[:2, :2] = 250
    evidence = evidence_of(real, fake)
    assert np.isfinite(evidence.tested).all()
    assert evidence.peak > 0
    assert evidence.wide.argmax() == 0
    where = np.zeros(size, bool)
    where[3:5, 3:5] = True
    assert evidence_of(real, fake, where=where).peak == 0


def test_a_single_row_of_cells_hangs_together_with_nothing():
    real = np.full((4, 40), 50, np.uint8)
    evidence = evidence_of(real, real + np.eye(4, 40, dtype=np.uint8) * 50, window_size=3)
    assert evidence.wide.max() > 0
    assert evidence.peak == 0


def test_evidence_is_frozen():
    evidence = evidence_of(photograph("chelsea"), encode(photograph("chelsea"), "jpeg", 60))
    for name in ("tested", "wide", "fine_noise"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(evidence, name)[..., 0] = 0
    with pytest.raises(AttributeError, match="reach"):
        evidence.reach = 3
    assert evidence.tested.dtype == evidence.wide.dtype == evidence.fine_noise.dtype == np.float32
    assert evidence.peak == evidence.tested.max()


def test_only_a_comparison_has_evidence():
    text = "comparison must be a Comparison, got ndarray; make one with facediff.compare_images"
    with pytest.raises(TypeError, match=re.escape(text)):
        measure_evidence(np.zeros((9, 9)))
