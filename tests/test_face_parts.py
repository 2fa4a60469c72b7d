"""The parts of a face lie where its landmarks say, whatever its size, place and tilt."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facediff import Box
from facediff._face_parts import NAMES, label_parts, landmarks_of
from facediff.faces import Face, Landmarks

FRAME = Box(0, 0, 200, 200)
# Eyes 40 apart, the mouth 46.4 = 1.16 * 40 below them: a face seen from the front.
POINTS = np.array([(80, 70), (120, 70), (100, 95), (84, 116.4), (116, 116.4)])


def face(points: np.ndarray) -> Face:
    return Face(Box(60, 40, 140, 140), landmarks=Landmarks(*((float(x), float(y)) for x, y in points)))


def part_at(labels: np.ndarray, x: float, y: float) -> str:
    return NAMES[labels[round(y), round(x)]]


def turned(points: np.ndarray, angle: float, scale: float = 1.0) -> np.ndarray:
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return (points - 100) @ turn.T * scale + 100


# A place in each part of the face above, worked out by hand from the geometry: unit 40, eyes in (100, 70), so the face
# is an ellipse of half axes 44 and 56 around (100, 90).
PLACES = {
    "eyes": (80, 70),
    "nose": (100, 90),
    "mouth": (100, 116),
    "forehead": (100, 45),
    "cheeks": (68, 95),
    "jaw": (100, 138),
    "outside": (100, 150),
}


@pytest.mark.parametrize(("name", "place"), PLACES.items())
def test_each_part_lies_where_the_geometry_puts_it(name: str, place: tuple[int, int]) -> None:
    assert part_at(label_parts(face(POINTS), FRAME), *place) == name


@given(angle=st.floats(-3.1, 3.1), scale=st.floats(0.5, 1.2))
@settings(max_examples=40, deadline=None)
def test_the_parts_turn_and_grow_with_the_face(angle: float, scale: float) -> None:
    labels = label_parts(face(turned(POINTS, angle, scale)), FRAME)
    places = turned(np.array(list(PLACES.values()), float), angle, scale)
    for name, place in zip(PLACES, places, strict=True):
        assert part_at(labels, *place) == name


def test_the_face_is_an_ellipse_of_stated_size() -> None:
    labels = label_parts(face(POINTS), FRAME)
    inside = labels != NAMES.index("outside")
    y, x = np.mgrid[:200, :200]
    # Eyes and lips may reach a little beyond the ellipse; here they do not.
    np.testing.assert_array_equal(inside, ((x - 100) / 44) ** 2 + ((y - 90) / 56) ** 2 <= 1)


def test_a_crop_holds_the_same_parts_as_the_whole() -> None:
    whole, crop = label_parts(face(POINTS), FRAME), Box(70, 60, 150, 130)
    np.testing.assert_array_equal(label_parts(face(POINTS), crop), whole[crop.slices])


def test_a_turned_head_is_measured_from_its_eyes_to_its_mouth() -> None:
    points = POINTS.copy()
    points[:2, 0] = 98, 102  # the eyes have come together
    labels = label_parts(face(points), FRAME)
    assert part_at(labels, 100, 140) == "jaw"
    assert part_at(labels, 100, 40) == "forehead"


def test_eyes_in_one_place_still_have_parts_around_them() -> None:
    points = POINTS.copy()
    points[:2] = 100, 70
    assert part_at(label_parts(face(points), FRAME), 100, 138) == "jaw"


def test_a_face_upside_down_has_its_jaw_above() -> None:
    points = POINTS.copy()
    points[2:, 1] = 140 - points[2:, 1]  # nose and mouth above the eyes, left and right as the picture shows them
    labels = label_parts(face(points), FRAME)
    assert part_at(labels, 100, 5) == "jaw"
    assert part_at(labels, 100, 95) == "forehead"


def test_without_landmarks_they_lie_at_average_places_of_the_box() -> None:
    plain = Face(Box(100, 50, 200, 150))
    assert landmarks_of(plain) == Landmarks((130, 89), (170, 89), (150, 114), (133, 130), (167, 130))
    assert part_at(label_parts(plain, Box(0, 0, 300, 300)), 130, 89) == "eyes"
