"""Each format gives back what was put in, read by a reader that is not ours; what does not fit is refused."""

import dataclasses
import json
import os
import re
import sys
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import supervision as sv
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask as coco_masks
from pycocotools.coco import COCO

import facediff
from export_values import (
    RING,
    SOME,
    TWO,
    by_place,
    coco_mask,
    filled_regions,
    found_with,
    masks,
    pixels_of_regions,
    region_at,
)
from facediff import Box, export
from facediff._label_studio import _brush
from facediff._parts import outline

NOTHING = np.zeros((12, 16), bool)
# A ring with an island in its hole and a second region; nothing; the picture's whole border; pixels by their corners.
FRAME = ~np.pad(np.ones((4, 6), bool), 1)
CORNERS = np.eye(5, 7, dtype=bool)
ITEMS = [
    ("two.png", found_with(TWO)),
    ("nothing.jpg", found_with(NOTHING)),
    ("frame.png", found_with(FRAME)),
    ("corners.png", found_with(CORNERS)),
]
MASKS = {"two.png": TWO, "nothing.jpg": NOTHING, "frame.png": FRAME, "corners.png": CORNERS}


@pytest.fixture
def pictures(tmp_path):
    """Return a folder of black pictures of the items' names and sizes: some readers open them."""
    folder = tmp_path / "images"
    folder.mkdir()
    for name, mask in MASKS.items():
        Image.fromarray(np.zeros((*mask.shape, 3), np.uint8)).save(folder / name)
    return folder


def written(data, tmp_path):
    export.write_json(tmp_path / "data.json", data)
    return tmp_path / "data.json"


def read_as(data_set):
    """Return supervision's data set by file name."""
    return {os.path.basename(path): detections for path, _, detections in data_set}


# --- outlines ------------------------------------------------------------------------------------


def area_of(corners):
    """Return the area by the shoelace formula; above 0 = clockwise on the screen."""
    x, y = corners.T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2


def test_an_outline_by_hand():
    crop = np.array([[True, True], [False, True]])
    assert outline(crop).tolist() == [[2, 0], [2, 2], [1, 2], [1, 1], [0, 1], [0, 0]]


def test_pixels_that_touch_by_a_corner_have_one_outline():
    assert outline(np.eye(2, dtype=bool)).tolist() == [
        *([1, 0], [1, 1], [2, 1], [2, 2]),
        *([1, 2], [1, 1], [0, 1], [0, 0]),
    ]


@given(masks)
@settings(deadline=None)
def test_an_outline_encloses_exactly_its_pixels(mask):
    for area in filled_regions(mask):
        corners = outline(area)
        assert area_of(corners) == area.sum()
        assert (np.abs(np.diff(corners, axis=0, append=corners[:1])).min(axis=1) == 0).all()  # along edges only
        polygon = coco_masks.frPyObjects([corners.ravel().tolist()], *area.shape)[0]
        np.testing.assert_array_equal(coco_mask({**polygon, "counts": polygon["counts"].decode()}), area)


# --- COCO ----------------------------------------------------------------------------------------


@given(masks)
@settings(deadline=None)
@example(RING)
@example(TWO)
def test_coco_gives_back_each_region_bit_for_bit_holes_included(mask):
    dataset = export.to_coco([("a.png", found_with(mask))])
    read = [coco_mask(annotation["segmentation"]) for annotation in dataset["annotations"]]
    assert by_place(read) == by_place(pixels_of_regions(mask))
    np.testing.assert_array_equal(np.any([np.zeros_like(mask), *read], axis=0), mask)
    for annotation, own in zip(dataset["annotations"], read, strict=True):
        rle = {**annotation["segmentation"], "counts": annotation["segmentation"]["counts"].encode()}
        assert annotation["bbox"] == coco_masks.toBbox(rle).tolist()
        assert annotation["area"] == own.sum()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools' own, under NumPy 2
