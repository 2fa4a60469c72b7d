"""Which detector finds the faces, and what of its answer is a face."""

from __future__ import annotations

from facediff._arrays import Picture
from facediff._face_values import WHOLE, Face, FaceDetector, check_faces
from facediff._mtcnn import MTCNNDetector


def check_detector(detector: FaceDetector | None) -> FaceDetector:
    if detector is None:
        return MTCNNDetector()
    if isinstance(detector, type) or not isinstance(detector, FaceDetector):
        raise TypeError(
            f"detector must have a method detect, got {detector!r}; pass for example facediff.faces.LBPDetector()"
        )
    return detector


def whole_faces(detector: FaceDetector, picture: Picture, data_range: float | None) -> list[Face]:
    """Return the faces of a picture, without eyes and smiles."""
    return [face for face in check_faces(detector.detect(picture, data_range=data_range)) if face.kind in WHOLE]
