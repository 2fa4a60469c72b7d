"""The edits behind `facediff.synthesis`: what each kind puts into a box, on a scale from 0 to 1.

An edit sees a `Scene` and returns the box as it looks when edited in full, with what it drew from the seed. How
much of that reaches the picture (strength, shape, soft edge) is decided once for all kinds, in `facediff.synthesis`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from facediff._arrays import Map, Mask, Picture
from facediff._membrane import like, membrane
from facediff.regions import Box

Drawn = dict[str, float]

_CROSS: npt.NDArray[np.uint8] = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
_INPAINT_RADIUS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """All that an edit may look at."""

    picture: Picture
    limit: float
    box: Box
    inside: Mask = field(repr=False)  # the shape to be edited, of the box's size
    source: Picture | None
    strength: float
    rng: np.random.Generator

    def light(self, box: Box) -> Map:
        """Return a part of the picture as float32 in [0, 1]."""
        return _light(self.picture[box.slices], self.limit)

    def around(self, margin: int) -> tuple[Map, tuple[slice, slice]]:
        """Return the box with its surroundings, as far as the picture reaches, and the box's slices in that."""
        height, width = self.picture.shape[:2]
        left, top = max(self.box.left - margin, 0), max(self.box.top - margin, 0)
        right, bottom = min(self.box.right + margin, width), min(self.box.bottom + margin, height)
        inner = Box.from_xywh(self.box.left - left, self.box.top - top, self.box.width, self.box.height)
        return self.light(Box(left, top, right, bottom)), inner.slices


def shape_in(box: Box, shape: str) -> Mask:
    """Return the pixels of a shape that fills a box: all of them, or those whose centre lies in the ellipse."""
    if shape == "rectangle":
        return np.ones((box.height, box.width), np.bool_)
    x, y = _unit_grid(box)
    return x * x + y * y <= 1


def fade(inside: Mask, feather: float) -> Map:
    """Return how opaque an edit is: 1 in the middle, falling to just above 0 at the edge if `feather` is above 0."""
    padded = np.pad(inside, 1).astype(np.uint8)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    ramp = np.clip(depth / (1 + feather * min(inside.shape) / 2), 0, 1)
    return np.asarray(ramp * ramp * (3 - 2 * ramp), np.float32)


def paste(scene: Scene) -> tuple[Map, Drawn]:
    """Put the source into the box."""
    return _source(scene), {}


