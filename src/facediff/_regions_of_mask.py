"""From a mask to its regions, with what each of them measures."""

from __future__ import annotations

import cv2
import numpy as np

from facediff import _shapes
from facediff._arrays import Map, Mask, frozen
from facediff.compare import Comparison
from facediff.regions import Box, Region


def regions_of_mask(
    mask: Mask,
    evidence: Map,
    comparison: Comparison,
    *,
    min_area: int,
    tested: Map | None = None,
    limit: float = np.nan,
) -> tuple[Mask, tuple[Region, ...]]:
    """Return the regions of a mask, strongest first, and the mask without those below `min_area` pixels.

    A region is an external contour with all marked pixels within it: what lies in a hole of it belongs to it. Its
    margin is the largest evidence of its cells that was `tested`, over the `limit`; not a number if nothing was.
    """
    from facediff import _cells, _pixels

    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    bounds = (slice(top, top + height), slice(left, left + width))
    contours, labels = _shapes.outlines(mask[bounds])
    corner = np.array((left, top), np.int32)
    labels[~mask[bounds]] = 0
    sums = _pixels.sums_of_labels(
        labels,
        len(contours),
        *(whole[bounds] for whole in (evidence, comparison.ssim_map, comparison.real, comparison.fake)),
    )
    areas = sums[:, 0].astype(np.int64)
    margins = np.full(areas.size, np.nan)
    if tested is not None:
        place = {"cell": _cells.CELL, "top": top, "left": left}
        margins = _pixels.largest_of_labels(labels, len(contours), tested, **place) / limit
    strength, ssim, *changes = (sums[:, 1:] / np.maximum(sums[:, :1], 1)).T
    if comparison.real.ndim == 2:
        luma = changes[0]
        blue_chroma = red_chroma = np.zeros_like(luma)
    else:
        red, green, blue = changes
        luma = 0.299 * red + 0.587 * green + 0.114 * blue
        blue_chroma, red_chroma = (blue - luma) / 1.772, (red - luma) / 1.402
    kept = [
        Region(
            box=Box.from_xywh(*cv2.boundingRect(contour)),
            area=int(areas[label]),
            contour=frozen(contour.reshape(-1, 2)),
            strength=float(strength[label]),
            margin=float(margins[label]),
            mean_ssim=float(ssim[label]),
            luma_change=float(luma[label]),
            chroma_change=(float(blue_chroma[label]), float(red_chroma[label])),
        )
        for label, contour in enumerate((contour + corner for contour in contours), start=1)
        if areas[label] >= min_area
    ]
    if len(kept) < len(contours):
        mask = mask.copy()
        mask[bounds] = np.concatenate(([False], areas[1:] >= min_area))[labels]
    kept.sort(key=lambda region: (-region.strength, region.box))
    return mask, tuple(kept)
