"""Which faces of a pair were manipulated, and what part of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from facediff import _face_parts, _shapes
from facediff._arrays import Mask, Picture, frozen
from facediff._face_crops import MARGIN, check_margin, crop_box
from facediff._face_finding import check_detector, whole_faces
from facediff._face_values import Face, FaceDetector, clip
from facediff._registration import MisalignedError
from facediff.compare import Comparison, compare_images
from facediff.localise import Localisation, find_regions
from facediff.regions import Box

# A found region is of a face if this share of it lies in the face's box, or if it covers this share of the box. What
# coding smears from one edited face into its neighbour's box does neither.
_MOSTLY, _COVERED = 0.5, 0.1


@dataclass(frozen=True, slots=True)
class FacePart:
    """How much of the change lies in one part of a face.

    Attributes
    ----------
    name : {"eyes", "nose", "mouth", "forehead", "cheeks", "jaw", "outside"}
        The part; "outside" is what the crop holds around the face.
    area : int
        Its pixels in the crop.
    changed : int
        Those of them that the found mask marks.
    share : float
        Of the whole change in the crop, the share that lies in this part, in [0, 1]: the difference summed over the
        marked pixels. 0 if nothing is marked.
    """

    name: str
    area: int
    changed: int
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class ComparedFace:
    """One face of a compared pair.

    Attributes
    ----------
    face : Face
        As it was found on the real side.
    box : Box
        What was cut out of both pictures: the face's box with a margin, clipped to the picture.
    comparison : Comparison
        Of the two crops.
    mask : ndarray of bool, (h, w)
        The changed pixels of the crop, as found in the whole pair; read-only.
    manipulated : bool
        Whether a region that was found in the whole pair lies mostly in the face's box, or covers a tenth of it.
    changed : float
        Share of the face's box that is marked as changed, in [0, 1].
    strength : float
        Mean evidence over these pixels, in times the coding noise; 0 if there is none.
    parts : tuple of FacePart
        Eyes, nose, mouth, forehead, cheeks, jaw and what is outside, in this order.
    by_landmarks : bool
        Whether the parts follow the face's landmarks. If not, they lie where they do on average in the square box that
        a cascade draws around a frontal face.
    """

    face: Face
    box: Box
    comparison: Comparison
    mask: Mask = field(repr=False)
    manipulated: bool
    changed: float
    strength: float
    parts: tuple[FacePart, ...]
    by_landmarks: bool

    def __str__(self) -> str:
        """Place, verdict, how much of it changed and where most, in one line."""
        if not self.manipulated:
            return f"face {self.face.box}: not manipulated"
        most = max(self.parts, key=lambda part: part.share)
        return (
            f"face {self.face.box}: manipulated, {self.changed:.0%} of it, most in the part {most.name!r} "
            f"({most.share:.0%} of the change)"
        )


@dataclass(frozen=True, slots=True, eq=False)
class FaceComparison:
    """What `compare_faces` found; frozen.

    Attributes
    ----------
    faces : tuple of ComparedFace
        The faces of the real picture, as the detector orders them: the surest first.
    comparison : Comparison
        Of the whole pair.
    found : Localisation
        What was found in the whole pair, faces or not.
    """

    faces: tuple[ComparedFace, ...]
    comparison: Comparison = field(repr=False)
    found: Localisation = field(repr=False)

    @property
    def manipulated(self) -> tuple[ComparedFace, ...]:
        """The faces that were manipulated."""
        return tuple(face for face in self.faces if face.manipulated)

    def __str__(self) -> str:
        """How many faces were manipulated, and where, in one line."""
        chosen = self.manipulated
        elsewhere = "; the pair is manipulated elsewhere" if self.found.manipulated and not chosen else ""
        if not self.faces:
            return f"No face found{elsewhere}"
        places = "".join(f"; {face}" for face in chosen)
        count = f"{len(self.faces)} face{'' if len(self.faces) == 1 else 's'}"
        return f"{len(chosen)} of {count} manipulated{places}{elsewhere}"


def compare_faces(
    real: Picture,
    fake: Picture,
    *,
    detector: FaceDetector | None = None,
    margin: float = MARGIN,
    data_range: float | None = None,
) -> FaceComparison:
    """Compare the faces of a real and a fake picture: which were manipulated, and what part of them.

    The faces are found on the real side, and each box serves both pictures. The verdict comes from the whole pair, by
    `facediff.find_regions` as it is by default: a crop alone shows too little of what coding does.

    Parameters
    ----------
    real, fake : ndarray, (H, W) or (H, W, 3)
        Two aligned pictures, gray or RGB: uint8, uint16, float32 or float64. They are not written to.
    detector : FaceDetector, optional
        What finds the faces; ``MTCNNDetector()`` by default. Make one yourself for many pairs: its models are then
        loaded once.
    margin : float
        How much of the surroundings each crop holds, see `crop_face`.
    data_range : float, optional
        The value of white. Needed for float pictures.

    Returns
    -------
    FaceComparison
        Each face with its verdict, its parts and the comparison of its crops. No face is an answer, too.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If the pictures do not fit each other or are shifted by more than half a pixel, `margin` is out of its range,
        or a crop is smaller than the 7 pixels that SSIM needs.
    ImportError
        If the default detector's package is missing.

    Examples
    --------
    >>> import skimage
    >>> from facediff.faces import LBPDetector, compare_faces
    >>> real = skimage.data.astronaut()
    >>> fake = real.copy()
    >>> fake[85:165, 190:262] = fake[85:165, 190:262][:, ::-1]
    >>> result = compare_faces(real, fake, detector=LBPDetector())
    >>> len(result.faces), len(result.manipulated)
    (1, 1)
    """
    finder = check_detector(detector)
    check_margin(margin)
    comparison = compare_images(real, fake, data_range=data_range)
    try:
        found = find_regions(comparison)
    except MisalignedError as error:
        raise ValueError(
            "real and fake must be aligned for their faces to be compared, got a pair that is shifted; "
            f"register the fake onto the real first ({str(error).partition(';')[0]})"
        ) from error
    faces = whole_faces(finder, comparison.real, comparison.data_range)
    _, labels = _shapes.outlines(found.mask)
    regions = _Regions(labels, np.bincount(labels.ravel()))
    compared = tuple(_compare_face(face, comparison, found, regions, margin) for face in faces)
    return FaceComparison(compared, comparison, found)


class _Regions(NamedTuple):
    """The found regions: the number of each pixel's, from 1, and the pixels of each."""

    labels: npt.NDArray[np.int32]
    sizes: npt.NDArray[np.intp]

    def any_of(self, box: Box) -> bool:
        """Say whether a region lies mostly in a box, or covers enough of it."""
        here = np.bincount(self.labels[box.slices].ravel(), minlength=self.sizes.size)
        of_box = (here >= _MOSTLY * self.sizes) | (here >= _COVERED * box.area)
        return bool((of_box & (here > 0))[1:].any())


