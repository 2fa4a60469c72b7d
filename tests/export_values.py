"""Results with any mask, and what their regions are by another way: scipy's."""

from __future__ import annotations

import dataclasses
import json
import warnings

import cv2
import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_masks
from scipy import ndimage

import facediff
from facediff import Box, Localisation, Region

_REAL = np.full((64, 64, 3), 90, np.uint8)
SOME = facediff.find_regions(facediff.compare_images(_REAL, _REAL))

masks = st.tuples(st.integers(1, 14), st.integers(1, 14)).flatmap(lambda shape: arrays(np.bool_, shape))

RING = np.zeros((12, 16), bool)
RING[2:9, 3:12] = True
RING[4:7, 5:10] = False
RING[5, 6] = True  # an island in the hole: it belongs to the ring
TWO = RING.copy()
TWO[10:12, 0:2] = True


def found_with(mask: np.ndarray, **changes: object) -> Localisation:
    """Return a result of which `mask` is the mask: its external contours are the regions."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    pixels = pixels_of_regions(mask)
    regions = []
    for contour in contours:
        x, y = contour[0, 0]
        (own,) = [each for each in pixels if each[y, x]]
        regions.append(region_at(Box.from_xywh(*cv2.boundingRect(contour)), contour[:, 0], area=int(own.sum())))
    evidence = np.where(mask, np.float32(9), np.float32(1))
    values = {"manipulated": bool(regions), "regions": tuple(regions), "mask": mask, "evidence": evidence} | changes
    return dataclasses.replace(SOME, **values)


def region_at(box: Box, contour: np.ndarray, *, area: int = 1, strength: float = 2.5) -> Region:
    return Region(box, area, contour, strength, margin=1.5, mean_ssim=0.5, luma_change=-3.0, chroma_change=(1.0, 2.0))


def filled_regions(mask: np.ndarray) -> list[np.ndarray]:
    """Return each connected area with its holes filled."""
    labels, count = ndimage.label(ndimage.binary_fill_holes(mask), structure=np.ones((3, 3)))
    return [labels == number for number in range(1, count + 1)]


def pixels_of_regions(mask: np.ndarray) -> list[np.ndarray]:
    """Return the changed pixels of each connected area."""
    return [area & mask for area in filled_regions(mask)]


def by_place(masks: list[np.ndarray]) -> list[bytes]:
    """Return masks in an order that does not depend on how they were numbered."""
    return sorted(np.ascontiguousarray(mask, np.bool_).tobytes() for mask in masks)


def coco_mask(rle: dict[str, object]) -> np.ndarray:
    """Return what pycocotools reads from a code that went through JSON."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)  # its own, under NumPy 2
        return coco_masks.decode(json.loads(json.dumps(rle))).astype(bool)