@pytest.mark.parametrize("segmentation", ["rle", "polygon"])
def test_pycocotools_loads_the_file(segmentation, tmp_path, capsys):
    data = export.to_coco(ITEMS, segmentation=segmentation, label='a "face" <&>')
    coco = COCO(str(written(data, tmp_path)))
    capsys.readouterr()  # it prints how long it took
    assert coco.loadCats(coco.getCatIds()) == [{"id": 1, "name": 'a "face" <&>', "supercategory": ""}]
    for image in coco.loadImgs(coco.getImgIds()):
        mask = MASKS[image["file_name"]]
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=image["id"], catIds=[1], iscrowd=False))
        read = [coco.annToMask(annotation).astype(bool) for annotation in annotations]
        assert (image["height"], image["width"]) == mask.shape
        assert by_place(read) == by_place((pixels_of_regions if segmentation == "rle" else filled_regions)(mask))
        assert [annotation["area"] for annotation in annotations] == [each.sum() for each in read]


@pytest.mark.parametrize("segmentation", ["rle", "polygon"])
def test_supervision_loads_coco(segmentation, tmp_path, pictures):
    path = written(export.to_coco(ITEMS, segmentation=segmentation), tmp_path)
    read = read_as(sv.DetectionDataset.from_coco(str(pictures), str(path), force_masks=True))
    for name, found in ITEMS:
        assert sorted(map(tuple, read[name].xyxy)) == sorted(region.box.xyxy for region in found.regions)
        if segmentation == "rle" and found.regions:
            assert by_place(read[name].mask) == by_place(pixels_of_regions(found.mask))


def test_ids_count_from_one_and_what_is_empty_is_listed():
    dataset = export.to_coco(ITEMS)
    assert [image["id"] for image in dataset["images"]] == [1, 2, 3, 4]
    assert [annotation["id"] for annotation in dataset["annotations"]] == [1, 2, 3, 4]
    assert [annotation["image_id"] for annotation in dataset["annotations"]] == [1, 1, 3, 4]
    assert {annotation["strength"] for annotation in dataset["annotations"]} == {2.5}
    assert export.to_coco([])["images"] == []


# --- masks ---------------------------------------------------------------------------------------


@given(masks)
@settings(deadline=None)
def test_a_label_map_splits_into_the_regions_in_their_order(mask):
    found = found_with(mask)
    labels = export.label_map(found)
    parts = export.split_label_map(labels)
    assert by_place(parts) == by_place(pixels_of_regions(mask))
    assert [int(part.sum()) for part in parts] == [region.area for region in found.regions]
    np.testing.assert_array_equal(labels > 0, mask)


def test_more_regions_than_a_byte_counts_take_two():
    many = np.zeros((32, 34), bool)
    many[::2, ::2] = True  # 16 x 17 = 272 pixels on their own
    labels = export.label_map(found_with(many))
    assert (labels.dtype, labels.max()) == (np.uint16, 272)
    assert export.label_map(found_with(RING)).dtype == np.uint8


def test_more_regions_than_two_bytes_count_are_refused(monkeypatch):
    monkeypatch.setattr("facediff._label_maps._MOST", 1)
    with pytest.raises(ValueError, match=r"^a label map numbers at most 1 regions, got 2; drop small ones"):
        export.label_map(found_with(TWO))


@pytest.mark.parametrize("kind", ["mask", "labels"])
def test_masks_are_png_files_of_the_pictures_size(kind, tmp_path):
    files = export.write_masks(tmp_path, ITEMS, kind=kind)
    assert [os.path.basename(file) for file in files] == ["two.png", "nothing.png", "frame.png", "corners.png"]
    assert sorted(os.listdir(tmp_path)) == sorted(map(os.path.basename, files))
    for file, (_, found) in zip(files, ITEMS, strict=True):
        read = np.asarray(Image.open(file))
        expected = found.mask * 255 if kind == "mask" else export.label_map(found)
        np.testing.assert_array_equal(read, expected)


