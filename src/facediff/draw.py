"""Boxes, contours and labels on a copy of a picture.

What is drawn scales with the picture, so that it reads alike at 480p and at 4K: lines are 1/270 of the shorter side
wide (2 pixels at 480p, 4 at 1080p, 8 at 4K), capital letters about 1/36 of it high. Lines have a thin halo and
labels a filled plate, black or white, whichever stands out from the colour; so they read on any background.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import cv2
import numpy as np

from facediff._arrays import Picture, check_picture, check_whole
from facediff.regions import Box, Region

Color: TypeAlias = tuple[int, int, int]

VERMILION: Final[Color] = (213, 94, 0)
"""The default colour, from the colour-blind safe palette of Okabe and Ito."""

CYCLE: Final[tuple[Color, ...]] = (
    VERMILION,
    (0, 114, 178),
    (0, 158, 115),
    (204, 121, 167),
    (230, 159, 0),
    (86, 180, 233),
)
"""Colours of that palette for things to be told apart, of which each also bears a number."""

_LINE_SHARE = 270  # the shorter side over the width of a line
_LETTER_SHARE = 36  # the shorter side over the height of a capital letter
_LETTER = 22  # that height in pixels at OpenCV's font scale 1
_SCALES = (0.4, 0.2)  # of letters: the smallest chosen by the rule, and to make a long text fit
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_regions(
    picture: Picture,
    regions: Iterable[Region | Box],
    *,
    boxes: bool = True,
    contours: bool = False,
    labels: bool | Sequence[str] = False,
    color: Color = VERMILION,
    thickness: int | None = None,
    data_range: float | None = None,
) -> Picture:
    """Draw regions or boxes on a copy of a picture.

    Parameters
    ----------
    picture : ndarray, (H, W) or (H, W, 3)
        Gray or RGB: uint8, uint16, float32 or float64. It is not written to.
    regions : iterable of Region or Box
        What to draw, strongest first, as in ``found.regions``; the first comes to lie on top. What lies outside the
        picture is clipped.
    boxes : bool
        Whether to draw bounding boxes. The line covers the box's own border pixels (columns `left` and ``right - 1``,
        rows `top` and ``bottom - 1``); what it is thicker than one pixel lies outside of them, except where the
        picture ends.
    contours : bool
        Whether to draw outlines: a region's contour, and a box for a `Box`.
    labels : bool or sequence of str
        True numbers the regions from 1; a sequence gives one text of printable ASCII for each. A label lies above
        its box, or within it where there is no room, always wholly inside the picture; its letters shrink to fit.
    color : tuple of three int
        RGB in 0 to 255; by default Okabe and Ito's vermilion, (213, 94, 0), which is colour-blind safe.
    thickness : int, optional
        Width of the lines in pixels; by default 1/270 of the picture's shorter side.
    data_range : float, optional
        The value of white. Needed for float pictures; for integers the dtype's largest value unless given.

    Returns
    -------
    ndarray of uint8, (H, W, 3)
        A new RGB picture. Other dtypes are scaled from [0, data_range] to 8 bits.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If the picture's shape or values do not fit, the number of labels is not that of the regions, a label is empty
        or not printable ASCII, the colour is outside 0 to 255, or `thickness` is below 1.

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> drawn = facediff.draw_regions(np.zeros((48, 64), np.uint8), [facediff.Box(10, 20, 40, 30)])
    >>> drawn.shape, drawn[20, 10].tolist(), drawn[25, 25].tolist()
    ((48, 64, 3), [213, 94, 0], [0, 0, 0])
    """
    checked, limit = check_picture(picture, data_range=data_range)
    chosen = _check_regions(regions)
    texts = _check_labels(labels, len(chosen))
    color = _check_color(color)
    canvas = rgb8(checked, limit)
    if thickness is None:
        thickness = max(1, round(min(canvas.shape[:2]) / _LINE_SHARE))
    elif check_whole(thickness, "thickness") < 1:
        raise ValueError(f"thickness must be at least 1 pixel, got {thickness}")
    for region in reversed(chosen):
        if contours and isinstance(region, Region):
            _draw_contour(canvas, region, int(thickness), color)
        if boxes or (contours and isinstance(region, Box)):
            _draw_box(canvas, _box_of(region), int(thickness), color)
    for region, text in reversed(list(zip(chosen, texts, strict=True))):
        _draw_label(canvas, _box_of(region), text, int(thickness), color)
    return canvas


def rgb8(picture: Picture, data_range: float) -> Picture:
    """Return a checked picture as a new one in 8 bit RGB, for display; NaN turns black."""
    if picture.dtype != np.uint8 or data_range != 255:
        picture = cv2.convertScaleAbs(picture, alpha=255 / data_range)
    return cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB) if picture.ndim == 2 else picture.copy()


def nth_color(number: int) -> Color:
    """Return the colour of the thing of that number, from 1: the cycle, over and over."""
    return CYCLE[(number - 1) % len(CYCLE)]


def _box_of(region: Region | Box) -> Box:
    return region if isinstance(region, Box) else region.box


def _outside(canvas: Picture, box: Box) -> bool:
    height, width = canvas.shape[:2]
    return box.right <= 0 or box.bottom <= 0 or box.left >= width or box.top >= height


def _draw_box(canvas: Picture, box: Box, thickness: int, color: Color) -> None:
    if _outside(canvas, box):
        return
    halo = _halo(thickness)
    left, right = _outer_edges(box.left, box.right, canvas.shape[1], thickness - 1, halo)
    top, bottom = _outer_edges(box.top, box.bottom, canvas.shape[0], thickness - 1, halo)
    for grow, ink in ((halo, contrasting(color)), (0, color)):
        west, north, east, south = left - grow, top - grow, right + grow, bottom + grow
        line = thickness + 2 * grow
        _fill(canvas, west, north, east, north + line, ink)
        _fill(canvas, west, south - line, east, south, ink)
        _fill(canvas, west, north, west + line, south, ink)
        _fill(canvas, east - line, north, east, south, ink)


def _outer_edges(start: int, stop: int, size: int, reach: int, halo: int) -> tuple[int, int]:
    """Return where the lines of a box begin and end along one axis of a picture.

    They reach outwards, but inwards where the picture ends; a side beyond the picture's end is not seen, nor its halo.
    """
    begin = max(start - reach, 0) if start >= 0 else start - reach - halo
    end = min(stop + reach, size) if stop <= size else stop + reach + halo
    return begin, end


def _fill(canvas: Picture, left: int, top: int, right: int, bottom: int, color: Color) -> None:
    canvas[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = color


def _draw_contour(canvas: Picture, region: Region, thickness: int, color: Color) -> None:
    outline = [np.ascontiguousarray(region.contour).reshape(-1, 1, 2)]
    cv2.drawContours(canvas, outline, 0, contrasting(color), thickness + 2 * _halo(thickness))
    cv2.drawContours(canvas, outline, 0, color, thickness)


def _draw_label(canvas: Picture, box: Box, text: str, thickness: int, color: Color) -> None:
    height, width = canvas.shape[:2]
    if not text or _outside(canvas, box):
        return
    scale = max(min(height, width) / _LETTER_SHARE / _LETTER, _SCALES[0])
    while True:
        stroke, pad = max(1, round(1.6 * scale)), max(2, round(7 * scale))
        (letters, ascent), descent = cv2.getTextSize(text, _FONT, scale, stroke)
        across, down = letters + 2 * pad, ascent + descent + 2 * pad
        if across <= width and down <= height:
            break
        scale *= 0.9
        if scale < _SCALES[1]:
            return  # a picture too small for any letter
    reach = thickness - 1
    left = min(max(box.left - reach, 0), width - across)
    top = box.top - reach - down
    if top < 0:
        top = min(max(box.top, 0), height - down)
    _fill(canvas, left, top, left + across, top + down, color)
    origin = (left + pad, top + pad + ascent)
    cv2.putText(canvas, text, origin, _FONT, scale, contrasting(color), stroke, cv2.LINE_AA)


def _halo(thickness: int) -> int:
    return max(1, round(thickness / 3))


def contrasting(color: Color) -> Color:
    """Return black or white, whichever has the higher contrast to a colour (as WCAG 2 defines contrast)."""
    shares = (0.2126, 0.7152, 0.0722)
    luminance = sum(share * (value / 255) ** 2.2 for share, value in zip(shares, color, strict=True))
    return (0, 0, 0) if luminance > 0.179 else (255, 255, 255)


def _check_regions(regions: object) -> list[Region | Box]:
    if isinstance(regions, (Region, Box)) or not isinstance(regions, Iterable):
        raise TypeError(
            f"regions must be an iterable of Region or Box, got {type(regions).__name__}; "
            "pass found.regions, or a list even for one box"
        )
    chosen = list(regions)
    for index, region in enumerate(chosen):
        if not isinstance(region, (Region, Box)):
            raise TypeError(
                f"regions must hold Region or Box, got {type(region).__name__} at {index}; "
                "make one with Box(left, top, right, bottom)"
            )
    return chosen


def _check_labels(labels: object, count: int) -> list[str]:
    """Return one text for each region; empty ones if there are no labels."""
    if isinstance(labels, bool):
        return [str(number) if labels else "" for number in range(1, count + 1)]
    if isinstance(labels, str) or not isinstance(labels, Sequence):
        raise TypeError(
            f"labels must be True, False or a sequence of str, got {type(labels).__name__}; "
            "pass a list even for one label"
        )
    if len(labels) != count:
        raise ValueError(f"labels must hold one text for each region, got {len(labels)} for {count} regions")
    for index, text in enumerate(labels):
        if not isinstance(text, str):
            raise TypeError(f"labels must hold str, got {type(text).__name__} at {index}; convert it with str()")
        if not text or not text.isascii() or not text.isprintable():
            raise ValueError(
                f"labels must be printable ASCII, got {text!r} at {index}; the font that draws them has no more"
            )
    return list(labels)


def _check_color(color: object) -> Color:
    if not isinstance(color, Sequence) or isinstance(color, str) or len(color) != 3:
        raise TypeError(f"color must be three whole numbers (red, green, blue), got {color!r}")
    red, green, blue = (check_whole(value, "color") for value in color)
    if min(red, green, blue) < 0 or max(red, green, blue) > 255:
        raise ValueError(f"color must lie in 0 to 255, got {(red, green, blue)}; it is RGB in 8 bits")
    return red, green, blue


__all__ = ["CYCLE", "VERMILION", "Color", "contrasting", "draw_regions", "nth_color", "rgb8"]
