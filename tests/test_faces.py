"""Crops, drawings, tracks and compared faces, on faces that a table says and on those of a packaged portrait."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st

import facediff
from facediff import Box
from facediff.faces import (
    COLORS,
    Face,
    FaceTrack,
    Landmarks,
    MTCNNDetector,
    compare_faces,
    crop_face,
    crop_pair,
    draw_faces,
    extract_faces,
    track_faces,
)
from facediff.synthesis import encode, manipulate
from facediff.video import write_video

Pixels = np.ndarray[Any, Any]


def textured(height: int = 60, width: int = 80) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


class Says:
    """A detector that finds what it was told to, one answer after the other, the last one for ever."""

    def __init__(self, *answers: list[Face]) -> None:
        self.answers = list(answers)
        self.ranges: list[float | None] = []

    def detect(self, picture: Pixels, *, data_range: float | None = None) -> tuple[Face, ...]:  # noqa: ARG002
        self.ranges.append(data_range)
        return tuple(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])


# Crops.


def test_a_crop_is_the_box_with_its_margin_and_a_copy() -> None:
    picture = textured()
    crop = crop_face(picture, Face(Box(20, 30, 40, 40)), margin=0.5)
    np.testing.assert_array_equal(crop, picture[25:45, 10:50])
    crop[:] = 0
    np.testing.assert_array_equal(picture, textured())
    assert crop_face(picture, Box(20, 30, 40, 40)).shape == (16, 32, 3)  # 0.3 of 10 and of 20 on each side


@given(
    box=st.builds(
        Box.from_xywh, st.integers(-30, 79), st.integers(-30, 59), st.integers(31, 300), st.integers(31, 300)
    ),
    margin=st.floats(0, 3),
)
@settings(max_examples=60, deadline=None)
def test_a_crop_is_clipped_where_the_picture_ends_and_never_padded(box: Box, margin: float) -> None:
    across, down = round(margin * box.width), round(margin * box.height)
    rows = slice(max(box.top - down, 0), box.bottom + down)
    columns = slice(max(box.left - across, 0), box.right + across)
    np.testing.assert_array_equal(crop_face(textured(), box, margin=margin), textured()[rows, columns])


@pytest.mark.parametrize(
    ("size", "shape"), [(40, (20, 40)), (10, (5, 10)), (200, (100, 200)), (1, (1, 1)), (np.int64(20), (10, 20))]
)
def test_a_size_is_that_of_the_longer_side_and_keeps_the_proportions(size: int, shape: tuple[int, int]) -> None:
    for picture in (textured(), textured()[..., 0], textured().astype(np.uint16)):
        crop = crop_face(picture, Box(10, 10, 50, 30), margin=0, size=size)
        assert crop.shape[:2] == shape
        assert crop.dtype == picture.dtype


def test_scaling_a_float_picture_stays_within_its_range() -> None:
    picture = (textured() > 127).astype(np.float32)
    for size in (15, 97):
        crop = crop_face(picture, Box(10, 10, 50, 30), size=size, data_range=1.0)
        assert crop.dtype == np.float32
        assert 0 <= crop.min() < crop.max() <= 1


def test_a_pair_is_cropped_by_one_box() -> None:
    real = textured()
    fake = 255 - real
    one, other = crop_pair(real, fake, Box(20, 30, 40, 40), size=64)
    assert one.shape == other.shape == (32, 64, 3)
    np.testing.assert_allclose(one.astype(int) + other, 255, atol=1)  # each is rounded by itself


@pytest.mark.parametrize(
    ("face", "options", "error", "message"),
    [
        ((1, 2, 3, 4), {}, TypeError, "face must be a Face or a Box, got tuple; make one with facediff.Box"),
        (
            Box(80, 0, 90, 9),
            {},
            ValueError,
            r"must lie within the picture, got 10x9 at \(80, 0\) for 80x60 pixels; find",
        ),
        (Box(0, 0, 9, 9), {"margin": -0.1}, ValueError, "margin must lie between 0 and 10, got -0.1"),
        (Box(0, 0, 9, 9), {"size": 0}, ValueError, "size must be at least 1 pixel, got 0"),
        (Box(0, 0, 9, 9), {"size": 2.5}, TypeError, "size must be a whole number, got 2.5"),
    ],
)
def test_bad_crops_are_named(face: Any, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        crop_face(textured(), face, **options)


def test_a_pair_comes_in_through_the_door() -> None:
    with pytest.raises(ValueError, match="real and fake must have the same shape"):
        crop_pair(textured(), textured(61), Box(0, 0, 9, 9))
    with pytest.raises(TypeError, match="box must be a Face or a Box, got int"):
        crop_pair(textured(), textured(), 3)  # type: ignore[arg-type]


# Drawing.


def painted(drawn: Pixels, kind: Any) -> Pixels:
    return np.asarray((drawn == COLORS[kind]).all(axis=2))


@pytest.mark.parametrize("kind", ["frontal", "profile", "smile"])
def test_faces_and_smiles_are_boxes_of_their_color(kind: Any) -> None:
    picture = np.full((60, 80), 90, np.uint8)
    drawn = draw_faces(picture, [Face(Box(20, 15, 60, 45), kind)], legend=False)
    expected = np.zeros((60, 80), bool)
    expected[15:45, 20:60] = True
    expected[16:44, 21:59] = False
    np.testing.assert_array_equal(painted(drawn, kind), expected)


def test_an_eye_is_a_circle() -> None:
    picture = np.full((240, 320, 3), 90, np.uint8)
    drawn = draw_faces(picture, [Face(Box(100, 100, 161, 161), "eye")], legend=False)
    rows, columns = np.nonzero(drawn[..., 0].astype(int) - drawn[..., 1] > 100)  # its edges are smooth
    assert np.abs(np.hypot(rows - 130, columns - 130) - 30).max() <= 1.5
    angles = np.histogram(np.arctan2(rows - 130, columns - 130), bins=24, range=(-np.pi, np.pi))[0]
    assert angles.min() > 0


def test_green_is_green_and_red_is_red_and_blue_is_blue() -> None:
    assert [int(np.argmax(COLORS[kind])) for kind in ("frontal", "eye", "smile", "profile")] == [1, 0, 0, 2]


def test_landmarks_are_dots() -> None:
    points = Landmarks((60, 60), (90, 60), (75, 75), (65, 90), (85, 90))
    drawn = draw_faces(textured(120, 160), [Face(Box(50, 40, 100, 110), "profile", None, points)], legend=False)
    assert all(painted(drawn, "profile")[int(y), int(x)] for x, y in points.points)


def test_lines_scale_with_the_picture() -> None:
    for side, line in ((270, 1), (1080, 4)):
        drawn = draw_faces(np.zeros((side, side), np.uint8), [Face(Box(60, 60, 200, 200))], legend=False)
        assert painted(drawn, "frontal")[130].sum() == 2 * line


def test_the_legend_names_what_is_drawn_in_the_corner_where_it_hides_least() -> None:
    picture = np.full((480, 640, 3), 90, np.uint8)
    faces = [Face(Box(0, 0, 300, 200)), Face(Box(400, 0, 640, 200), "profile"), Face(Box(0, 300, 300, 480), "smile")]
    drawn = draw_faces(picture, faces)
    added = (drawn != draw_faces(picture, faces, legend=False)).any(axis=2)
    rows, columns = np.nonzero(added)
    assert rows.max() == 479
    assert columns.max() == 639
    assert rows.min() > 300
    assert columns.min() > 400
    for kind in ("frontal", "profile", "smile"):
        assert painted(drawn, kind)[added].any()
    eye = draw_faces(picture, [Face(Box(9, 9, 40, 40), "eye")])
    assert (eye[:, 320:, 0].astype(int) - eye[:, 320:, 1] > 100).any()
    assert not (draw_faces(picture, faces[:2])[added] == COLORS["smile"]).all(axis=1).any()


def test_no_legend_without_faces_nor_where_it_has_no_room() -> None:
    np.testing.assert_array_equal(draw_faces(textured(), []), textured())
    faces = [Face(Box(2, 2, 9, 9))]
    small = textured(24, 24)
    np.testing.assert_array_equal(draw_faces(small, faces), draw_faces(small, faces, legend=False))


def test_hundreds_of_faces_larger_than_the_picture_or_outside_are_drawn_on_a_copy() -> None:
    picture = textured()
    faces = [Face(Box(-50, -50, 500, 500)), Face(Box(200, 200, 300, 300), "eye"), Face(Box(-9, 5, 5, 90), "eye")]
    faces += [Face(Box(x, 10, x + 20, 30), "profile") for x in range(-100, 200)]
    drawn = draw_faces(picture, faces)
    np.testing.assert_array_equal(picture, textured())
    assert drawn.shape == picture.shape
    assert not np.shares_memory(drawn, picture)


def test_what_cannot_be_drawn_is_named() -> None:
    with pytest.raises(TypeError, match="faces must be an iterable of Face, got Face"):
        draw_faces(textured(), Face(Box(0, 0, 9, 9)))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"legend must be True or False, got 'yes' \(str\)"):
        draw_faces(textured(), [], legend="yes")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="data_range is needed"):
        draw_faces(np.zeros((9, 9)), [])


# Comparing.

TWO = [Face(Box(20, 20, 80, 80)), Face(Box(100, 20, 160, 80))]


@cache
def crowd() -> Pixels:
    return np.ascontiguousarray(skimage.data.astronaut()[200:360, 100:280])


def edited(*boxes: Box) -> Pixels:
    fake = crowd().copy()
    for box in boxes:
        fake[box.slices] = fake[box.slices][:, ::-1] // 2 + 60
    return fake


def verdicts(fake: Pixels, faces: list[Face], **options: Any) -> list[bool]:
    result = compare_faces(crowd(), fake, detector=Says(faces), **options)
    assert result.manipulated == tuple(face for face in result.faces if face.manipulated)
    return [face.manipulated for face in result.faces]


def test_which_of_several_faces_was_manipulated() -> None:
    assert verdicts(edited(Box(30, 30, 70, 70)), TWO) == [True, False]
    assert verdicts(edited(Box(110, 30, 150, 70)), TWO) == [False, True]
    assert verdicts(edited(Box(30, 30, 70, 70), Box(110, 30, 150, 70)), TWO) == [True, True]
    assert verdicts(edited(Box(30, 110, 70, 150)), TWO) == [False, False]
    assert verdicts(crowd(), TWO) == [False, False]


def test_a_small_edit_within_a_face_and_a_large_one_around_it_are_of_the_face() -> None:
    assert verdicts(edited(Box(40, 40, 48, 48)), TWO) == [True, False]
    assert verdicts(edited(Box(0, 0, 180, 100)), TWO) == [True, True]


def test_an_edit_that_only_touches_a_face_is_not_of_it() -> None:
    assert verdicts(edited(Box(77, 20, 130, 80)), TWO) == [False, True]


def test_merely_coded_again_is_not_manipulated() -> None:
    assert verdicts(encode(crowd(), "jpeg", 60), TWO) == [False, False]


def test_the_numbers_of_a_face_are_those_of_its_crop() -> None:
    fake = edited(Box(30, 30, 70, 70))
    face, _ = compare_faces(crowd(), fake, detector=Says(TWO), margin=0.2).faces
    assert face.box == Box(8, 8, 92, 92)
    assert face.comparison.mse == facediff.compare.mse(crowd()[8:92, 8:92], fake[8:92, 8:92])
    changed = (crowd() != fake).any(axis=2)
    assert face.mask.shape == (84, 84)
    assert not face.mask.flags.writeable
    assert face.changed == pytest.approx(changed[20:80, 20:80].mean(), rel=0.05)
    assert face.strength > 1


def test_the_parts_hold_all_of_the_change_by_its_amount() -> None:
    face, other = compare_faces(crowd(), edited(Box(30, 30, 70, 70)), detector=Says(TWO)).faces
    assert sum(part.share for part in face.parts) == pytest.approx(1)
    assert sum(part.area for part in face.parts) == face.box.area
    assert sum(part.changed for part in face.parts) == face.mask.sum()
    assert [part.share for part in other.parts] == [0] * 7
    assert not face.by_landmarks


def test_the_part_that_was_edited_holds_the_change() -> None:
    # Average places in a box of 60: the mouth lies around (20 + 30, 20 + 48), the eyes around (38, 43) and (62, 43).
    for name, box in {
        "mouth": Box(44, 65, 56, 72),
        "eyes": Box(33, 39, 43, 46),
        "outside": Box(82, 82, 92, 92),
    }.items():
        face, _ = compare_faces(crowd(), edited(box), detector=Says(TWO)).faces
        shares = {part.name: part.share for part in face.parts}
        assert shares[name] > 0.9
        assert face.manipulated == (name != "outside")


def test_landmarks_say_where_the_parts_are() -> None:
    points = Landmarks((50, 62), (70, 62), (60, 66), (52, 72), (68, 72))  # the eyes where the mouth was
    (face,) = compare_faces(
        crowd(), edited(Box(46, 58, 54, 66)), detector=Says([Face(Box(20, 20, 80, 80), "frontal", 0.9, points)])
    ).faces
    assert face.by_landmarks
    assert max(face.parts, key=lambda part: part.share).name == "eyes"


def test_eyes_and_smiles_are_no_faces_and_none_at_all_is_an_answer() -> None:
    parts = [Face(Box(20, 20, 30, 30), "eye"), Face(Box(20, 40, 60, 60), "smile")]
    result = compare_faces(crowd(), edited(Box(30, 30, 70, 70)), detector=Says(parts))
    assert result.faces == ()
    assert result.found.manipulated
    assert str(result) == "No face found; the pair is manipulated elsewhere"
    assert str(compare_faces(crowd(), crowd(), detector=Says([]))) == "No face found"


def test_a_result_reads_in_one_line() -> None:
    result = compare_faces(crowd(), edited(Box(44, 65, 56, 72)), detector=Says(TWO))
    assert str(result).startswith("1 of 2 faces manipulated; face 60x60 at (20, 20): manipulated, ")
    assert "most in the part 'mouth' (" in str(result)
    assert str(result.faces[1]) == "face 60x60 at (100, 20): not manipulated"
    elsewhere = compare_faces(crowd(), edited(Box(30, 110, 70, 150)), detector=Says(TWO[:1]))
    assert str(elsewhere) == "0 of 1 face manipulated; the pair is manipulated elsewhere"


def test_gray_deep_and_float_pairs_and_faces_at_and_beyond_the_border() -> None:
    faces = [Face(Box(-40, -40, 60, 60)), Face(Box(-10, -10, 400, 400))]
    fake = edited(Box(20, 20, 50, 50))
    kinds: list[tuple[Pixels, Pixels, float | None]] = [
        (crowd()[..., 1].copy(), fake[..., 1].copy(), None),
        (crowd() * np.uint16(257), fake * np.uint16(257), None),
        ((crowd() / 255).astype(np.float32), (fake / 255).astype(np.float32), 1.0),
    ]
    for real, other, data_range in kinds:
        detector = Says(faces)
        result = compare_faces(real, other, detector=detector, data_range=data_range)
        assert [face.manipulated for face in result.faces] == [True, True]
        assert result.faces[1].box == Box(0, 0, 180, 160)
        assert detector.ranges == [result.comparison.data_range]


def test_hundreds_of_faces() -> None:
    faces = [Face(Box(x, y, x + 12, y + 12)) for x in range(0, 168, 12) for y in range(0, 148, 8)]
    result = compare_faces(crowd(), edited(Box(24, 24, 36, 36)), detector=Says(faces))
    assert len(result.faces) == len(faces) == 266
    hit = {face.face.box for face in result.manipulated}
    assert Box(24, 24, 36, 36) in hit
    assert all(box.iou(Box(14, 14, 46, 46)) > 0 for box in hit)


def test_the_default_detector_finds_a_manipulated_portrait() -> None:
    real = skimage.data.astronaut()
    made = manipulate(real, kind="warp", box=Box(196, 80, 258, 160), seed=1)
    result = compare_faces(encode(real, "jpeg", 92), encode(made.fake, "jpeg", 85))
    (face,) = result.faces
    assert face.manipulated
    assert face.by_landmarks


def test_bad_arguments_of_a_comparison_are_named() -> None:
    with pytest.raises(TypeError, match=r"detector must have a method detect, got 'mtcnn'; pass for example facediff"):
        compare_faces(crowd(), crowd(), detector="mtcnn")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="detector must have a method detect, got <class"):
        compare_faces(crowd(), crowd(), detector=MTCNNDetector)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="margin must lie between 0 and 10, got 11"):
        compare_faces(crowd(), crowd(), detector=Says([]), margin=11)
    with pytest.raises(TypeError, match="faces must hold Face, got int at 0"):
        compare_faces(crowd(), crowd(), detector=Says([3]))  # type: ignore[list-item]
    with pytest.raises(ValueError, match="a face must lie within the picture, got 9x9"):
        compare_faces(crowd(), crowd(), detector=Says([Face(Box(500, 0, 509, 9))]))


def test_a_shifted_pair_is_refused() -> None:
    picture = skimage.data.astronaut()
    with pytest.raises(
        ValueError, match=r"must be aligned for their faces to be compared, .*register the fake.*shift of"
    ):
        compare_faces(picture[:-3, :-3], picture[3:, 3:], detector=Says([]))


# Clips.


def frames(*pictures: Pixels) -> list[Any]:
    return [SimpleNamespace(index=index, picture=picture) for index, picture in enumerate(pictures)]


def at(*lefts: int, top: int = 10) -> list[Face]:
    return [Face(Box(left, top, left + 20, top + 20)) for left in lefts]


def lefts(track: FaceTrack) -> list[int]:
    return [face.box.left for face in track.faces]


def test_a_moving_face_is_one_track() -> None:
    (track,) = track_faces(frames(*[textured()] * 4), detector=Says(at(10), at(14), at(18), at(22)))
    assert (track.number, track.frames, lefts(track)) == (0, (0, 1, 2, 3), [10, 14, 18, 22])
    assert str(track) == "face 0: 4 frames from 0 to 3, first 20x20 at (10, 10)"


def test_two_faces_keep_their_tracks_in_whatever_order_they_are_found() -> None:
    first, second = track_faces(frames(*[textured()] * 3), detector=Says(at(10, 50), at(52, 12), at(14, 54)))
    assert (lefts(first), lefts(second)) == ([10, 12, 14], [50, 52, 54])


def test_the_pair_that_overlaps_most_is_linked_first() -> None:
    first, second = track_faces(frames(*[textured()] * 2), detector=Says(at(10), at(16, 11)))
    assert (lefts(first), lefts(second)) == ([10, 11], [16])


def test_a_face_that_jumps_begins_a_new_track() -> None:
    first, second = track_faces(frames(*[textured()] * 2), detector=Says(at(10), at(40)))
    assert (first.frames, second.frames) == ((0,), (1,))
    assert str(first) == "face 0: 1 frame from 0 to 0, first 20x20 at (10, 10)"


@pytest.mark.parametrize(("missed", "tracks"), [(5, 1), (6, 2)])
def test_a_face_may_be_missed_in_five_frames(missed: int, tracks: int) -> None:
    detector = Says(at(10), *[[]] * missed, at(11))
    assert len(track_faces(frames(*[textured()] * (missed + 2)), detector=detector)) == tracks


def test_every_second_frame_can_be_left_out() -> None:
    (track,) = track_faces(frames(*[textured()] * 5), detector=Says(at(10)), every=2)
    assert track.frames == (0, 2, 4)


def test_how_much_must_overlap_can_be_said() -> None:
    answers = at(10), at(15)  # 15 * 20 of 25 * 20 pixels: 0.6
    assert len(track_faces(frames(*[textured()] * 2), detector=Says(*answers), min_iou=0.6)) == 1
    assert len(track_faces(frames(*[textured()] * 2), detector=Says(*answers), min_iou=0.61)) == 2


def test_no_face_and_no_frame_give_no_track() -> None:
    assert track_faces(frames(textured()), detector=Says([])) == ()
    assert track_faces([], detector=Says([])) == ()


def test_a_path_is_read_as_a_clip(tmp_path: Path) -> None:
    write_video(tmp_path / "clip.mp4", [textured()] * 2, rate=25)
    (track,) = track_faces(tmp_path / "clip.mp4", detector=Says(at(10)))
    assert track.frames == (0, 1)


def test_faces_are_extracted_into_numbered_files(tmp_path: Path) -> None:
    pictures = [textured(), 255 - textured()]
    paths = extract_faces(frames(*pictures), tmp_path / "crops", detector=Says(at(10, 50)), margin=0)
    names = ["face000_frame000000.png", "face001_frame000000.png", "face000_frame000001.png", "face001_frame000001.png"]
    assert [path.name for path in paths] == names
    assert sorted(tmp_path.iterdir()) == [tmp_path / "crops"]
    assert sorted(path.name for path in (tmp_path / "crops").iterdir()) == sorted(names)
    np.testing.assert_array_equal(facediff.read_image(paths[3]), pictures[1][10:30, 50:70])


def test_the_tracks_of_the_real_clip_serve_its_fake(tmp_path: Path) -> None:
    tracks = track_faces(frames(*[textured()] * 3), detector=Says(at(10), [], at(11)))
    fake = [255 - textured()] * 3
    (tmp_path / "fake").mkdir()
    paths = extract_faces(frames(*fake), str(tmp_path / "fake"), tracks=iter(tracks), size=32)
    assert [path.name for path in paths] == ["face000_frame000000.png", "face000_frame000002.png"]
    assert facediff.read_image(paths[0]).shape == (32, 32, 3)


def test_nothing_is_left_behind_if_anything_fails(tmp_path: Path) -> None:
    def broken() -> Iterator[Any]:
        yield from frames(textured())
        raise OSError("the clip ends here")

    (tmp_path / "empty").mkdir()
    for folder in ("new", "empty"):
        with pytest.raises(OSError, match="the clip ends here"):
            extract_faces(broken(), tmp_path / folder, detector=Says(at(10)))
    assert [path.name for path in tmp_path.rglob("*")] == ["empty"]


def test_a_folder_that_is_not_empty_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for folder in (tmp_path, tmp_path / "mine.txt"):
        with pytest.raises(FileExistsError, match="must be empty or not exist yet; choose another folder"):
            extract_faces(frames(textured()), folder, detector=Says(at(10)))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


TRACK = FaceTrack(0, (0, 7), (Face(Box(10, 10, 30, 30)),) * 2)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"every": 0}, ValueError, "every must be at least 1, got 0"),
        ({"every": 1.5}, TypeError, "every must be a whole number"),
        ({"detector": 3}, TypeError, "detector must have a method detect, got 3"),
        ({"folder": 3}, TypeError, "folder must be a path, a str or an os.PathLike such as pathlib.Path, got int"),
        (
            {"folder": "no/such/place"},
            FileNotFoundError,
            "there is no folder no/such to make place in; create it first",
        ),
        ({"clip": 3}, TypeError, "clip must be a path or an iterable of frames with index and picture, got int"),
        ({"clip": [3]}, TypeError, "clip must hold frames with index and picture, got int at 0; read them with"),
        ({"clip": np.zeros((2, 9, 9))}, TypeError, "clip must be a path or an iterable of frames .* got ndarray"),
        ({"tracks": TRACK}, TypeError, "tracks must be an iterable of FaceTrack, got FaceTrack; pass track_faces"),
        ({"tracks": 3}, TypeError, "tracks must be an iterable of FaceTrack, got int"),
        ({"tracks": [3]}, TypeError, "tracks must hold FaceTrack, got int at 0"),
        ({"tracks": [TRACK]}, ValueError, "tracks say where the faces are; leave out detector and every, or tracks"),
        (
            {"tracks": [TRACK], "detector": None},
            ValueError,
            "clip must hold every frame of tracks, got none of index 7",
        ),
        ({"tracks": [TRACK], "detector": None, "every": 2}, ValueError, "leave out detector and every, or tracks"),
    ],
)
def test_bad_arguments_of_an_extraction_are_named(
    tmp_path: Path, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    arguments = {"clip": frames(textured()), "folder": tmp_path / "new", "detector": Says(at(10)), **options}
    clip, folder = arguments.pop("clip"), arguments.pop("folder")
    with pytest.raises(error, match=message):
        extract_faces(clip, folder, **arguments)
    assert list(tmp_path.iterdir()) == []


def test_the_least_overlap_is_checked() -> None:
    with pytest.raises(ValueError, match=r"min_iou must lie between 0.01 and 1, got 0"):
        track_faces(frames(textured()), detector=Says([]), min_iou=0)


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ((None,), TypeError, "box must be a Box, got NoneType; make one with facediff.Box"),
        (
            (Box(0, 0, 2, 2), "frontl"),
            ValueError,
            "'smile', got 'frontl'",
        ),
        ((Box(0, 0, 2, 2), "eye", "sure"), TypeError, "score must be a number, got 'sure' (str)"),
        ((Box(0, 0, 2, 2), "eye", float("nan")), ValueError, "score must lie between -inf and inf, got nan"),
        ((Box(0, 0, 2, 2), "eye", 1.0, 3), TypeError, "landmarks must be Landmarks or None, got int"),
    ],
)
def test_what_is_no_face_is_refused(values: tuple[Any, ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        Face(*values)