@pytest.mark.parametrize(
    ("labels", "kind", "message"),
    [
        (np.array([[0, 1, 3, 4]]), ValueError, "got 3 from 1 to 4, without a 2; number them anew"),
        (np.array([[0, 2]]), ValueError, "got 1 from 2 to 2, without a 1; number them anew"),
        (np.array([[0, 255]], np.uint8), ValueError, "got 1 from 255 to 255, without a 1"),
        (
            np.array([[-1, 0, 1]]),
            ValueError,
            "labels must number the regions from 1 on without a gap, got 2 from -1 to 1",
        ),
        (np.zeros((2, 2, 3), int), ValueError, "labels must be (H, W) with at least one pixel, got shape (2, 2, 3)"),
        (np.zeros((0, 2), int), ValueError, "got shape (0, 2)"),
        (np.zeros((2, 2)), TypeError, "labels must be an array of whole numbers, got float64 array"),
        (np.zeros((2, 2), bool), TypeError, "got bool array"),
        ([[0, 1]], TypeError, "labels must be an array of whole numbers, got list"),
    ],
)
def test_a_label_map_that_is_none_is_refused(labels, kind, message):
    with pytest.raises(kind, match=re.escape(message)):
        export.split_label_map(labels)


# --- YOLO ----------------------------------------------------------------------------------------


def test_supervision_loads_yolo_boxes(tmp_path, pictures):
    files = export.write_yolo(tmp_path, ITEMS, label='a "face": 1')
    assert [os.path.basename(file) for file in files] == ["two.txt", "nothing.txt", "frame.txt", "corners.txt"]
    data_set = sv.DetectionDataset.from_yolo(str(pictures), str(tmp_path / "labels"), str(tmp_path / "data.yaml"))
    assert data_set.classes == ['a "face": 1']
    read = read_as(data_set)
    for name, found in ITEMS:
        # Eight digits of a share, and single precision in the reader: far below a hundredth of a pixel.
        assert read[name].xyxy == pytest.approx(
            np.reshape([region.box.xyxy for region in found.regions], (-1, 4)), abs=1e-3
        )


def test_supervision_loads_yolo_polygons(tmp_path, pictures):
    export.write_yolo(tmp_path, ITEMS, task="segment")
    read = read_as(
        sv.DetectionDataset.from_yolo(
            str(pictures), str(tmp_path / "labels"), str(tmp_path / "data.yaml"), force_masks=True
        )
    )
    for name, mask in MASKS.items():
        # It fills with OpenCV, which marks each corner of a pixel that the polygon encloses: one more right and below.
        wider = [grown_right_and_down(each) for each in filled_regions(mask)]
        assert by_place([] if read[name].mask is None else read[name].mask) == by_place(wider)


def grown_right_and_down(mask):
    wide = np.zeros_like(mask)
    for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
        wide[down:, right:] |= mask[: mask.shape[0] - down, : mask.shape[1] - right]
    return wide


def test_a_picture_without_regions_is_a_negative_example(tmp_path):
    export.write_yolo(tmp_path, ITEMS)
    assert (tmp_path / "labels" / "nothing.txt").read_bytes() == b""
    assert yaml.safe_load((tmp_path / "data.yaml").read_text()) == {
        "train": "images",
        "val": "images",
        "names": {0: "manipulated"},
    }
    export.write_yolo(tmp_path, ITEMS[:1])  # into labels that are there
    assert (tmp_path / "labels" / "nothing.txt").exists()


# --- Pascal VOC ----------------------------------------------------------------------------------


def test_supervision_loads_pascal_voc(tmp_path, pictures):
    folder = tmp_path / "voc"
    folder.mkdir()
    export.write_voc(folder, ITEMS, label='a "face" <&>')
    data_set = sv.DetectionDataset.from_pascal_voc(str(pictures), str(folder))
    assert data_set.classes == ['a "face" <&>']
    read = read_as(data_set)
    for name, found in ITEMS:
        assert read[name].xyxy.tolist() == [list(region.box.xyxy) for region in found.regions]


def test_voc_counts_from_one_and_includes_the_last(tmp_path):
    [path] = export.write_voc(tmp_path, [("a.b.png", found_with(RING))])
    root = ElementTree.parse(path).getroot()
    assert os.path.basename(path) == "a.b.xml"
    assert [root.findtext(f"object/bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax")] == [
        *"4",
        "3",
        "12",
        "9",
    ]
    assert [root.findtext(f"size/{side}") for side in ("width", "height", "depth")] == ["16", "12", "3"]
    assert root.findtext("filename") == "a.b.png"


