"""A record says all of a result, tells its pictures from others, and gives the same result again."""

import copy
import dataclasses
import hashlib
import json
import re

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings

import facediff
from export_values import RING, found_with, masks
from facediff import export
from facediff.export import from_dict, to_dict, verify

REAL = skimage.data.astronaut()[:192, 128:320]
FAKE = REAL.copy()
FAKE[60:100, 70:120] = FAKE[60:100, 70:120] // 2 + 60
COMPARISON = facediff.compare_images(REAL, FAKE)
FOUND = facediff.find_regions(COMPARISON)
DATA = to_dict(COMPARISON, FOUND)
SAME = facediff.compare_images(REAL, REAL)

PLAIN = (
    "manipulated",
    "threshold",
    "margin",
    "shift",
    "alignment",
    "recipe",
    "recipe_version",
    "parameters",
    "versions",
)
REGION = ("box", "area", "strength", "margin", "mean_ssim", "luma_change", "chroma_change")


def through_json(data):
    """Return what a JSON file gives back, with strict JSON only."""
    return json.loads(json.dumps(data, allow_nan=False))


def changed(*path, to):
    """Return the data with one value changed."""
    data = copy.deepcopy(DATA)
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return data


@pytest.mark.parametrize("recipe", ["noise-aware", "otsu"])
@pytest.mark.parametrize("comparison", [COMPARISON, SAME], ids=["changed", "the same"])
def test_a_record_gives_back_every_value(recipe, comparison):
    found = facediff.find_regions(comparison, recipe=recipe)
    record = from_dict(through_json(to_dict(comparison, found)))
    for name in PLAIN:
        np.testing.assert_equal(getattr(record, name), getattr(found, name), err_msg=name)
    np.testing.assert_array_equal(record.mask, found.mask)
    assert len(record.regions) == len(found.regions) > 0 or comparison is SAME
    for read, region in zip(record.regions, found.regions, strict=True):
        for name in REGION:
            np.testing.assert_equal(getattr(read, name), getattr(region, name))  # not a number comes back as such
        np.testing.assert_array_equal(read.contour, region.contour)
        assert read.contour.dtype == np.int32


@given(masks)
@settings(max_examples=40, deadline=None)
def test_any_mask_comes_back_bit_for_bit(mask):
    picture = np.zeros((max(mask.shape[0], 7), max(mask.shape[1], 7)), np.uint8)
    whole = np.zeros(picture.shape, bool)
    whole[: mask.shape[0], : mask.shape[1]] = mask
    found = found_with(whole)
    record = from_dict(through_json(to_dict(facediff.compare_images(picture, picture), found)))
    np.testing.assert_array_equal(record.mask, whole)
    assert [region.area for region in record.regions] == [region.area for region in found.regions]


def test_digests_can_be_had_without_facediff():
    inputs = DATA["inputs"]
    for name, picture in (("real", REAL), ("fake", FAKE)):
        sha = hashlib.sha256(b"uint8 192x192x3\n" + picture.tobytes()).hexdigest()
        assert inputs[name] == {"sha256": sha, "shape": [192, 192, 3], "dtype": "uint8"}
    head = b"float32 192x192\n"
    assert DATA["evidence"]["sha256"] == hashlib.sha256(head + FOUND.evidence.astype("<f4").tobytes()).hexdigest()
    assert inputs["where"] is None


def test_a_digest_does_not_depend_on_how_an_array_lies_in_memory():
    big = REAL.astype(np.uint16)
    comparison = facediff.compare_images(big, big)
    swapped = facediff.compare_images(*[np.asfortranarray(big.astype(">u2"))] * 2)
    assert (
        export.to_dict(swapped, facediff.find_regions(swapped))["inputs"]
        == (export.to_dict(comparison, facediff.find_regions(comparison))["inputs"])
    )
    turned = facediff.compare_images(big.swapaxes(0, 1), big.swapaxes(0, 1))
    assert to_dict(turned, facediff.find_regions(turned))["inputs"] != DATA["inputs"]


