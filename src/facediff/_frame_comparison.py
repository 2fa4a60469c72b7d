"""One pair of frames compared, and the iterator that compares a clip's pairs one after the other."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field

from facediff._ahead import in_order
from facediff._arrays import Map, Picture, check_choice, check_data_range
from facediff._clips import FramePair
from facediff._registration import MisalignedError
from facediff._tracks import Sighting
from facediff.compare import compare_images, mse, psnr_of_mse, ssim
from facediff.evidence import gate
from facediff.localise import RECIPES, find_regions
from facediff.regions import Region

RATE = 0.01
# A region that only this many times as many coded pairs would show is looked at as well: alone it says nothing, but
# between frames that pass the test in the same place it holds the track.
_FAINT = 10
_LARGEST_RATE = 0.1
# So many frames in a row that are refused as misaligned, or all of a shorter clip, and the clips are.
_REFUSED = 10


@dataclass(frozen=True, slots=True, eq=False)
class FrameComparison:
    """A real and a fake frame, compared.

    Attributes
    ----------
    index : int
        The number of the real frame in its clip, from 0.
    time : float
        When it is shown, in seconds.
    mse, psnr, ssim : float
        As `facediff.Comparison` has them.
    manipulated : bool
        Whether this frame passes the test by itself; False if only metrics were asked for.
    regions : tuple of Region
        What was changed, strongest first.
    margin : float
        The largest evidence over what coding alone may reach; not a number without a test.
    refused : str
        Why no regions were looked for: the frames are shifted against each other. Empty if they were.
    real, fake : ndarray of uint8, (H, W, 3)
        The two pictures.
    evidence : ndarray of float32, (H, W), or None
        What the recipe decided on; None if it did not run.
    """

    index: int
    time: float
    mse: float
    psnr: float
    ssim: float
    manipulated: bool
    regions: tuple[Region, ...]
    margin: float
    refused: str
    real: Picture = field(repr=False)
    fake: Picture = field(repr=False)
    evidence: Map | None = field(repr=False)

    def __str__(self) -> str:
        """Frame, metrics and regions in one line."""
        found = f"{len(self.regions)} region{'' if len(self.regions) == 1 else 's'}"
        if self.evidence is None:
            found = self.refused or "no regions looked for"
        return f"Frame {self.index} at {self.time:.3f} s: PSNR {self.psnr:.2f} dB, SSIM {self.ssim:.4f}, {found}"


@dataclass(frozen=True, slots=True)
class Look:
    """How the pairs are looked at."""

    recipe: str | None
    rate: float
    align: bool

    @classmethod
    def checked(cls, recipe: object, false_alarm_rate: float | None, align: object) -> Look:
        """Let in what `find_regions` takes, before anything is decoded; no recipe = metrics only."""
        if recipe is not None:
            check_choice(recipe, "recipe", tuple(RECIPES))
        if not isinstance(align, bool):
            raise TypeError(f"align must be True or False, got {align!r} ({type(align).__name__})")
        tested = recipe is not None and "false_alarm_rate" in RECIPES[str(recipe)].parameters
        if not tested and (false_alarm_rate is not None or align):
            raise ValueError(f"recipe {recipe!r} has no test: it takes neither false_alarm_rate nor align")
        rate = RATE if false_alarm_rate is None else false_alarm_rate
        gate(rate)
        return cls(None if recipe is None else str(recipe), float(rate) if tested else math.nan, align)

    def parameters(self) -> dict[str, float]:
        """Return what the recipe was run with."""
        if self.recipe is None:
            return {}
        asked = {} if math.isnan(self.rate) else {"false_alarm_rate": self.rate, "align": self.align}
        return {**RECIPES[self.recipe].parameters, **asked}

    def compare(self, pair: FramePair) -> tuple[FrameComparison, tuple[Sighting, ...]]:
        """Compare one pair; the sightings hold the faint regions too."""
        if not isinstance(pair, FramePair):
            raise TypeError(
                f"pairs must hold FramePair, got {type(pair).__name__}; read them with facediff.video.frame_pairs"
            )
        if self.recipe is None:
            error = mse(pair.real, pair.fake)
            peak = check_data_range(pair.real.dtype, None)
            return _frame(pair, (error, psnr_of_mse(error, peak), ssim(pair.real, pair.fake))), ()
        comparison = compare_images(pair.real, pair.fake)
        metrics = comparison.mse, comparison.psnr, comparison.ssim
        faintest = 1.0
        try:
            if math.isnan(self.rate):
                found = find_regions(comparison, recipe=self.recipe)
            else:
                faint_rate = min(_FAINT * self.rate, _LARGEST_RATE)
                faintest = gate(self.rate) / gate(faint_rate)
                found = find_regions(comparison, recipe=self.recipe, false_alarm_rate=faint_rate, align=self.align)
        except MisalignedError as error:
            return _frame(pair, metrics, refused=str(error)), ()
        sightings = tuple(Sighting(r.box, r.strength, not r.margin <= faintest) for r in found.regions)
        regions = tuple(r for r, sighting in zip(found.regions, sightings, strict=True) if sighting.sure)
        return _frame(pair, metrics, regions, found.margin / faintest, found.evidence), sightings


def _frame(
    pair: FramePair,
    metrics: tuple[float, float, float],
    regions: tuple[Region, ...] = (),
    margin: float = math.nan,
    evidence: Map | None = None,
    refused: str = "",
) -> FrameComparison:
    return FrameComparison(
        pair.index,
        pair.time,
        *metrics,
        manipulated=bool(regions),
        regions=regions,
        margin=margin,
        refused=refused,
        real=pair.real,
        fake=pair.fake,
        evidence=evidence,
    )


def compared(
    pairs: Iterable[FramePair], look: Look
) -> Generator[tuple[FrameComparison, tuple[Sighting, ...]], None, None]:
    """Yield the compared pairs in their order, with all that was sighted, a few frames computed ahead."""
    from facediff._compiled import cores

    refused, looked = 0, False
    with closing(in_order(look.compare, pairs, cores())) as frames:  # an error would keep its threads alive
        for frame, sightings in frames:
            refused = refused + 1 if frame.refused else 0
            if refused == _REFUSED:
                raise _misaligned(f"{_REFUSED} frames in a row, up to frame {frame.index}", frame.refused)
            looked |= not frame.refused
            reason = frame.refused
            yield frame, sightings
    if refused and not looked:  # that nothing was found would say nothing
        raise _misaligned(f"not one frame fits, of {refused}", reason)


def _misaligned(which: str, reason: str) -> MisalignedError:
    return MisalignedError(
        f"{which}: {reason}; or measure with facediff.video.measure_offset whether the clips are frames apart"
    )