# --- CVAT ----------------------------------------------------------------------------------------

# "CVAT for images 1.1", as its page describes it: what an element is made of, and what its attributes hold.
WHOLE, NUMBER = r"\d+", r"\d+(\.\d+)?"
PLACED = {"label": ".+", "source": "manual|auto|semi-auto|file", "occluded": "[01]", "z_order": r"-?\d+"}
CVAT = {
    "image": {"id": WHOLE, "name": ".+", "width": WHOLE, "height": WHOLE},
    "box": PLACED | {"xtl": NUMBER, "ytl": NUMBER, "xbr": NUMBER, "ybr": NUMBER},
    "polygon": PLACED | {"points": rf"{NUMBER},{NUMBER}(;{NUMBER},{NUMBER}){{2,}}"},
    "mask": PLACED | {"rle": r"\d+(, \d+)*", "left": WHOLE, "top": WHOLE, "width": WHOLE, "height": WHOLE},
}


def cvat_images(path):
    """Return the images of a CVAT file that is as its page says."""
    root = ElementTree.parse(path).getroot()
    assert (root.tag, [child.tag for child in root][:2], root.findtext("version")) == (
        "annotations",
        ["version", "meta"],
        "1.1",
    )
    assert root.findtext("meta/task/mode") == "annotation"
    assert root.findtext("meta/task/size") == str(len(root.findall("image")))
    labels = [label.findtext("name") for label in root.findall("meta/task/labels/label")]
    for element in [*root.findall("image"), *root.findall("image/*")]:
        wanted = CVAT[element.tag]
        assert set(element.keys()) == set(wanted)
        assert all(re.fullmatch(wanted[key], value) for key, value in element.items())
        assert element.get("label", labels[0]) in labels
    return {image.get("name"): image for image in root.findall("image")}


def cvat_mask(element, shape):
    left, top, width, height = (int(element.get(key)) for key in ("left", "top", "width", "height"))
    runs = [int(run) for run in element.get("rle").split(",")]
    mask = np.zeros(shape, bool)
    mask[top : top + height, left : left + width] = np.repeat(np.arange(len(runs)) % 2, runs).reshape(height, width)
    return mask


@given(masks)
@settings(max_examples=40, deadline=None)
def test_cvat_masks_give_back_each_region_bit_for_bit(tmp_path_factory, mask):
    path = tmp_path_factory.getbasetemp() / "annotations.xml"
    export.write_cvat(path, [("a.png", found_with(mask))])
    read = [cvat_mask(element, mask.shape) for element in cvat_images(path)["a.png"]]
    assert by_place(read) == by_place(pixels_of_regions(mask))


def test_cvat_boxes_and_polygons(tmp_path):
    path = tmp_path / "annotations.xml"
    for shape in ("box", "polygon"):
        export.write_cvat(path, ITEMS, shape=shape, label='a "face" <&>')
        images = cvat_images(path)
        assert list(images) == list(MASKS)
        for name, found in ITEMS:
            for element, region in zip(images[name], found.regions, strict=True):
                assert element.get("label") == 'a "face" <&>'
                if shape == "box":
                    assert tuple(int(element.get(side)) for side in ("xtl", "ytl", "xbr", "ybr")) == region.box.xyxy
                else:
                    corners = np.array([point.split(",") for point in element.get("points").split(";")], float)
                    assert (*corners.min(axis=0), *corners.max(axis=0)) == region.box.xyxy
                    assert area_of(corners) in {each.sum() for each in filled_regions(found.mask)}


# --- Label Studio --------------------------------------------------------------------------------


def thi_ng_rle_unpack(data):
    """Return the values of thi.ng's rle-pack, read as its own decoder reads them."""
    bits = "".join(f"{byte:08b}" for byte in data)
    place = 0

    def read(size):
        nonlocal place
        place += size
        return int(bits[place - size : place], 2)

    count, word = read(32), read(5) + 1
    sizes = [read(4) + 1 for _ in range(4)]
    values = []
    while len(values) < count:
        repeated = read(1)
        length = read(sizes[read(2)]) + 1
        values += [read(word)] * length if repeated else [read(word) for _ in range(length)]
    assert len(bits) - place < 8
    return values


