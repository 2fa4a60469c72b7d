"""The page of compared faces shows the right crops and bars, and leaves no trace elsewhere."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import skimage.data
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from facediff import Box
from facediff.face_figures import faces_figure, plot_parts
from facediff.faces import Face, FaceComparison, Landmarks, compare_faces

LEFT, RIGHT = Face(Box(20, 20, 80, 80)), Face(Box(100, 20, 160, 80))


class Says:
    def __init__(self, *faces: Face) -> None:
        self.faces = faces

    def detect(self, picture: Any, *, data_range: float | None = None) -> tuple[Face, ...]:  # noqa: ARG002
        return self.faces


@cache
def compared(*faces: Face) -> FaceComparison:
    real = np.ascontiguousarray(skimage.data.astronaut()[200:360, 100:280])
    fake = real.copy()
    fake[30:70, 110:150] = fake[30:70, 110:150][:, ::-1] // 2 + 60
    return compare_faces(real, fake, detector=Says(*faces))


def panel(figure: Figure, name: str) -> Axes:
    (found,) = [ax for ax in figure.axes if ax.get_label() == name]
    return found


def title(figure: Figure, name: str) -> str:
    return panel(figure, name).get_title(loc="left")


def test_manipulated_faces_come_first_each_with_its_crops() -> None:
    result = compared(LEFT, RIGHT)
    figure = faces_figure(result)
    assert figure.get_suptitle() == "1 of 2 faces manipulated"
    assert "Found in the whole pair by recipe noise-aware (version 1)" in [text.get_text() for text in figure.texts]
    first, second = result.faces[1], result.faces[0]
    for number, face in ((1, first), (2, second)):
        np.testing.assert_array_equal(panel(figure, f"real {number}").images[0].get_array(), face.comparison.real)
        np.testing.assert_array_equal(panel(figure, f"fake {number}").images[0].get_array(), face.comparison.fake)
        shown = panel(figure, f"difference {number}").images[0]
        np.testing.assert_array_equal(shown.get_array(), face.comparison.difference)
        assert shown.norm.vmax == 255 / 4
        assert title(figure, f"real {number}") == f"Real, face {number}"
        assert panel(figure, f"real {number}").get_xlabel() == str(face.face.box)
    assert title(figure, "fake 1") == f"Fake, {first.changed:.0%} manipulated"
    assert title(figure, "fake 2") == "Fake, not manipulated"


def test_the_bars_are_the_shares_of_the_parts() -> None:
    (face,) = compared(RIGHT).faces
    ax = plot_parts(face)
    widths = [bar.get_width() for bar in ax.patches]
    assert widths == pytest.approx([100 * part.share for part in face.parts])
    assert [label.get_text() for label in ax.get_yticklabels()] == [part.name for part in face.parts]
    assert ax.get_title(loc="left") == "Parts (average face)"
    assert ax.get_xlim() == (0, 115)
    points = Landmarks((118, 44), (142, 44), (130, 58), (120, 68), (140, 68))
    (by_points,) = compared(Face(RIGHT.box, "frontal", 0.9, points)).faces
    assert plot_parts(by_points).get_title(loc="left") == "Parts"


def test_the_parts_are_outlined_on_the_real_crop_where_the_crop_holds_them() -> None:
    figure = faces_figure(compared(RIGHT))
    assert len(panel(figure, "real 1").collections) == 6
    assert not panel(figure, "fake 1").collections
    # A crop that ends below the eyes holds neither forehead nor eyes.
    points = Landmarks((118, -40), (142, -40), (130, -20), (120, -10), (140, 5))
    low = faces_figure(compared(Face(Box(100, 0, 160, 60), "frontal", 0.9, points)))
    assert 0 < len(panel(low, "real 1").collections) < 6


def test_of_many_faces_eight_are_shown_and_the_rest_counted() -> None:
    figure = faces_figure(compared(*[LEFT] * 9, RIGHT))
    assert title(figure, "fake 1").endswith("% manipulated")
    assert not [ax for ax in figure.axes if ax.get_label() == "real 9"]
    assert [text.get_text() for text in figure.texts][-1] == "2 more not shown"


def test_panels_lie_within_the_page_and_do_not_overlap() -> None:
    figure = faces_figure(compared(LEFT, RIGHT, Face(Box(0, 0, 180, 30)), Face(Box(0, 0, 20, 160))), width=8)
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [ax.get_tightbbox(renderer) for ax in figure.axes if ax.get_label()[:1] in "rfdp"]
    assert len(boxes) == 16
    for place, box in enumerate(boxes):
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= figure.bbox.width
        assert box.y1 <= figure.bbox.height
        for other in boxes[place + 1 :]:
            across, down = min(box.x1, other.x1) - max(box.x0, other.x0), min(box.y1, other.y1) - max(box.y0, other.y0)
            assert min(across, down) <= 1


def test_what_cannot_be_shown_is_named() -> None:
    with pytest.raises(TypeError, match=r"result must be a FaceComparison, got int; make one with facediff.faces.comp"):
        faces_figure(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"result must hold a face, got none; show the pair with facediff.difference"):
        faces_figure(compared())
    with pytest.raises(ValueError, match="width must be at least 8 inches"):
        faces_figure(compared(LEFT), width=3)
    with pytest.raises(TypeError, match=r"face must be a ComparedFace, got Face; take one of compare_faces"):
        plot_parts(LEFT)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="ax must be matplotlib Axes, got int"):
        plot_parts(compared(LEFT).faces[0], ax=3)  # type: ignore[arg-type]
