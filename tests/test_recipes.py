"""Several recipes on one pair: agreement by hand, consensus by laws, and what is refused."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st

from facediff import Box, compare_images, compare_recipes, find_regions, recipes
from facediff.localise import RECIPES
from facediff.recipes import _iou
from facediff.synthesis import encode, manipulate

DEFAULT = ["noise-aware", "otsu", "dfdc-ssim", "sifdnet", "dffd", "casia", "sum-100", "dssim-hull"]


def bars(*changes: int):
    """Return a comparison of a flat picture with one that has a changed bar of 10x20 pixels for each change."""
    real = np.full((40, 20 * len(changes), 3), 50, np.uint8)
    fake = real.copy()
    for i, change in enumerate(changes):
        fake[10:20, 20 * i : 20 * i + 20] += np.uint8(change)
    return compare_images(real, fake)


def coded():
    made = manipulate(skimage.data.astronaut()[:256, 100:400], kind="recolour", box=Box(80, 40, 180, 140), seed=2)
    return compare_images(encode(made.real, "jpeg", 92), encode(made.fake, "jpeg", 80))


def test_agreement_and_consensus_by_hand():
    # dffd marks a gray difference above 25, sum-100 one above 33, casia above 6 (opened and closed).
    compared = compare_recipes(bars(0, 28, 40, 40), recipes=["dffd", "sum-100", "casia"])
    assert list(compared.found) == ["dffd", "sum-100", "casia"]
    casia = compared.found["casia"].mask
    assert compared.iou[0, 1] == 400 / 600
    assert compared.iou[0, 2] == np.count_nonzero(casia) / 600
    assert compared.iou[1, 2] == np.count_nonzero(casia[:, 40:]) / np.count_nonzero(casia)
    assert compared.median_iou == sorted(compared.iou[np.triu_indices(3, 1)])[1]
    assert (compared.votes[12, 10], compared.votes[12, 30], compared.votes[12, 50]) == (0, 2, 3)
    assert compared.consensus[12].tolist() == [False] * 20 + [True] * 60


def test_half_of_the_recipes_are_no_consensus():
    compared = compare_recipes(bars(0, 28, 40), recipes=["dffd", "sum-100"])
    assert compared.votes[12, [10, 30, 50]].tolist() == [0, 1, 2]
    np.testing.assert_array_equal(compared.consensus, compared.found["sum-100"].mask)


def test_two_empty_masks_are_the_same_and_an_empty_one_shares_nothing():
    compared = compare_recipes(bars(0, 20), recipes=["dffd", "sum-100", "casia"])
    np.testing.assert_array_equal(compared.iou, [[1, 1, 0], [1, 1, 0], [0, 0, 1]])
    assert not compared.consensus.any()
    same = compare_recipes(bars(0, 0))
    assert (same.iou == 1).all()
    assert str(same) == "8 recipes agree with a median IoU of 1.00; more than half of them mark 0.00% of the picture"


def test_by_default_all_recipes_run_but_those_that_wrap():
    comparison = coded()
    compared = compare_recipes(comparison)
    assert list(compared.found) == DEFAULT
    assert set(RECIPES) - set(DEFAULT) == {"dfdc-ssim-wrapped", "sifdnet-wrapped"}
    for name, found in compared.found.items():
        assert found.recipe == name
        np.testing.assert_array_equal(found.mask, find_regions(comparison, recipe=name).mask)
    masks = np.stack([found.mask for found in compared.found.values()])
    np.testing.assert_array_equal(compared.votes, masks.sum(axis=0))
    np.testing.assert_array_equal(compared.consensus, np.median(masks, axis=0) == 1)  # the median of a tie is a half
    assert str(compared) == (
        f"8 recipes agree with a median IoU of {compared.median_iou:.2f}; "
        f"more than half of them mark {compared.consensus.mean():.2%} of the picture"
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
def test_agreement_is_that_of_sets(seed, count):
    rng = np.random.default_rng(seed)
    masks = [rng.random((6, 7)) < rng.choice([0, 0.3, 0.9]) for _ in range(count)]
    matrix = _iou(masks)
    assert matrix.dtype == np.float64
    np.testing.assert_array_equal(matrix, matrix.T)
    places = [set(np.flatnonzero(mask)) for mask in masks]
    for i, a in enumerate(places):
        for j, b in enumerate(places):
            assert matrix[i, j] == (len(a & b) / len(a | b) if a | b else 1)


def test_what_is_not_compared_is_in_no_mask():
    where = np.zeros((40, 80), bool)
    where[:, 50:] = True
    real = np.full((40, 80), 50, np.uint8)
    fake = real.copy()
    fake[10:30, 20:70] = 150
    compared = compare_recipes(compare_images(real, fake, where=where))
    assert compared.consensus[15:25, 55:65].all()
    assert not compared.votes[~where].any()


def test_the_result_is_frozen_and_can_be_pickled():
    compared = compare_recipes(bars(28, 40), recipes=("dffd", "sum-100"))
    for array in (compared.iou, compared.votes, compared.consensus):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 0
    with pytest.raises(AttributeError, match="iou"):
        compared.iou = None
    copy = pickle.loads(pickle.dumps(compared))
    assert str(copy) == str(compared)
    np.testing.assert_array_equal(copy.votes, compared.votes)


@pytest.mark.parametrize(
    ("names", "error", "text"),
    [
        (
            "otsu",
            TypeError,
            "recipes must be a sequence of names, got 'otsu'; pass for example ['noise-aware', 'otsu']",
        ),
        (3, TypeError, "recipes must be a sequence of names, got 3; pass for example ['noise-aware', 'otsu']"),
        (["otsu", 3], TypeError, "each of recipes must be one of 'noise-aware', 'otsu', "),
        (["otsu", "magic"], ValueError, "'dssim-hull', got 'magic'"),
        ([], ValueError, "recipes must hold at least two names, got 0; for one use facediff.find_regions"),
        (["otsu"], ValueError, "recipes must hold at least two names, got 1; for one use facediff.find_regions"),
        (["otsu", "dffd", "otsu"], ValueError, "recipes must hold each name once, got 'otsu' 2 times; drop the rest"),
    ],
)
def test_names_that_make_no_sense_are_refused(names, error, text):
    with pytest.raises(error, match=re.escape(text)):
        compare_recipes(bars(40), recipes=names)


def test_only_a_comparison_can_be_given():
    text = "comparison must be a Comparison, got ndarray; make one with facediff.compare_images"
    with pytest.raises(TypeError, match=re.escape(text)):
        compare_recipes(np.zeros((9, 9)))


def test_a_shifted_pair_is_refused_unless_no_recipe_minds():
    picture = skimage.data.astronaut()
    comparison = compare_images(picture[:256, :256], picture[:256, 2:258])
    with pytest.raises(ValueError, match=r"real and fake must be aligned within 0\.5 px"):
        compare_recipes(comparison)
    assert compare_recipes(comparison, recipes=["otsu", "dffd"]).consensus.any()


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_described(name):
    assert f'``"{name}"``' in recipes.__doc__
    assert f'"{name}"' in find_regions.__doc__