@given(masks)
@settings(deadline=None)
def test_label_studio_brushes_give_back_each_region_bit_for_bit(mask):
    [task] = json.loads(json.dumps(export.to_label_studio([("a.png", found_with(mask))])))
    read = []
    for result in task["predictions"][0]["result"]:
        assert (result["type"], result["value"]["format"]) == ("brushlabels", "rle")
        height, width = result["original_height"], result["original_width"]
        pixels = np.reshape(thi_ng_rle_unpack(result["value"]["rle"]), (height, width, 4))
        assert set(np.unique(pixels)) <= {0, 255}
        assert (pixels == pixels[..., :1]).all()
        read.append(pixels[..., 3] == 255)
    assert by_place(read) == by_place(pixels_of_regions(mask))


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=4))
@settings(max_examples=20, deadline=None)
def test_runs_of_any_length_are_packed(runs):
    expected = np.repeat(255 * (np.arange(len(runs)) % 2), runs).repeat(4)
    assert thi_ng_rle_unpack(_brush(runs)) == expected.tolist()


def test_label_studio_counts_in_hundredths_of_the_picture():
    tasks = export.to_label_studio(ITEMS, shape="box", prefix="/data/?d=", label="face")
    assert [task["data"]["image"] for task in tasks] == [f"/data/?d={name}" for name in MASKS]
    for task, (_, found) in zip(tasks, ITEMS, strict=True):
        [prediction] = task["predictions"]
        assert prediction["model_version"] == f"facediff {facediff.__version__}, noise-aware 1"
        assert [result["id"] for result in prediction["result"]] == [f"region-{n}" for n in range(len(found.regions))]
        for result, region in zip(prediction["result"], found.regions, strict=True):
            value = result["value"]
            assert (result["from_name"], result["to_name"], result["type"]) == ("label", "image", "rectanglelabels")
            assert value["rectanglelabels"] == ["face"]
            sides = np.array([value["x"], value["y"], value["width"], value["height"]]) / 100
            size = (result["original_width"], result["original_height"])
            assert sides * (size * 2) == pytest.approx(np.array(region.box.xywh), abs=1e-9)


def test_label_studio_polygons_lie_on_the_pixels_edges():
    for task, (_, found) in zip(export.to_label_studio(ITEMS, shape="polygon"), ITEMS, strict=True):
        for result, region in zip(task["predictions"][0]["result"], found.regions, strict=True):
            points = np.array(result["value"]["points"]) / 100 * (result["original_width"], result["original_height"])
            assert points == pytest.approx(np.rint(points), abs=1e-9)
            assert (*np.rint(points.min(axis=0)), *np.rint(points.max(axis=0))) == region.box.xyxy
            assert result["value"]["closed"] is True


# --- packages ------------------------------------------------------------------------------------


def test_a_table_has_a_row_for_each_region_and_for_each_picture_without():
    frames = [(4, 0.16, found_with(TWO)), (5, 0.2, found_with(NOTHING))]
    table = export.to_dataframe([*export.frame_items(frames), ("still.png", found_with(RING))])
    assert table["picture"].tolist() == ["frame_000004.png"] * 2 + ["frame_000005.png", "still.png"]
    assert table["frame"].fillna(-1).tolist() == [4, 4, 5, -1]
    assert table["time"].fillna(-1).tolist() == [0.16, 0.16, 0.2, -1]
    assert table["region"].fillna(-1).tolist() == [0, 1, -1, 0]
    assert table["manipulated"].tolist() == [True, True, False, True]
    ring = table.iloc[3]
    assert ring[["left", "top", "right", "bottom", "area"]].tolist() == [3, 2, 12, 9, 49]
    assert ring[["luma_change", "blue_chroma_change", "red_chroma_change"]].tolist() == [-3, 1, 2]
    assert ring[["strength", "mean_ssim", "threshold", "recipe"]].tolist() == [2.5, 0.5, np.inf, "noise-aware"]
    assert table.iloc[2][["left", "area", "strength"]].isna().all()
    assert table["area"].dtype == pd.Int64Dtype()


