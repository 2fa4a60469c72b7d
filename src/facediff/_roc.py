"""How well a score tells fakes from reals: the receiver operating characteristic."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


class Roc(NamedTuple):
    """The receiver operating characteristic of a score.

    Attributes
    ----------
    false_alarms : ndarray of float64, (N,)
        Share of the reals that score `thresholds` or more, rising from 0 to 1.
    detections : ndarray of float64, (N,)
        Share of the fakes that do.
    thresholds : ndarray of float64, (N,)
        Falling: infinity, then each score that occurs.
    area : float
        Below the curve, in [0, 1]: how often a fake scores above a real, ties counted half; 1 = always, 0.5 = by
        chance.
    """

    false_alarms: npt.NDArray[np.float64]
    detections: npt.NDArray[np.float64]
    thresholds: npt.NDArray[np.float64]
    area: float


def measure_roc(fake: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64]) -> Roc:
    """Measure it exactly: one point for each score that occurs, so that ties are one step."""
    order = np.argsort(-scores, kind="stable")
    falling, hits = scores[order], fake[order]
    last = np.flatnonzero(np.append(np.diff(falling) != 0, True))  # of each run of equal scores
    detected, alarmed = np.cumsum(hits)[last], np.cumsum(~hits)[last]
    detections = np.append(0, detected) / hits.sum()
    false_alarms = np.append(0, alarmed) / (~hits).sum()
    area = float(np.sum(np.diff(false_alarms) * (detections[1:] + detections[:-1]) / 2))
    return Roc(false_alarms, detections, np.append(np.inf, falling[last]), area)


def check_scores(labels: object, scores: object) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """Let in one label and one finite score for each clip, of both kinds some."""
    fake = _check_labels(labels)
    values: npt.NDArray[Any] = np.asarray(scores)
    if values.dtype.kind not in "iuf":
        raise TypeError(f"scores must be numbers, got {values.dtype.name}; more = more surely fake")
    if values.ndim != 1 or values.shape != fake.shape:
        raise ValueError(f"labels and scores must be of one length, got shapes {fake.shape} and {values.shape}")
    unfit = np.flatnonzero(~np.isfinite(values))
    if unfit.size:
        raise ValueError(
            f"scores must be finite, got {unfit.size} NaN or infinite ones, the first at {unfit[0]}; "
            "leave those clips out, with their labels"
        )
    if fake.all() or not fake.any():
        raise ValueError(f"labels must name both fakes and reals, got {int(fake.sum())} fakes of {fake.size}")
    return fake, values.astype(np.float64)


def _check_labels(labels: object) -> npt.NDArray[np.bool_]:
    values: npt.NDArray[Any] = np.asarray(labels)
    if values.ndim != 1:
        raise ValueError(f"labels must be one for each clip, got shape {values.shape}")
    if values.dtype == np.bool_:
        return values
    others = [word for word in values.tolist() if not (isinstance(word, str) and word in ("FAKE", "REAL"))]
    if others:
        raise ValueError(f'labels must be bool, True = fake, or "FAKE" and "REAL", got {others[0]!r}')
    return np.asarray(values == "FAKE", np.bool_)
