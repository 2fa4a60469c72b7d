"""Published recipes: the masks of papers and training sets, as their own code makes them.

What each of them is and where it comes from is said by the function that marks it, and for users in `facediff.recipes`.

They were written for 8-bit pictures, so that is what they are given: other depths are rounded to 8 bits first, and a
gray picture counts as three equal channels, which is how their readers load one. Outside `where` both pictures are
black: nothing there has a say. All decide by a fixed number, without a test.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from facediff._arrays import Mask, Picture
from facediff._recipe import Found, Recipe
from facediff._regions_of_mask import regions_of_mask
from facediff.compare import Comparison

# What MATLAB makes of strel('disk', 1) and strel('disk', 5): a cross, and an octagon of 9x9 pixels, not a true disk.
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_OCTAGON = np.asarray(sum(np.abs(np.mgrid[-4:5, -4:5])) <= 6, np.uint8)


class _Marked(NamedTuple):
    """What a published recipe makes of a pair."""

    evidence: Picture
    threshold: float
    mask: Mask


def _find(mark: Callable[[Picture, Picture], _Marked], comparison: Comparison, parameters: dict[str, float]) -> Found:
    """Mark a pair in 8 bits and gather the regions."""
    if comparison.identical:  # some of them divide by the largest difference
        nothing = np.zeros(comparison.shape, np.float32)
        return Found(False, (), np.zeros(comparison.shape, np.bool_), nothing, np.inf, np.nan)
    evidence, threshold, mask = mark(*(_eight_bits(one, comparison) for one in (comparison.real, comparison.fake)))
    if comparison.where is not None:
        mask = mask & comparison.where
    evidence = evidence.astype(np.float32)
    mask, regions = regions_of_mask(mask, evidence, comparison, min_area=int(parameters["min_area"]))
    return Found(bool(regions), regions, mask, evidence, threshold, np.nan)


def _mark_by_ssim(real: Picture, fake: Picture, *, share: float, wrapped: bool) -> _Marked:
    """Mark where 1 - SSIM of the channels, in 8 bits, turned gray, is above a share of 255.

    The winner of the DFDC makes the map [1]_ and cuts it at 0.4 [2]_; SIFDNet [3]_ makes the same map [4]_ and cuts it
    at 0.25, that level included, which no whole number meets. Both write ``(1 - ssim) * 255`` into 8 bits as it is:
    where SSIM is below 0 it wraps round, and what differs most looks alike. That is what `wrapped` does.

    References
    ----------
    .. [1] https://github.com/selimsef/dfdc_deepfake_challenge, preprocessing/generate_diffs.py
    .. [2] The same, training/datasets/classifier_dataset.py: `blackout_random`
    .. [3] https://github.com/joizhang/sifdnet, test.py
    .. [4] The same, preprocessing/generate_diffs.py
    """
    levels = [_dissimilarity(a, b, wrapped=wrapped) for a, b in zip(_planes(real), _planes(fake), strict=True)]
    gray = levels[0] if len(levels) == 1 else cv2.cvtColor(cv2.merge(levels), cv2.COLOR_RGB2GRAY)
    return _cut(gray, share * 255)


def _dissimilarity(real: Picture, fake: Picture, *, wrapped: bool) -> npt.NDArray[np.uint8]:
    from facediff import _ssim

    scaled = (1 - _ssim.exact_map(real, fake, data_range=255.0)) * 255
    # By way of 32 bits: what a float beyond 8 bits turns into is up to the processor, and wraps on most.
    whole = scaled.astype(np.int32) if wrapped else np.clip(scaled, 0, 255)
    return whole.astype(np.uint8)


def _mark_dffd(real: Picture, fake: Picture) -> _Marked:
    """Mark where the gray of the absolute difference, over 255, is above 0.1 [1]_.

    The paper gives no code: its gray is taken to be BT.601 luma in 8 bits, OpenCV's.

    References
    ----------
    .. [1] Dang, H., Liu, F., Stehouwer, J., Liu, X., Jain, A. K. (2020). On the detection of digital face manipulation.
       CVPR, 5781-5790. :doi:`10.1109/CVPR42600.2020.00582`
    """
    return _cut(_gray(cv2.absdiff(real, fake)), 0.1 * 255)


def _mark_casia(real: Picture, fake: Picture) -> _Marked:
    """Mark where the difference, summed over the channels, is above 20; then open by a cross, close by an octagon.

    Made for CASIA 2.0, which came without masks [1]_ [2]_.

    References
    ----------
    .. [1] https://github.com/caomw/matlab-forensics, Management/CreateCASIAMasks.m
    .. [2] Zampoglou, M., Papadopoulos, S., Kompatsiaris, Y. (2017). Large-scale evaluation of splicing localization
       algorithms for web images. Multimedia Tools and Applications, 76(4), 4801-4834.
       :doi:`10.1007/s11042-016-3795-2`
    """
    evidence, threshold, mask = _cut(_summed(real, fake), 20.0)
    opened = cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_OPEN, _CROSS)
    closed = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, _OCTAGON)
    return _Marked(evidence, threshold, closed > 0)


def _mark_sum(real: Picture, fake: Picture) -> _Marked:
    """Mark where the difference, summed over the channels, is above 100.

    A rule that is handed on in trackers [1]_, without a paper. That the channels are summed is how it is read here.

    References
    ----------
    .. [1] https://github.com/LarryJiang134/Image_manipulation_detection/issues/9
    """
    return _cut(_summed(real, fake), 100.0)


def _mark_dssim_hull(real: Picture, fake: Picture) -> _Marked:
    """Mark the convex hull of what DSSIM, stretched to [0, 1] and blurred, has above 0.08.

    Zhao et al. [1]_ make the masks of known deepfakes by a Gaussian blur of DSSIM and a threshold, without code. This
    is how a script that makes such masks for FaceForensics++ does it ("ssim, diff_face, dilated, hull, eroded, blur").
    It passes floats from 0 to 1, of which scikit-image then took the range to be 2, hence 510 here; it leaves out where
    the fake is black and outlines of up to five points, so the frame of a picture that changed all over. Where nothing
    is left for a hull it fails; here the mask is empty.

    References
    ----------
    .. [1] Zhao, T., Xu, X., Xu, M., Ding, H., Xiong, Y., Xia, W. (2021). Learning self-consistency for deepfake
       detection. ICCV, 15003-15013. :doi:`10.1109/ICCV48922.2021.01475`
    """
    from facediff import _ssim

    threshold = 0.08
    real, fake = np.ascontiguousarray(_gray(real)), np.ascontiguousarray(_gray(fake))
    dssim = 1 - _ssim.exact_map(real, fake, data_range=510.0)
    dssim -= dssim.min()
    peak = dssim.max()
    if peak == 0:  # the same everywhere: nothing to stretch
        return _Marked(dssim, threshold, np.zeros(real.shape, np.bool_))
    blurred = cv2.GaussianBlur(dssim / peak, (5, 5), 0)
    seen = (blurred > threshold) & (fake > 0)
    grown = cv2.dilate(seen.view(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)), iterations=3)
    contours = cv2.findContours(grown, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)[-2]
    corners = [contour for contour in contours if len(contour) > 5]
    hull = np.zeros(real.shape, np.uint8)
    if corners:
        cv2.fillConvexPoly(hull, cv2.convexHull(np.concatenate(corners)), 1)
    shrunk = cv2.erode(hull, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)), iterations=3)
    # Blurred in 8 bits and cut above 0: grown by up to three pixels, with round corners.
    soft = cv2.GaussianBlur(shrunk.astype(np.float64), (7, 7), 0)
    return _Marked(blurred, threshold, soft * 255 >= 1)


def _cut(evidence: Picture, threshold: float) -> _Marked:
    return _Marked(evidence, threshold, evidence > threshold)


def _eight_bits(picture: Picture, comparison: Comparison) -> Picture:
    if comparison.where is not None:
        picture = picture.copy()
        picture[~comparison.where] = 0
    if picture.dtype == np.uint8 and comparison.data_range == 255:
        return picture
    return cv2.convertScaleAbs(picture, alpha=255 / comparison.data_range)


def _planes(picture: Picture) -> list[Picture]:
    return [picture] if picture.ndim == 2 else list(cv2.split(picture))


def _gray(picture: Picture) -> Picture:
    return picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def _summed(real: Picture, fake: Picture) -> npt.NDArray[np.uint16]:
    """Return the absolute difference summed over three channels, from 0 to 765."""
    planes = _planes(cv2.absdiff(real, fake))
    whole = [plane.astype(np.uint16) for plane in planes]
    return 3 * whole[0] if len(whole) == 1 else whole[0] + whole[1] + whole[2]


def _recipe(mark: Callable[[Picture, Picture], _Marked]) -> Recipe:
    return Recipe(1, partial(_find, mark), {"min_area": 1})


PUBLISHED: dict[str, Recipe] = {
    "dfdc-ssim": _recipe(partial(_mark_by_ssim, share=0.4, wrapped=False)),
    "dfdc-ssim-wrapped": _recipe(partial(_mark_by_ssim, share=0.4, wrapped=True)),
    "sifdnet": _recipe(partial(_mark_by_ssim, share=0.25, wrapped=False)),
    "sifdnet-wrapped": _recipe(partial(_mark_by_ssim, share=0.25, wrapped=True)),
    "dffd": _recipe(_mark_dffd),
    "casia": _recipe(_mark_casia),
    "sum-100": _recipe(_mark_sum),
    "dssim-hull": _recipe(_mark_dssim_hull),
}