def test_a_record_is_a_value_that_reads_well():
    record = from_dict(DATA)
    assert str(record) == (
        f"1 region changed by recipe noise-aware (version 1), recorded by facediff {facediff.__version__}: "
        f"real {DATA['inputs']['real']['sha256'][:8]}, fake {DATA['inputs']['fake']['sha256'][:8]}"
    )
    assert str(from_dict(to_dict(SAME, facediff.find_regions(SAME)))).startswith(
        "Nothing changed by recipe noise-aware"
    )
    with pytest.raises(AttributeError, match="recipe"):
        record.recipe = "otsu"
    with pytest.raises(ValueError, match="read-only"):
        record.mask[0, 0] = True
    with pytest.raises(ValueError, match="read-only"):
        record.regions[0].contour[0] = 5


def test_a_record_is_exported_as_the_result_itself():
    record = from_dict(through_json(DATA))
    assert export.to_coco([("a.png", record)]) == export.to_coco([("a.png", FOUND)])
    assert export.to_label_studio([("a.png", record)]) == export.to_label_studio([("a.png", FOUND)])
    assert export.to_dataframe([("a.png", record)]).equals(export.to_dataframe([("a.png", FOUND)]))


# --- made again ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"false_alarm_rate": 0.001, "min_area": 40},
        {"align": True},
        {"recipe": "otsu"},
        {"recipe": "otsu", "min_area": 9},
    ],
)
def test_a_result_is_made_again_from_its_pictures(options):
    found = facediff.find_regions(COMPARISON, **options)
    again = verify(
        from_dict(through_json(to_dict(COMPARISON, found))), facediff.compare_images(REAL.copy(), FAKE.copy())
    )
    np.testing.assert_array_equal(again.mask, found.mask)
    np.testing.assert_array_equal(again.evidence, found.evidence)
    assert again.parameters == found.parameters


def test_a_shifted_pair_is_registered_again():
    moved = np.roll(FAKE, 2, axis=1)
    comparison = facediff.compare_images(REAL, moved)
    found = facediff.find_regions(comparison, align=True)
    assert found.alignment
    record = from_dict(through_json(to_dict(comparison, found)))
    assert (record.shift, record.alignment) == (found.shift, found.alignment)
    np.testing.assert_array_equal(verify(record, comparison).mask, found.mask)