def test_a_table_of_nothing_has_the_same_columns():
    empty, full = export.to_dataframe([]), export.to_dataframe(ITEMS)
    assert len(empty) == 0
    assert empty.dtypes.equals(full.dtypes)


@given(masks)
@settings(max_examples=40, deadline=None)
def test_detections_hold_boxes_and_masks(mask):
    found = found_with(mask)
    detections = export.to_supervision(found)
    assert len(detections) == len(found.regions)
    assert detections.xyxy.tolist() == [list(region.box.xyxy) for region in found.regions]
    if found.regions:
        assert by_place(detections.mask) == by_place(pixels_of_regions(mask))
        assert set(detections["class_name"]) == {"manipulated"}
        assert detections["strength"].tolist() == [region.strength for region in found.regions]


@pytest.mark.parametrize("package", ["pandas", "supervision"])
def test_a_missing_package_is_named_with_its_cure(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    text = f'needs {package}, which is not installed; pip install "facediff[export]"'
    with pytest.raises(ImportError, match=re.escape(text)):
        export.to_dataframe(ITEMS) if package == "pandas" else export.to_supervision(SOME)


# --- clips ---------------------------------------------------------------------------------------


def test_frames_are_named_by_their_numbers():
    frames = [(0, 0.0, SOME), (np.int64(12), np.float32(0.5), SOME)]
    assert list(export.frame_items(frames)) == [
        export.Item("frame_000000.png", SOME, 0, 0.0),
        export.Item("frame_000012.png", SOME, 12, 0.5),
    ]
    assert [item.name for item in export.frame_items(frames, prefix="clip-", suffix=".jpg")] == [
        "clip-000000.jpg",
        "clip-000012.jpg",
    ]
    images = export.to_coco(export.frame_items(frames))["images"]
    assert [(image["frame"], image["time"]) for image in images] == [(0, 0.0), (12, 0.5)]


@pytest.mark.parametrize(
    ("frame", "kind", "message"),
    [
        ((0, SOME), TypeError, "frames must hold tuples (index, time, Localisation), got tuple"),
        (SOME, TypeError, "frames must hold tuples (index, time, Localisation), got Localisation"),
        ((0.5, 0.0, SOME), TypeError, "index must be a whole number, got 0.5 (float)"),
        ((-1, 0.0, SOME), ValueError, "frame must be 0 or more, got -1"),
        ((0, "1", SOME), TypeError, "time must be a number, got '1' (str)"),
        ((0, -0.5, SOME), ValueError, "time must lie between 0 and inf, got -0.5"),
        ((0, float("inf"), SOME), ValueError, "time must be finite, got inf"),
        ((0, float("nan"), SOME), ValueError, "time must lie between 0 and inf, got nan"),
    ],
)
def test_what_is_no_frame_is_refused(frame, kind, message):
    with pytest.raises(kind, match=re.escape(message)):
        list(export.frame_items([frame]))


# --- what does not fit ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b.png", "..\\b.png", "/a.png", "C:a.png", "a\n.png", "a\0", "\ud800"]
)
def test_a_name_with_path_parts_is_refused(name):
    with pytest.raises(ValueError, match="name must be a file name without folders and control characters, got"):
        export.to_coco([(name, SOME)])


@pytest.mark.parametrize("name", ["a.png", "ä b.png", ".hidden", "a", "顔.webp", "a\u00a0b.png"])
def test_any_other_name_goes_through_every_format(name, tmp_path):
    items = [(name, found_with(RING))]
    assert export.to_coco(items)["images"][0]["file_name"] == name
    export.write_cvat(tmp_path / "a.xml", items)
    assert list(cvat_images(tmp_path / "a.xml")) == [name]
    assert os.path.exists(export.write_voc(tmp_path, items)[0])


