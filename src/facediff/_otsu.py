"""The recipe "otsu": SSIM map, Otsu's threshold, external contours, boxes."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from facediff._arrays import Map
from facediff._recipe import Found, Recipe
from facediff._regions_of_mask import regions_of_mask
from facediff.compare import Comparison


def _find(comparison: Comparison, parameters: dict[str, float]) -> Found:
    """SSIM map, Otsu, external contours, boxes: the published recipe, clipped where others wrap."""
    evidence: Map = 1 - np.clip(comparison.ssim_map, 0, 1)
    counted = comparison.where
    if counted is not None:
        evidence[~counted] = 0
    if comparison.identical:
        return Found(False, (), np.zeros(evidence.shape, np.bool_), evidence, np.inf, np.nan)
    threshold = _otsu(evidence if counted is None else evidence[counted])
    mask = evidence > threshold
    if counted is not None:
        mask &= counted
    mask, regions = regions_of_mask(mask, evidence, comparison, min_area=int(parameters["min_area"]))
    return Found(bool(regions), regions, mask, evidence, threshold, np.nan)


def _otsu(evidence: npt.NDArray[np.float32]) -> float:
    """Return Otsu's threshold of values in [0, 1], in 256 levels; below all of them if they share one level."""
    levels = cv2.addWeighted(evidence.reshape(-1, 1), 255, evidence.reshape(-1, 1), 0, 0, dtype=cv2.CV_8U)
    if levels.min() == levels.max():
        return float(np.nextafter(np.float32(evidence.min()), np.float32(-1)))
    level, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float((level + 0.5) / 255)


OTSU = Recipe(1, _find, {"min_area": 1})
