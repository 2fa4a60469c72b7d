"""Masks: hysteresis, holes, gaps and outlines, all on bool arrays, nothing written into an argument."""

from __future__ import annotations

import cv2
import imutils
import numpy as np
import numpy.typing as npt

from facediff._arrays import Mask


def outlines(mask: Mask) -> tuple[list[npt.NDArray[np.int32]], npt.NDArray[np.int32]]:
    """Return the external contours of a mask, and the number of the contour that each pixel lies within, from 1."""
    contours = _external(mask)
    labels = np.zeros(mask.shape, np.int32)
    for label, contour in enumerate(contours, start=1):
        cv2.drawContours(labels, [contour], 0, label, cv2.FILLED)
    return contours, labels


def connected_to(seeds: Mask, weak: Mask) -> Mask:
    """Return the components of `weak` that hold a seed: hysteresis."""
    count, labels = components(weak)
    kept = np.zeros(count + 1, np.bool_)
    kept[labels.ravel()[np.flatnonzero(seeds & weak)]] = True
    kept[0] = False
    return np.asarray(kept.take(labels), np.bool_)


def components(mask: Mask) -> tuple[int, npt.NDArray[np.int32]]:
    """Return the number of 8-connected components and their labels, from 1."""
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    return count - 1, np.asarray(labels, np.int32)


def grow(mask: Mask, pixels: int) -> Mask:
    """Return the mask grown by a square of `pixels` on all sides."""
    size = 2 * pixels + 1
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((size, size), np.uint8)), np.bool_)


def shrink(mask: Mask, pixels: int) -> Mask:
    """Return the mask without a rim of `pixels`; the picture's border is no rim."""
    size = 2 * pixels + 1
    kernel = np.ones((size, size), np.uint8)
    eroded = cv2.erode(mask.astype(np.uint8), kernel, borderType=cv2.BORDER_CONSTANT, borderValue=1)
    return np.asarray(eroded, np.bool_)


def close_gaps(mask: Mask, radius: int) -> Mask:
    """Return the mask with gaps up to twice `radius` wide closed: grown and shrunk again by a disk.

    Distances are those of a chamfer mask of 5x5, true to 2 %, in a quarter of the time that exact ones take.
    """
    margin = radius + 1
    padded = np.pad(mask, margin).view(np.uint8)
    near = cv2.distanceTransform(1 - padded, cv2.DIST_L2, cv2.DIST_MASK_5) <= radius
    far = cv2.distanceTransform(near.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5) > radius
    return np.asarray(far[margin:-margin, margin:-margin], np.bool_)


def fill_holes(mask: Mask, *, share: float) -> Mask:
    """Return the mask with the holes filled that are smaller than `share` of the component around them."""
    filled = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(filled, _external(mask), -1, 1, cv2.FILLED)
    whole: Mask = filled.view(np.bool_)
    if np.isinf(share) or np.array_equal(whole, mask):
        return np.asarray(whole, np.bool_)
    holes = np.pad(~mask, 1, constant_values=True).view(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(holes, connectivity=4)
    outside = labels[0, 0]
    labels = labels[1:-1, 1:-1]
    _, owners = components(mask)
    sizes = np.bincount(owners.ravel())
    small = np.zeros(count, np.bool_)
    for label in range(1, count):
        if label != outside:
            left, top, width, _, area = stats[label]
            row = labels[top - 1, left - 1 : left - 1 + width]  # stats count from the padding's corner
            # In reading order a hole's first pixel has the component around it on its left.
            around = owners[top - 1, left - 2 + int(np.argmax(row == label))]
            small[label] = area <= share * sizes[around]
    return np.asarray(mask | small.take(np.asarray(labels, np.int32)), np.bool_)


def _external(mask: Mask) -> list[npt.NDArray[np.int32]]:
    return list(
        imutils.grab_contours(cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE))
    )
