"""The surface without curvature that fills a hole: Laplace's equation with the values around the hole given.

Conjugate gradients, each step prepared by one multigrid V-cycle (halved sizes, damped Jacobi sweeps): about ten steps
for a hole of any size and shape. Trottenberg, Oosterlee and Schueller, "Multigrid", Academic Press 2001, sections
2.4 and 7.8.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from facediff._arrays import Mask

Field = npt.NDArray[np.float64]

_STEPS = 50
_DAMPING = 0.8 / 4
_SWEEPS = 2
_COARSEST = 4


def membrane(values: Field, free: Mask, *, tolerance: float = 1e-5) -> Field:
    """Return (h, w) or (h, w, 3) values, those at free pixels replaced by the surface through all the others.

    No free pixel may lie on the border. It stops when a step moves no value by more than `tolerance`.
    """
    surface = values
    residual = _curvature(surface, free)
    prepared = _v_cycle(residual, free)
    direction, size = prepared, _dot(residual, prepared)
    for _ in range(_STEPS):
        bent = -_curvature(direction, free)
        step = size / np.maximum(_dot(direction, bent), 1e-30)
        surface = surface + step * direction
        if np.max(np.abs(step * direction)) <= tolerance:
            break
        before, residual = residual, residual - step * bent
        prepared = _v_cycle(residual, free)
        # Polak and Ribiere's formula, not Fletcher and Reeves': the V-cycle is not quite symmetric.
        turn = _dot(residual - before, prepared) / np.maximum(size, 1e-30)
        direction, size = prepared + turn * direction, _dot(residual, prepared)
    return surface


def like(plane: npt.NDArray[Any], picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a plane (h, w) so that it multiplies gray and colour alike."""
    return plane.reshape(plane.shape + (1,) * (picture.ndim - 2))


def _v_cycle(residual: Field, free: Mask) -> Field:
    """Return roughly the correction that takes the residual away, 0 at fixed pixels."""
    correction = _DAMPING * residual
    for _ in range(_SWEEPS - 1):
        correction = correction + _DAMPING * (residual + _curvature(correction, free))
    height, width = free.shape
    if min(height, width) >= _COARSEST:
        left = residual + _curvature(correction, free)
        half = ((width + 1) // 2, (height + 1) // 2)
        coarse_free = cv2.resize(free.astype(np.float64), half, interpolation=cv2.INTER_AREA) > 0.6
        coarse_free[[0, -1]] = coarse_free[:, [0, -1]] = False
        # A pixel twice as long has four times the curvature.
        coarse = 4 * cv2.resize(left, half, interpolation=cv2.INTER_AREA) * like(coarse_free, left)
        solved = cv2.resize(_v_cycle(coarse, coarse_free), (width, height), interpolation=cv2.INTER_LINEAR)
        correction = correction + solved * like(free, correction)
    for _ in range(_SWEEPS):
        correction = correction + _DAMPING * (residual + _curvature(correction, free))
    return correction


def _curvature(values: Field, free: Mask) -> Field:
    """Return the sum of the four neighbours less four times the pixel itself, 0 at fixed pixels."""
    return np.asarray(cv2.Laplacian(values, cv2.CV_64F, ksize=1) * like(free, values), np.float64)


def _dot(a: Field, b: Field) -> Field:
    return np.asarray(np.sum(a * b, axis=(0, 1)), np.float64)