@pytest.mark.parametrize(
    ("items", "kind", "message"),
    [
        (5, TypeError, "items must be an iterable of (name, Localisation) pairs, got 5"),
        (("a.png", SOME), TypeError, "items must hold (name, Localisation) pairs, got 'a.png'; put a single pair into"),
        ([("a.png",)], TypeError, "items must hold (name, Localisation) pairs, got tuple"),
        ([(5, SOME)], TypeError, "name must be the picture's file name, a str, got 5"),
        ([("a.png", RING)], TypeError, "found of a.png must be a Localisation, got ndarray; facediff.find_regions"),
        (
            [("a.png", SOME), ("A.png", SOME)],
            ValueError,
            "must have a name of its own, got 'a.png' and 'A.png'; rename",
        ),
    ],
)
def test_what_is_no_item_is_refused(items, kind, message):
    with pytest.raises(kind, match=re.escape(message)):
        export.to_coco(items)


def test_names_that_give_one_file_are_refused(tmp_path):
    items = [("a.png", SOME), ("a.jpg", SOME)]
    assert len(export.to_coco(items)["images"]) == 2  # one file for both: nothing to mix up
    for write in (export.write_voc, export.write_yolo, export.write_masks):
        with pytest.raises(ValueError, match=r"got 'a.png' and 'a.jpg', which give the same file; rename one"):
            write(tmp_path, items)


SQUARE = np.array([[2, 2], [4, 2], [4, 4], [2, 4]], np.int32)


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"mask": RING.astype(np.uint8)}, TypeError, "mask of a.png must be a bool mask, got a uint8 array"),
        ({"mask": RING[..., None]}, ValueError, "mask of a.png must be (H, W) of at least one pixel, got shape"),
        ({"mask": RING[:8]}, ValueError, "region 0 of a.png must lie within the picture of 16x8 pixels, got box 9x7"),
        ({"mask": ~RING & NOTHING}, ValueError, "region 0 of a.png must hold pixels of the mask, got none at 9x7"),
        ({"regions": (Box(2, 2, 5, 5),)}, TypeError, "region 0 of a.png must be a Region, got Box"),
        (
            {"regions": (region_at(Box(-1, 2, 5, 5), SQUARE),)},
            ValueError,
            "region 0 of a.png must lie within the picture of 16x12 pixels, got box 6x3 at (-1, 2); crop the box",
        ),
        (
            {"regions": (region_at(Box(2, 2, 5, 6), SQUARE),)},
            ValueError,
            "region 0 of a.png must have the box of its contour, got 3x4 at (2, 2) and a contour from 3x3 at (2, 2)",
        ),
        (
            {"regions": (region_at(Box(2, 2, 5, 5), SQUARE.astype(float)),)},
            TypeError,
            "region 0 of a.png must have a contour of whole numbers, got float64 array",
        ),
        (
            {"regions": (region_at(Box(2, 2, 5, 5), [[2, 2], [4, 4]]),)},
            TypeError,
            "region 0 of a.png must have a contour of whole numbers, got list",
        ),
        (
            {"regions": (region_at(Box(2, 2, 5, 5), SQUARE[:, None]),)},
            ValueError,
            "region 0 of a.png must have a contour (N, 2) of x and y, got shape (4, 1, 2)",
        ),
        (
            {"regions": (region_at(Box(2, 2, 5, 5), SQUARE[:0]),)},
            ValueError,
            "region 0 of a.png must have a contour (N, 2) of x and y, got shape (0, 2)",
        ),
    ],
)
def test_a_result_that_contradicts_itself_is_refused(changes, kind, message):
    found = dataclasses.replace(found_with(RING), **changes)
    with pytest.raises(kind, match=re.escape(message)):
        export.to_coco([("a.png", found)])


def test_a_box_of_no_size_cannot_be_made():
    with pytest.raises(ValueError, match="a box must have right > left and bottom > top"):
        region_at(Box(2, 2, 2, 5), SQUARE)


