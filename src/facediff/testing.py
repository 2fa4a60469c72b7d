"""Assertions about manipulated regions, for tests of code that edits pictures.

>>> import numpy as np
>>> from facediff import Box
>>> from facediff.testing import assert_identical, assert_manipulated
>>> real = np.full((64, 64, 3), 90, np.uint8)
>>> fake = real.copy()
>>> fake[20:36, 20:40] = 200
>>> face = Box(20, 20, 40, 36)
>>> assert_manipulated(real, fake, inside=face, count=1)
>>> assert_identical(real, fake, outside=face)

Each states one law, returns None where it holds, and raises `PairAssertionError` where it does not: with what was
expected, what came, and which value of which argument would pass. Arguments that are wrong in themselves (pictures of
different shape, a box outside of them) raise TypeError or ValueError, as everywhere in facediff.

With pytest, a failure also leaves the pictures behind, see the page "Testing".
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from facediff import _asserting, _baselines, _pixels, _wording
from facediff._arrays import Mask, Picture, check_number, check_pair, check_path, check_whole
from facediff.compare import Comparison, compare_images
from facediff.evidence import gate
from facediff.localise import Localisation, find_regions
from facediff.regions import Box, Region


class PairAssertionError(AssertionError):
    """An assertion about a pair of pictures that does not hold.

    Attributes
    ----------
    comparison : Comparison or None
        What was compared; None where there are no pictures, as in `assert_regions_close`.
    found : Localisation or None
        What was found; None where nothing was looked for, as in `assert_identical`.
    """

    def __init__(
        self, message: str, *, comparison: Comparison | None = None, found: Localisation | None = None
    ) -> None:
        super().__init__(message)
        self.comparison = comparison
        self.found = found


def assert_identical(
    real: Picture,
    fake: Picture,
    *,
    outside: Box | Mask | None = None,
    data_range: float | None = None,
) -> None:
    """Assert that no pixel differs.

    Parameters
    ----------
    real, fake : ndarray, (H, W) or (H, W, 3)
        Two aligned pictures: uint8, uint16, float32 or float64. Of any size.
    outside : Box or ndarray of bool, (H, W), optional
        Where they may differ; everywhere else they may not. Nowhere by default.
    data_range : float, optional
        The value of white. Needed for float pictures; for integers the dtype's largest value unless given.

    Raises
    ------
    PairAssertionError
        If a pixel differs.
    TypeError
        If an argument is of the wrong kind, or the pictures are of different dtype.
    ValueError
        If the pictures do not fit each other or their data range, or `outside` reaches beyond them, is empty or
        holds everything.

    See Also
    --------
    assert_unchanged : For pictures that went through a codec.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff import Box
    >>> from facediff.testing import assert_identical
    >>> real = np.full((48, 64), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[10:20, 30:50] = 200
    >>> assert_identical(real, fake, outside=Box(30, 10, 50, 20))
    >>> assert_identical(real, fake, outside=Box(31, 10, 50, 20))
    Traceback (most recent call last):
    facediff.testing.PairAssertionError: real and fake are not identical outside 19x10 at (31, 10)
    <BLANKLINE>
    broken:     identical outside 19x10 at (31, 10), got 10 of 2882 px that differ, within 1x10 at (30, 10); \
outside=Box(left=30, top=10, right=50, bottom=20) would pass
    largest:    110 at (30, 10): real 90, fake 200
    first:      (30, 10): real 90, fake 200
                (30, 11): real 90, fake 200
                (30, 12): real 90, fake 200
    """
    __tracebackhide__ = True
    pair = check_pair(real, fake, data_range=data_range)
    where = None if outside is None else _asserting.rest(outside, "outside", pair.shape)
    difference = _pixels.difference(pair.real, pair.fake)
    if where is not None:
        difference[~where] = 0
    if not difference.any():
        return
    law = "identical" if outside is None else f"identical outside {_asserting.describe_place(outside)}"
    differing = difference > 0
    cure = _asserting.bounds(differing if where is None else differing | ~where)
    count = f"{np.count_nonzero(differing)} of {differing.size if where is None else np.count_nonzero(where)} px"
    came = f"{count} that differ, within {_asserting.bounds(differing)}"
    raise PairAssertionError(
        _wording.message(
            f"real and fake are not {law}",
            ("broken", [_wording.broken_law(law, came, f"outside={cure!r}")]),
            ("largest", [_wording.largest(pair.real, pair.fake, difference)]),
            ("first", _wording.first_places(pair.real, pair.fake, difference)),
        ),
        comparison=_asserting.compare_pair(check_pair(real, fake, data_range=data_range, where=where)),
    )


def assert_unchanged(
    real: Picture,
    fake: Picture,
    *,
    false_alarm_rate: float = 0.01,
    drift: float = 4.0,
    data_range: float | None = None,
) -> None:
    """Assert that two pictures differ by nothing beyond coding.

    Two laws hold together. No place stands out: `facediff.find_regions` says that nothing was manipulated, at
    `false_alarm_rate`. And the picture as a whole stays: local means move by no more than `drift`. The second is
    needed, since the noise of a pair is read off the pair: a filter over the whole frame, or another picture
    altogether, *is* that noise, and nothing stands out of it.

    Parameters
    ----------
    real, fake : ndarray, (H, W) or (H, W, 3)
        Two aligned pictures: uint8, uint16, float32 or float64.
    false_alarm_rate : float
        The share of merely re-encoded pairs that may fail, from 0.0001 to 0.1.
    drift : float
        How far local means may move, 0 or more, 0 = not at all: the root mean square over blocks of 16x16 pixels of
        the mean of fake - real, the largest over the channels, in levels of which white has 255. The default lets
        JPEG pass from quality 20 and WebP from 1, and H.264 up to about CRF 35; it stops a picture that was made
        brighter by 5.
    data_range : float, optional
        The value of white. Needed for float pictures; for integers the dtype's largest value unless given.

    Raises
    ------
    PairAssertionError
        If a place or the whole changed by more than coding explains, or the fake is shifted by more than half a pixel.
    TypeError
        If an argument is of the wrong kind, or the pictures are of different dtype.
    ValueError
        If the pictures do not fit each other or their data range, are smaller than 7 pixels, or a number is out of
        its range.

    See Also
    --------
    assert_identical : For pictures that went through no codec. It is exact; this one misses what is smaller than 8x8
        pixels or weaker than about 12 times the coding noise.

    Examples
    --------
    >>> import skimage.data
    >>> from facediff.synthesis import encode
    >>> from facediff.testing import assert_unchanged
    >>> real = skimage.data.astronaut()
    >>> assert_unchanged(real, encode(real, "jpeg", 50))
    """
    __tracebackhide__ = True
    drift = check_number(drift, "drift", low=0, high=255)
    headline = "real and fake differ by more than coding explains"
    comparison = compare_images(real, fake, data_range=data_range)
    found = _find_aligned(comparison, false_alarm_rate, headline)
    moved = _asserting.drift(comparison)
    broken = []
    if found.manipulated:
        broken.append(_wording.too_much_evidence(found))
    if moved > drift:
        broken.append(_wording.too_much_drift(moved, drift))
    if broken:
        raise _error(headline, broken, comparison, found)


def assert_unchanged_outside(
    real: Picture,
    fake: Picture,
    place: Box | Mask,
    *,
    tolerance: int = 0,
    false_alarm_rate: float = 0.01,
    drift: float = 4.0,
    data_range: float | None = None,
) -> None:
    """Assert that two pictures differ by nothing beyond coding, except in one place.

    As `assert_unchanged`, for all that lies outside: nothing that `facediff.find_regions` finds reaches beyond `place`
    by more than `tolerance` pixels, and local means outside move by no more than `drift`. What happens in the place is
    not asked: it may be unchanged.

    Parameters
    ----------
    real, fake : ndarray, (H, W) or (H, W, 3)
        Two aligned pictures: uint8, uint16, float32 or float64.
    place : Box or ndarray of bool, (H, W)
        Where they may differ.
    tolerance : int
        Pixels by which a change may reach beyond the place, in any direction, 0 or more. 0 suits pictures that went
        through no codec: there masks are exact. JPEG with halved chroma spreads a change to the end of its block, by
        up to 15 pixels, and the mask adds up to 3.
    false_alarm_rate : float
        The share of merely re-encoded pairs that may fail, from 0.0001 to 0.1.
    drift : float
        How far local means may move outside, see `assert_unchanged`.
    data_range : float, optional
        The value of white. Needed for float pictures; for integers the dtype's largest value unless given.

    Raises
    ------
    PairAssertionError
        If something outside changed by more than coding explains.
    TypeError, ValueError
        As `assert_unchanged`, and if `place` is of the wrong kind or shape, reaches beyond the pictures, is empty or
        holds everything.

    See Also
    --------
    assert_identical : With ``outside=``, the same to the pixel, for pictures that went through no codec.
    assert_manipulated : With ``inside=``, that something did change, and there only.

    Examples
    --------
    >>> import skimage.data
    >>> from facediff import Box
    >>> from facediff.synthesis import encode
    >>> from facediff.testing import assert_unchanged_outside
    >>> real = skimage.data.astronaut()
    >>> fake = real.copy()
    >>> fake[85:165, 190:262] = fake[85:165, 190:262][:, ::-1]
    >>> assert_unchanged_outside(real, fake, Box(190, 85, 262, 165))
    >>> assert_unchanged_outside(real, encode(fake, "jpeg", 90), Box(190, 85, 262, 165), tolerance=18)
    """
    __tracebackhide__ = True
    tolerance = _asserting.check_tolerance(tolerance)
    drift = check_number(drift, "drift", low=0, high=255)
    comparison = compare_images(real, fake, data_range=data_range)
    inside = ~_asserting.rest(place, "place", comparison.shape)
    described = _asserting.describe_place(place)
    headline = f"real and fake differ outside {described} by more than coding explains"
    found = _find_aligned(comparison, false_alarm_rate, headline)
    steps = _asserting.steps_beyond(found.mask, inside)
    moved = _asserting.drift(comparison, _asserting.farther_than(tolerance, inside))
    broken = []
    if (steps > tolerance).any():
        broken.append(_wording.too_far(steps, described, tolerance))
    if moved > drift:
        broken.append(_wording.too_much_drift(moved, drift))
    if broken:
        raise _error(headline, broken, comparison, found)


def assert_manipulated(
    real: Picture,
    fake: Picture,
    *,
    inside: Box | Mask | None = None,
    tolerance: int = 0,
    iou: float | None = None,
    count: int | None = None,
    recipe: str = "noise-aware",
    false_alarm_rate: float | None = None,
    align: bool = False,
    min_area: int | None = None,
    data_range: float | None = None,
) -> None:
    """Assert that the fake was manipulated, and if asked where and in how many places.

    Parameters
    ----------
    real, fake : ndarray, (H, W) or (H, W, 3)
        Two aligned pictures: uint8, uint16, float32 or float64.
    inside : Box or ndarray of bool, (H, W), optional
        Where all that is found must lie; anywhere by default.
    tolerance : int
        With `inside`: pixels by which a change may reach beyond it, see `assert_unchanged_outside`.
    iou : float, optional
        With `inside`: least intersection over union with it, above 0, at most 1. For a box that of the box around all
        that is found; for a mask that of the found pixels. Not asked by default.
    count : int, optional
        How many regions there must be, 1 or more. Not asked by default.
    recipe, false_alarm_rate, align, min_area
        How it is found, see `facediff.find_regions`.
    data_range : float, optional
        The value of white. Needed for float pictures; for integers the dtype's largest value unless given.

    Raises
    ------
    PairAssertionError
        If nothing was manipulated, or not as promised.
    TypeError, ValueError
        As `facediff.compare_images` and `facediff.find_regions`; if `inside` is of the wrong kind or shape, reaches
        beyond the pictures or is empty; if `tolerance` or `iou` is given without it, or a number is out of its range.

    See Also
    --------
    assert_regions_close : For several regions, each in its place.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff import Box
    >>> from facediff.testing import assert_manipulated
    >>> real = np.full((64, 64, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[20:36, 20:40] = 200
    >>> assert_manipulated(real, fake, inside=Box(16, 16, 44, 44), iou=0.4, count=1)
    """
    __tracebackhide__ = True
    tolerance = _asserting.check_tolerance(tolerance)
    iou = None if iou is None else _asserting.check_iou(iou)
    if count is not None and check_whole(count, "count") < 1:
        raise ValueError(f"count must be at least 1 region, got {count}; assert_unchanged says that there is none")
    if inside is None and (tolerance or iou is not None):
        raise ValueError("tolerance and iou are about a place, got none; pass inside=")
    comparison = compare_images(real, fake, data_range=data_range)
    place = None if inside is None else _asserting.place_mask(inside, "inside", comparison.shape)
    found = find_regions(comparison, recipe=recipe, false_alarm_rate=false_alarm_rate, align=align, min_area=min_area)
    if not found.manipulated:
        raise _error("real and fake are not manipulated", [_too_little_evidence(comparison, found)], comparison, found)
    broken = []
    if count is not None and len(found.regions) != count:
        broken.append(_wording.broken_law(f"count={count}", f"{len(found.regions)}", f"count={len(found.regions)}"))
    if inside is not None and place is not None:
        steps = _asserting.steps_beyond(found.mask, place)
        described = _asserting.describe_place(inside)
        if (steps > tolerance).any():
            broken.append(_wording.too_far(steps, described, tolerance))
        shared = _asserting.shared(found.mask, inside)
        if iou is not None and shared < iou:
            broken.append(_wording.too_little_shared(shared, iou, described))
    if broken:
        raise _error("real and fake are manipulated, but not as promised", broken, comparison, found)


def assert_regions_close(
    actual: Iterable[Region | Box],
    expected: Iterable[Region | Box],
    *,
    iou: float = 0.5,
) -> None:
    """Assert that regions are those that were expected: each has a partner, and none is left over.

    The regions are paired one to one so that as many pairs as possible reach `iou`; their order does not matter.

    Parameters
    ----------
    actual, expected : iterable of Region or Box
        What was found, such as ``found.regions``, and what should have been. Both may be empty.
    iou : float
        Least intersection over union of the boxes of a pair, above 0, at most 1; 1 = the same boxes.

    Raises
    ------
    PairAssertionError
        If a region has no partner.
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If `iou` is out of its range.

    Examples
    --------
    >>> from facediff import Box
    >>> from facediff.testing import assert_regions_close
    >>> assert_regions_close([Box(0, 0, 10, 10), Box(20, 0, 30, 10)], [Box(20, 0, 30, 11), Box(0, 0, 10, 9)])
    >>> assert_regions_close([Box(0, 0, 10, 10)], [Box(0, 0, 10, 20)], iou=0.75)
    Traceback (most recent call last):
    facediff.testing.PairAssertionError: the regions are not those expected: 0 of 1 expected came at iou=0.75, \
1 unexpected
    <BLANKLINE>
    expected:   10x20 at (0, 0): missing, nearest 10x10 at (0, 0), IoU 0.50
    unexpected: 10x10 at (0, 0)
    would pass: iou=0.5
    """
    __tracebackhide__ = True
    boxes = _asserting.check_boxes(actual, "actual"), _asserting.check_boxes(expected, "expected")
    text = _wording.regions_apart("the regions are not those expected", *boxes, _asserting.check_iou(iou))
    if text is not None:
        raise PairAssertionError(text)


class RegionsBaseline:
    """Expected regions, kept in a small JSON file beside a test.

    The pytest fixture ``regions_baseline`` makes one for each test; without pytest, make one from a path.

    Parameters
    ----------
    path : str or os.PathLike
        The file. Its folder is made when it is written.
    update : bool
        Whether `check` writes the file anew instead of comparing with it.
    command : str
        What renews it, for messages.

    Attributes
    ----------
    written : list of pathlib.Path
        The files that were written anew.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> import facediff
    >>> from facediff.testing import RegionsBaseline
    >>> real = np.full((64, 64), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[20:36, 20:40] = 200
    >>> found = facediff.find_regions(facediff.compare_images(real, fake))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     RegionsBaseline(Path(folder) / "mosaic.json", update=True).check(found)
    ...     RegionsBaseline(Path(folder) / "mosaic.json").check(found)
    """

    def __init__(
        self, path: str | os.PathLike[str], *, update: bool = False, command: str = "RegionsBaseline(update=True)"
    ) -> None:
        self._path = Path(check_path(path, "path"))
        self._update = update
        self._command = command
        self._checked: set[str] = set()
        self.written: list[Path] = []

    def check(
        self,
        found: Localisation,
        *,
        iou: float = 0.9,
        name: str = "",
        comparison: Comparison | None = None,
    ) -> None:
        """Assert that what was found agrees with the baseline; or write it, with ``update=True``.

        Parameters
        ----------
        found : Localisation
            From `facediff.find_regions`.
        iou : float
            Least intersection over union of paired boxes, see `assert_regions_close`. What is found is the same on
            every machine, so the default leaves room for little more than another version of OpenCV.
        name : str
            Tells several baselines of one test apart: letters, digits, ``-`` and ``_``.
        comparison : Comparison, optional
            What `found` was found in, for the pictures that a failure leaves behind.

        Raises
        ------
        PairAssertionError
            If there is no baseline, it is of pictures of another size, or a region has no partner.
        TypeError
            If an argument is of the wrong kind.
        ValueError
            If `iou` is out of its range, `name` was checked before or holds other characters, or the file is damaged
            or was written by a newer facediff.
        OSError
            If the file cannot be read or written.
        """
        __tracebackhide__ = True
        if not isinstance(found, Localisation):
            raise TypeError(
                f"found must be a Localisation, got {type(found).__name__}; make one with facediff.find_regions"
            )
        iou = _asserting.check_iou(iou)
        path = self._named(name)
        if self._update:
            if _baselines.write(path, found):
                self.written.append(path)
            return
        baseline = _baselines.read(path)
        if baseline is None:
            text = _wording.message(
                f"there is no baseline {path}",
                ("found", _wording.what_was_found(found)),
                ("to make it", [self._command]),
            )
            raise PairAssertionError(text, comparison=comparison, found=found)
        boxes = _asserting.boxes_of(found.regions)
        off = _wording.off_baseline(path, baseline, boxes, found.mask.shape, iou)
        if off is not None:
            raise PairAssertionError(f"{off}\nto renew:   {self._command}", comparison=comparison, found=found)

    def _named(self, name: str) -> Path:
        """Return the file of a name, which may be asked for once."""
        if not isinstance(name, str):
            raise TypeError(f"name must be a str, got {name!r} ({type(name).__name__})")
        if not all(each.isascii() and (each.isalnum() or each in "-_") for each in name):
            raise ValueError(f"name must consist of letters, digits, - and _, got {name!r}")
        if name in self._checked:
            raise ValueError(f"name must be new to this test, got {name!r} again; name each baseline of a test")
        self._checked.add(name)
        return self._path.with_suffix(f".{name}{self._path.suffix}") if name else self._path


def _find_aligned(comparison: Comparison, false_alarm_rate: float, headline: str) -> Localisation:
    """Find regions; a shift, which `find_regions` refuses, is a change beyond coding."""
    __tracebackhide__ = True
    gate(false_alarm_rate)  # the one other thing that may be refused
    try:
        return find_regions(comparison, false_alarm_rate=false_alarm_rate)
    except ValueError as error:
        shift = str(error).partition(";")[0]
    raise _error(headline, [f"{shift}; no argument would pass"], comparison, None)


def _too_little_evidence(comparison: Comparison, found: Localisation) -> str:
    """Say that nothing was found, and at which rate something would be: tried, as it must be large enough too."""
    law = "manipulated"
    if "false_alarm_rate" not in found.parameters or comparison.identical:
        return f"{law}, got nothing changed; no argument would pass"
    law += f" at false_alarm_rate={found.parameters['false_alarm_rate']:g}"
    came = f"evidence of at most {found.margin:.3g} of what coding alone may reach"
    rate = _asserting.lowest_rate_that_fires(found.margin * found.threshold)
    if rate is not None:
        again = find_regions(
            comparison,
            false_alarm_rate=rate,
            align=bool(found.parameters["align"]),
            min_area=int(found.parameters["min_area"]),
        )
        if again.manipulated:
            return _wording.broken_law(law, came, f"false_alarm_rate={rate:g}")
    return _wording.broken_law(law, came, "no false_alarm_rate")


def _error(headline: str, broken: list[str], comparison: Comparison, found: Localisation | None) -> PairAssertionError:
    rows = [("broken", broken)]
    if found is not None:
        rows.append(("found", _wording.what_was_found(found)))
    if not comparison.identical:
        rows.append(("largest", [_wording.largest(comparison.real, comparison.fake, comparison.difference)]))
    return PairAssertionError(_wording.message(headline, *rows), comparison=comparison, found=found)
