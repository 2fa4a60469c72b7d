"""Faces: found by several detectors behind one interface, drawn, cut out, followed through clips, compared.

A detector is anything with a method ``detect(picture)`` that returns a tuple of `Face`. `MTCNNDetector` is the default
everywhere: it finds frontal and turned faces with their eyes, nose and mouth. `HaarDetector` and `LBPDetector` are the
classic cascades.

Pictures are gray or RGB, of uint8, uint16 or float with a stated `data_range`; detectors look at them in 8 bits, crops
keep their dtype.
"""

from __future__ import annotations

from facediff._face_clips import ClipFrame, extract_faces, track_faces
from facediff._face_comparison import ComparedFace, FaceComparison, FacePart, compare_faces
from facediff._face_crops import crop_face, crop_pair
from facediff._face_drawing import COLORS, draw_faces
from facediff._face_tracks import FaceTrack
from facediff._face_values import Face, FaceDetector, FaceKind, Landmarks
from facediff._haar import HaarDetector
from facediff._lbp import LBPDetector
from facediff._mtcnn import MTCNNDetector

__all__ = [
    "COLORS",
    "ClipFrame",
    "ComparedFace",
    "Face",
    "FaceComparison",
    "FaceDetector",
    "FaceKind",
    "FacePart",
    "FaceTrack",
    "HaarDetector",
    "LBPDetector",
    "Landmarks",
    "MTCNNDetector",
    "compare_faces",
    "crop_face",
    "crop_pair",
    "draw_faces",
    "extract_faces",
    "track_faces",
]