@pytest.mark.parametrize(
    ("label", "kind", "message"),
    [
        (" ", ValueError, "label must be a word or more, without control characters, got ' '"),
        ("a\nb", ValueError, "label must be a word or more, without control characters, got 'a\\nb'"),
        ("\uffff", ValueError, "label must be a word or more"),
        (1, TypeError, "label must be a str, got 1"),
    ],
)
def test_a_label_that_no_file_holds_is_refused(label, kind, message):
    with pytest.raises(kind, match=re.escape(message)):
        export.to_coco(ITEMS, label=label)


def test_unknown_options_are_refused(tmp_path):
    for call, message in [
        (
            lambda: export.to_coco(ITEMS, segmentation="mask"),
            "segmentation must be one of 'rle', 'polygon', got 'mask'",
        ),
        (
            lambda: export.write_cvat(tmp_path / "a", ITEMS, shape="rle"),
            "shape must be one of 'mask', 'polygon', 'box'",
        ),
        (lambda: export.to_label_studio(ITEMS, shape="mask"), "shape must be one of 'brush', 'polygon', 'box', got"),
        (lambda: export.write_yolo(tmp_path, ITEMS, task="box"), "task must be one of 'detect', 'segment', got 'box'"),
        (lambda: export.write_masks(tmp_path, ITEMS, kind="png"), "kind must be one of 'mask', 'labels', got 'png'"),
    ]:
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(TypeError, match=r"^prefix must be a str, got NoneType$"):
        export.to_label_studio(ITEMS, prefix=None)
    assert os.listdir(tmp_path) == []


# --- files ---------------------------------------------------------------------------------------

WRITERS = {
    "json": lambda folder: export.write_json(folder / "a.json", {}),
    "cvat": lambda folder: export.write_cvat(folder / "a.xml", ITEMS),
    "voc": lambda folder: export.write_voc(folder, ITEMS),
    "masks": lambda folder: export.write_masks(folder, ITEMS),
    "yolo": lambda folder: export.write_yolo(folder, ITEMS),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_missing_folder_is_named(write, tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        write(tmp_path / "absent")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_folder_that_cannot_be_written_is_named_and_nothing_left_behind(write, tmp_path, monkeypatch):
    def refuse(source, *_):
        raise PermissionError(13, "Permission denied", source)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError, match=r"this (file|picture) may not be written here; choose another folder"):
        write(tmp_path)
    assert [name for _, _, files in os.walk(tmp_path) for name in files] == []


@pytest.mark.parametrize("write", [WRITERS["json"], WRITERS["cvat"]])
def test_an_error_leaves_an_older_file_as_it_was(write, tmp_path, monkeypatch):
    for name in ("a.json", "a.xml"):
        (tmp_path / name).write_bytes(b"older")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left on device"):
        write(tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["a.json", "a.xml"]
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "a.xml").read_bytes() == b"older"


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [({"a": float("nan")}, ValueError, "not JSON compliant"), ({"a": RING}, TypeError, "ndarray is not JSON")],
)
def test_what_json_does_not_hold_is_refused_before_a_file_is_there(data, kind, message, tmp_path):
    with pytest.raises(kind, match=message):
        export.write_json(tmp_path / "a.json", data)
    assert os.listdir(tmp_path) == []


def test_a_folder_is_not_written_over(tmp_path):
    with pytest.raises(IsADirectoryError, match="this is a folder; name a file in it"):
        export.write_json(tmp_path, {})


def test_a_path_is_asked_for():
    with pytest.raises(TypeError, match=r"path must be a path, a str or an os.PathLike such as pathlib.Path, got int"):
        export.write_json(5, {})
    for write in (export.write_voc, export.write_yolo, export.write_masks):
        with pytest.raises(TypeError, match=r"folder must be a path, a str or an os.PathLike"):
            write(5, ITEMS)


def test_nothing_is_written_into_what_is_exported():
    found = found_with(TWO)
    before = found.mask.copy(), [region.contour.copy() for region in found.regions]
    found.mask.flags.writeable = False
    export.to_coco([("a.png", found)], segmentation="polygon")
    export.label_map(found)
    export.to_supervision(found)
    np.testing.assert_array_equal(found.mask, before[0])
    assert all((region.contour == kept).all() for region, kept in zip(found.regions, before[1], strict=True))