def _compare_face(
    face: Face, comparison: Comparison, found: Localisation, regions: _Regions, margin: float
) -> ComparedFace:
    place = crop_box(face.box, comparison.shape, margin)
    crops = compare_images(
        comparison.real[place.slices], comparison.fake[place.slices], data_range=comparison.data_range
    )
    inside = clip(face.box, comparison.shape)
    assert inside is not None  # crop_box has refused what lies outside
    marked = found.mask[inside.slices]
    return ComparedFace(
        face=face,
        box=place,
        comparison=crops,
        mask=frozen(found.mask[place.slices]),
        manipulated=regions.any_of(inside),
        changed=float(marked.mean()),
        strength=float(found.evidence[inside.slices][marked].mean()) if marked.any() else 0.0,
        parts=_parts(face, place, found.mask[place.slices], crops.difference),
        by_landmarks=face.landmarks is not None,
    )


def _parts(face: Face, place: Box, mask: Mask, difference: Picture) -> tuple[FacePart, ...]:
    labels = _face_parts.label_parts(face, place)
    count = len(_face_parts.NAMES)
    areas = np.bincount(labels.ravel(), minlength=count)
    changed = np.bincount(labels[mask], minlength=count)
    change = np.bincount(labels[mask], weights=difference[mask].astype(np.float64), minlength=count)
    shares = change / max(float(change.sum()), np.finfo(float).tiny)
    return tuple(
        FacePart(name, int(areas[part]), int(changed[part]), float(shares[part]))
        for part, name in enumerate(_face_parts.NAMES)
    )
