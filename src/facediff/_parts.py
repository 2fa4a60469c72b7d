"""The pixels of one region, and the outline along their edges."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from facediff._arrays import Mask
from facediff.regions import Region

# Headings by number, turning right: east, south, west, north. For each the step along the edge, and, seen from the
# corner that is reached, the pixels ahead to the left and to the right.
_STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))
_AHEAD = (((-1, 0), (0, 0)), ((0, 0), (0, -1)), ((0, -1), (-1, -1)), ((-1, -1), (-1, 0)))


def filled(region: Region) -> Mask:
    """Return the pixels on and within a region's contour, holes filled, as a crop by its box."""
    crop = np.zeros((region.box.height, region.box.width), np.uint8)
    corner = np.array((region.box.left, region.box.top), np.int32)
    cv2.drawContours(crop, [(region.contour - corner).reshape(-1, 1, 2)], 0, 1, cv2.FILLED)
    return crop.view(np.bool_)


def outline(crop: Mask) -> npt.NDArray[np.int64]:
    """Return the outer outline of a crop's first component along the edges of its pixels: corners (N, 2) as x, y.

    The polygon is closed, runs clockwise on the screen and encloses exactly the pixels, so its area is their number;
    pixels that touch by a corner only belong together, and the outline touches itself there.
    """
    inside = np.pad(crop, 1)
    start = row, column = divmod(int(np.argmax(inside)), inside.shape[1])  # the first pixel's top left corner
    pixels = inside.tolist()  # read one by one, lists are faster than arrays
    heading = 0
    corners = []
    while True:
        row, column = row + _STEPS[heading][0], column + _STEPS[heading][1]
        (left_row, left_column), (right_row, right_column) = _AHEAD[heading]
        turned = heading
        if pixels[row + left_row][column + left_column]:
            turned = (heading - 1) % 4
        elif not pixels[row + right_row][column + right_column]:
            turned = (heading + 1) % 4
        if turned != heading:
            corners.append((column - 1, row - 1))
            heading = turned
        if (row, column) == start:
            return np.array(corners, np.int64)
