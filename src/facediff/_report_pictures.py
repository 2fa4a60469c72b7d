"""Pictures as a page embeds them: scaled down to a stated side, encoded, as addresses that hold their own data."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from facediff._arrays import Map, Mask, Picture
from facediff.draw import rgb8
from facediff.localise import Localisation
from facediff.regions import Box

SIDE = 1280  # pixels: the longer side of a picture on a page
THUMBNAIL = 128  # and of one in a table
_QUALITY, _THUMBNAIL_QUALITY = 90, 75
_STAGE = 840, 640  # CSS pixels that a picture fills, across or down
_MOST_ENLARGED = 8
_BAR = 256


@dataclass(frozen=True, slots=True)
class Embedded:
    """A picture of a page.

    Attributes
    ----------
    key : str
        What the page's script calls it.
    name : str
        What people call it.
    uri : str
        Its data, as an address.
    width, height : int
        Its size in the pixels that are embedded.
    shown : int
        How many CSS pixels wide it is shown where there is room.
    """

    key: str
    name: str
    alt: str
    uri: str
    width: int
    height: int
    shown: int


class Scale(NamedTuple):
    """The colour bar of the evidence: its picture, and what stands below it, in percent of its width."""

    uri: str
    label: str
    ticks: list[tuple[float, str]]
    mark: float | None  # where regions begin
    mark_text: str


def embed(picture: Picture, *, key: str, name: str, alt: str, data_range: float = 255, side: int = SIDE) -> Embedded:
    """Embed a picture as WebP."""
    pixels = _shrink(picture, side)
    return _embedded(rgb8(pixels, data_range), key, name, alt)


def thumbnail(picture: Picture) -> str:
    """Return a picture for a table, as an address."""
    rgb = rgb8(_shrink(picture, THUMBNAIL), 255)
    return _uri(rgb, ".webp", [cv2.IMWRITE_WEBP_QUALITY, _THUMBNAIL_QUALITY])


def embed_mask(mask: Mask, *, key: str, name: str, alt: str) -> Embedded:
    """Embed a mask white on black, as PNG; of a pixel that stands for several, any that is marked marks it."""
    pixels = np.uint8(255) * (_shrink(mask.astype(np.float32), SIDE) > 0).astype(np.uint8)
    return Embedded(key, name, alt, _uri(pixels, ".png", [cv2.IMWRITE_PNG_BILEVEL, 1]), *_sizes(pixels))


def embed_evidence(evidence: Map, *, tested: bool, alt: str, name: str = "Evidence") -> Embedded:
    """Embed evidence in the colours of `facediff.figures.plot_evidence`."""
    from matplotlib import colormaps

    colors = colormaps["inferno"](_place(_shrink(evidence, SIDE), tested=tested), bytes=True)[..., :3]
    return _embedded(np.ascontiguousarray(colors), "evidence", name, alt)


def evidence_scale(*, tested: bool, threshold: float = math.nan) -> Scale:
    """Return the colour bar: logarithmic where there is a test, and 1 - SSIM where there is none."""
    from matplotlib import colormaps

    from facediff.figures import EVIDENCE_LIMITS

    bar = np.repeat(colormaps["inferno"](np.linspace(0, 1, _BAR), bytes=True)[None, :, :3], 8, axis=0)
    uri = _uri(np.ascontiguousarray(bar), ".png", [])
    mark = 100 * float(_place(threshold, tested=tested)) if math.isfinite(threshold) else None
    if not tested:
        return Scale(
            uri, "1 \N{MINUS SIGN} SSIM", [(0, "0"), (50, "0.5"), (100, "1")], mark, f"threshold, {threshold:.3g}"
        )
    low, high = (round(math.log10(limit)) for limit in EVIDENCE_LIMITS)
    ticks = [(100 * (power - low) / (high - low), f"{10**power:g}") for power in range(low, high + 1)]
    return Scale(uri, "times the coding noise", ticks, mark, f"gate, {threshold:.3g}")


def overlay(width: int, height: int, boxes: list[tuple[int, int, int, int]]) -> dict[str, Any]:
    """Return the boxes over a picture, each x, y, width, height; letters are sized to the picture."""
    return {"width": width, "height": height, "boxes": boxes, "letter": max(width, height) / 36}


def is_tested(found: Localisation) -> bool:
    """Say whether the recipe tests what it finds."""
    return "false_alarm_rate" in found.parameters


def crop_around(picture: Picture, box: Box) -> Picture:
    """Return a region with a quarter of its size around it, as far as the picture goes."""
    x, y = (max(side // 4, 4) for side in (box.width, box.height))
    return picture[Box(box.left - x, box.top - y, box.right + x, box.bottom + y).slices]


def _place(evidence: Any, *, tested: bool) -> Any:
    """Return where evidence lies on its scale, from 0 to 1."""
    if not tested:
        return np.clip(evidence, 0, 1)
    from facediff.figures import EVIDENCE_LIMITS

    low, high = np.log(EVIDENCE_LIMITS)
    return np.clip((np.log(np.maximum(evidence, EVIDENCE_LIMITS[0])) - low) / (high - low), 0, 1)


def _shrink(pixels: npt.NDArray[Any], side: int) -> npt.NDArray[Any]:
    height, width = pixels.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return pixels
    size = max(round(width * factor), 1), max(round(height * factor), 1)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def _embedded(rgb: Picture, key: str, name: str, alt: str) -> Embedded:
    return Embedded(key, name, alt, _uri(rgb, ".webp", [cv2.IMWRITE_WEBP_QUALITY, _QUALITY]), *_sizes(rgb))


def _sizes(pixels: Picture) -> tuple[int, int, int]:
    height, width = pixels.shape[:2]
    factor = min(_STAGE[0] / width, _STAGE[1] / height, _MOST_ENLARGED)
    if factor >= 3:  # pixels are seen as such, and all of one size
        factor = math.floor(factor)
    return width, height, max(round(width * factor), 1)


def _uri(pixels: Picture, suffix: str, parameters: list[int]) -> str:
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    data = base64.b64encode(cv2.imencode(suffix, bgr, parameters)[1].data).decode()
    return f"data:image/{suffix[1:]};base64,{data}"