def poisson(scene: Scene) -> tuple[Map, Drawn]:
    """Put the source's gradients into the box, and let its colours follow the picture's at the edge.

    Perez, Gangnet and Blake 2003, https://doi.org/10.1145/882262.882269, by their equation for the correction: the
    source plus the smoothest surface that carries the difference to the picture inwards from the edge of the shape.
    `cv2.seamlessClone` solves the whole rectangle around a mask, and so alters pixels outside the mask as well.
    """
    real, source = scene.light(scene.box), _source(scene)
    free = cv2.erode(scene.inside.astype(np.uint8), _CROSS, borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
    edited = source + membrane((real - source).astype(np.float64), free)
    return np.where(like(free, real), edited, real).astype(np.float32), {}


def warp(scene: Scene) -> tuple[Map, Drawn]:
    """Push and bulge what is in the box, the more the nearer to its middle; nothing moves at the edge.

    The displacement stays below a quarter of the half box and its slope below 1, so that nothing folds over.
    """
    real = scene.light(scene.box)
    angle, bulge = scene.rng.uniform(0, 2 * np.pi), scene.rng.uniform(-1, 1)
    x, y = _unit_grid(scene.box)
    reach = np.where(scene.inside, 1 - x * x - y * y, 0) if not scene.inside.all() else (1 - x * x) * (1 - y * y)
    reach = scene.strength * np.clip(reach, 0, None) ** 2
    half_width, half_height = scene.box.width / 2, scene.box.height / 2
    columns = (x - reach * (0.15 * np.cos(angle) + 0.2 * bulge * x) + 1) * half_width - 0.5
    rows = (y - reach * (0.15 * np.sin(angle) + 0.2 * bulge * y) + 1) * half_height - 0.5
    moved = cv2.remap(
        real,
        np.broadcast_to(columns, scene.inside.shape).astype(np.float32),
        np.broadcast_to(rows, scene.inside.shape).astype(np.float32),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(moved, np.float32), {"angle": angle, "bulge": bulge}


def inpaint(scene: Scene) -> tuple[Map, Drawn]:
    """Fill the shape from what surrounds it; Bertalmio et al. 2001, https://doi.org/10.1109/CVPR.2001.990497.

    OpenCV's other method, Telea's, is off by one to two levels on flat ground.
    """
    canvas, inner = scene.around(2 * _INPAINT_RADIUS)
    hole = np.zeros(canvas.shape[:2], np.uint8)
    hole[inner] = scene.inside
    if hole.all():
        raise ValueError(
            f"inpainting needs pixels around what it fills, got box {scene.box} for the whole picture; "
            "pass a smaller box, or shape='ellipse'"
        )
    # OpenCV takes floats one channel at a time, and its weights are made for values up to 255. Of a picture of one row
    # or column it reads memory that was never written: so a line more on each side, hole by hole and pixel by pixel.
    wider = np.pad(hole, 1, mode="edge")
    channels = [
        cv2.inpaint(np.pad(255 * channel, 1, mode="edge"), wider, _INPAINT_RADIUS, cv2.INPAINT_NS)[1:-1, 1:-1] / 255
        for channel in np.atleast_3d(canvas).transpose(2, 0, 1)
    ]
    filled = np.stack(channels, axis=-1).reshape(canvas.shape)
    return np.asarray(filled[inner], np.float32), {}


def recolour(scene: Scene) -> tuple[Map, Drawn]:
    """Shift luma by 4 to 8 % of white, away from where it would clip, and chroma by 4 % in any direction."""
    real = scene.light(scene.box)
    luma = scene.rng.uniform(0.04, 0.08) * (1 if real[scene.inside].mean() < 0.5 else -1)
    hue = scene.rng.uniform(0, 2 * np.pi)
    if real.ndim == 2:
        return np.asarray(real + luma, np.float32), {"luma": luma}
    blue, red = 0.04 * np.cos(hue), 0.04 * np.sin(hue)
    # ITU-R BT.601, chroma to RGB.
    shift = luma + np.array([1.402 * red, -0.344136 * blue - 0.714136 * red, 1.772 * blue])
    return np.asarray(real + shift, np.float32), {"luma": luma, "cb": float(blue), "cr": float(red)}


def smooth(scene: Scene) -> tuple[Map, Drawn]:
    """Smooth texture and keep edges, as skin filters do: a bilateral filter, scaled to the box."""
    sigma = float(np.clip(0.03 * min(scene.box.width, scene.box.height), 1.5, 8))
    reach = round(1.5 * sigma)
    canvas, inner = scene.around(reach)
    return np.asarray(cv2.bilateralFilter(canvas, 2 * reach + 1, 0.15, sigma)[inner], np.float32), {}


def copy_move(scene: Scene) -> tuple[Map, Drawn]:
    """Fill the box with another part of the same picture, one that does not overlap it if there is one."""
    height, width = scene.picture.shape[:2]
    box = scene.box
    right = np.arange(width - box.width + 1) - box.left
    down = np.arange(height - box.height + 1)[:, None] - box.top
    places = np.flatnonzero((abs(right) >= box.width) | (abs(down) >= box.height))
    if not places.size:
        places = np.flatnonzero((right != 0) | (down != 0))
    if not places.size:
        raise ValueError(
            f"copy-move needs another place to copy from, got box {box} for the whole picture; pass a smaller box"
        )
    row, column = divmod(int(scene.rng.choice(places)), right.size)
    origin = Box.from_xywh(column, row, box.width, box.height)
    return scene.light(origin), {"from_left": column, "from_top": row}


class Kind(NamedTuple):
    """One kind of edit, and which arguments of `manipulate` it takes."""

    edit: Callable[[Scene], tuple[Map, Drawn]]
    feather: float | None  # the default; None: the edit makes its own edge and applies strength itself
    needs_source: bool = False


KINDS: dict[str, Kind] = {
    "paste": Kind(paste, 0.3, needs_source=True),
    "poisson": Kind(poisson, 0.0, needs_source=True),
    "warp": Kind(warp, None),
    "inpaint": Kind(inpaint, 0.0),
    "recolour": Kind(recolour, 0.5),
    "smooth": Kind(smooth, 0.5),
    "copy-move": Kind(copy_move, 0.0),
}


def _source(scene: Scene) -> Map:
    """Return the largest centred part of the source with the box's proportions, scaled to the box."""
    assert scene.source is not None  # held by `manipulate`
    height, width = scene.source.shape[:2]
    scale = min(height / scene.box.height, width / scene.box.width)
    part_height = min(max(round(scene.box.height * scale), 1), height)
    part_width = min(max(round(scene.box.width * scale), 1), width)
    part = Box.from_xywh((width - part_width) // 2, (height - part_height) // 2, part_width, part_height)
    light = _light(scene.source[part.slices], scene.limit)
    method = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(light, (scene.box.width, scene.box.height), interpolation=method), np.float32)


def _light(part: Picture, limit: float) -> Map:
    return np.asarray(part / limit, np.float32)


def _unit_grid(box: Box) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the pixel centres of a box as a row of x and a column of y, -1 and 1 at its sides."""
    x: npt.NDArray[np.float64] = (np.arange(box.width, dtype=np.float64) + 0.5) * (2 / box.width) - 1
    y: npt.NDArray[np.float64] = (np.arange(box.height, dtype=np.float64) + 0.5) * (2 / box.height) - 1
    return x[None, :], y[:, None]