def test_another_picture_is_told_from_the_recorded_one():
    record = from_dict(DATA)
    other = FAKE.copy()
    other[0, 0, 0] ^= 1
    with pytest.raises(ValueError, match=r"of the record's pictures, got another fake: SHA-256 [0-9a-f]{16} for"):
        verify(record, facediff.compare_images(REAL, other))
    with pytest.raises(ValueError, match=r"got another real: .*, 192x192 uint8 for 192x192x3 uint8; compare"):
        verify(record, facediff.compare_images(REAL[..., 0], FAKE[..., 0]))
    with pytest.raises(ValueError, match="got another real"):
        verify(record, facediff.compare_images(FAKE, REAL))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": "gaussian"}, "must be made as the record's, got window='gaussian' for 'uniform'; pass window= to"),
        ({"window_size": 9}, "got window_size=9 for 7; pass window_size= to facediff.compare_images"),
        ({"data_range": 255.5 - 0.5, "channels": "each"}, "got channels='each' for 'luma'"),
        ({"where": np.ones((192, 192), bool)}, "got where=a mask for None; pass where= to facediff.compare_images"),
    ],
)
def test_another_way_to_compare_is_told_from_the_recorded_one(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        verify(from_dict(DATA), facediff.compare_images(REAL, FAKE, **options))


def test_where_belongs_to_the_record():
    where = np.zeros((192, 192), bool)
    where[:150] = True
    comparison = facediff.compare_images(REAL, FAKE, where=where)
    record = from_dict(through_json(to_dict(comparison, facediff.find_regions(comparison))))
    assert verify(record, facediff.compare_images(REAL, FAKE, where=where.copy())).manipulated
    with pytest.raises(ValueError, match=r"got another where: SHA-256 \w{16} for \w{16}; compare the pictures"):
        verify(record, facediff.compare_images(REAL, FAKE, where=~where))
    with pytest.raises(ValueError, match=r"got where=None for a mask"):
        verify(record, COMPARISON)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (changed("recipe", "name", to="magic"), "the record's recipe must be one of 'noise-aware', 'otsu'"),
        (changed("recipe", "version", to=7), "recipe 'noise-aware' must be of version 7, got 1; install facediff"),
        (
            changed("recipe", "parameters", to={"align": False, "blur": 3}),
            "recipe 'noise-aware' must have the parameters ['align', 'false_alarm_rate', 'min_area'], got "
            "['align', 'blur']; the data are damaged",
        ),
    ],
)
def test_a_recipe_that_is_not_here_is_named(data, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        verify(from_dict(data), COMPARISON)


def test_a_record_that_was_changed_does_not_pass():
    # The region is taken out of mask and list alike: in itself such a record is sound.
    empty = export.encode_rle(np.zeros_like(FOUND.mask))
    forged = changed("regions", to=[]) | {"mask": empty}
    message = rf"got 1 regions for 0, masks that differ in {FOUND.mask.sum()} pixels; the versions are the same, so"
    with pytest.raises(ValueError, match=message):
        verify(from_dict(forged), COMPARISON)
    older = forged | {"versions": DATA["versions"] | {"facediff": "0.0.1", "numpy": "1.0"}}
    versions = FOUND.versions
    with pytest.raises(
        ValueError, match=rf"made with facediff {versions.facediff} for 0\.0\.1, numpy {versions.numpy} for 1"
    ):
        verify(from_dict(older), COMPARISON)
    with pytest.raises(ValueError, match="the recipe must give what the record holds"):
        verify(from_dict(changed("verdict", "manipulated", to=False)), COMPARISON)


# --- what does not fit ---------------------------------------------------------------------------

CUT = DATA["mask"]["counts"][:-1]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "data must hold 'schema', got []; the data are damaged"),
        (changed("schema", to="coco"), "data['schema'] must be 'facediff.localisation', got 'coco'"),
        (changed("schema_version", to=2), "data must be of schema version 1 or older, got 2; update facediff"),
        (changed("schema_version", to=0), "data['schema_version'] must be a whole number of at least 1, got 0"),
        (changed("schema_version", to="1"), "data['schema_version'] must be a whole number of at least 1, got '1'"),
        (changed("verdict", to=None), "data['verdict'] must be a dict, got None; the data are damaged"),
        (changed("verdict", to={}), "data['verdict'] must hold 'manipulated', got []; the data are damaged"),
        (changed("verdict", "manipulated", to=1), "data['verdict']['manipulated'] must be true or false, got 1"),
        (changed("verdict", "threshold", to="big"), "data['verdict']['threshold'] must be a number, got 'big'"),
        (changed("verdict", "margin", to=float("nan")), "data['verdict']['margin'] must be a number, got nan"),
        (changed("verdict", "margin", to=True), "data['verdict']['margin'] must be a number, got True"),
        (changed("verdict", "alignment", to=None), "data['verdict']['alignment'] must be a text, got None"),
        (changed("verdict", "shift", to=[1, 2]), "data['verdict']['shift'] must be a dict, got [1, 2]"),
        (changed("regions", to={}), "data['regions'] must be a list, got {}; the data are damaged"),
        (changed("regions", 0, "box", to=[1, 2, 3]), "data['regions'][0]['box'] must be a list of 4, got [1, 2, 3]"),
        (
            changed("regions", 0, "box", to=[5, 5, 5, 9]),
            "data['regions'][0]['box'] must be left, top, right, bottom with right > left and bottom > top, got",
        ),
        (
            changed("regions", 0, "box", to=[0, 0, 900, 9]),
            "region 0 of data must lie within the picture of 192x192 pixels, got box 900x9 at (0, 0)",
        ),
        (changed("regions", 0, "contour", to=[]), "data['regions'][0]['contour'] must be at least one point within"),
        (
            changed("regions", 0, "contour", 0, to=[1, -1]),
            "['contour'][0][1] must be a whole number of at least 0",
        ),
        (
            changed("regions", 0, "contour", 0, to=[1, 2**40]),
            "['contour'] must be at least one point within",
        ),
        (changed("regions", 0, "contour", 0, to=[0, 0]), "region 0 of data must have the box of its contour"),
        (
            changed("regions", 0, "area", to=5),
            f"data['regions'][0]['area'] must be the pixels that the mask marks in it, {FOUND.regions[0].area}, got 5",
        ),
        (changed("mask", "counts", to=CUT), "data['mask'] cannot be read: rle['counts'] must"),
        (changed("mask", "counts", to=[192 * 192]), "data['mask']['counts'] must be a text, got [36864]"),
        (
            changed("mask", to={"size": [2, 2], "counts": "4"}),
            "the mask of data must have the height and width",
        ),
        (changed("evidence", "sha256", to="ab"), "data['evidence']['sha256'] must be 64 hexadecimal digits, got 'ab'"),
        (
            changed("inputs", "real", "shape", to=[9]),
            "data['inputs']['real']['shape'] must be two or three sides",
        ),
        (changed("inputs", "where", to="all"), "data['inputs']['where'] must be a dict, got 'all'"),
        (changed("inputs", "window_size", to=1), "data['inputs']['window_size'] must be a whole number of at least 3"),
        (
            changed("recipe", "parameters", to=[]),
            "data['recipe']['parameters'] must be a dict with texts for keys",
        ),
        (
            changed("recipe", "parameters", to={"a": None}),
            "data['recipe']['parameters']['a'] must be true, false, a number or a text, got None",
        ),
        (changed("versions", to={}), "data['versions'] must hold 'facediff', got []"),
        (changed("evidence", "dtype", to=["x" * 99]), f"must be a text, got ['{'x' * 58}...; the data"),
    ],
)
def test_damaged_data_are_refused_by_place(data, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        from_dict(data)


def test_every_single_value_is_missed_when_it_is_gone():
    def places(value, path=()):
        if isinstance(value, dict):
            for key in value:
                yield (*path, key)
                yield from places(value[key], (*path, key))

    for path in places(DATA):
        data = copy.deepcopy(DATA)
        place = data
        for key in path[:-1]:
            place = place[key]
        del place[path[-1]]
        if path[:2] == ("recipe", "parameters") and len(path) == 3:
            continue  # which parameters there are is the recipe's to say, in verify
        with pytest.raises(ValueError, match="the data are damaged"):
            from_dict(data)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: from_dict("{}"), TypeError, "data must be a dict, got str; read a file with json.loads"),
        (lambda: to_dict(REAL, FOUND), TypeError, "comparison must be a Comparison, got ndarray; make one with"),
        (lambda: to_dict(COMPARISON, from_dict(DATA)), TypeError, "found must be a Localisation, got Record; make one"),
        (
            lambda: to_dict(COMPARISON, found_with(RING)),
            ValueError,
            "comparison and found must be of one size, got (192, 192) and (12, 16); pass the comparison that found",
        ),
        (
            lambda: verify(DATA, COMPARISON),
            TypeError,
            "record must be a Record, got dict; make one with",
        ),
        (lambda: verify(from_dict(DATA), FOUND), TypeError, "comparison must be a Comparison, got Localisation"),
    ],
)
def test_values_of_the_wrong_kind_are_refused(call, kind, message):
    with pytest.raises(kind, match=re.escape(message)):
        call()


def test_strengths_that_are_not_finite_come_back():
    region = dataclasses.replace(FOUND.regions[0], strength=float("inf"), mean_ssim=float("nan"))
    found = dataclasses.replace(FOUND, regions=(region,), threshold=float("-inf"))
    record = from_dict(through_json(to_dict(COMPARISON, found)))
    assert record.regions[0].strength == np.inf
    assert np.isnan(record.regions[0].mean_ssim)
    assert record.threshold == -np.inf


def test_a_record_is_written_whole(tmp_path):
    export.write_json(tmp_path / "a.json", DATA)
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == through_json(DATA)
