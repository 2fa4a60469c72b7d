"""How many times its coding noise a pair of pictures differs, and how much coding alone could reach.

The noise is read off the pair itself. Both pictures are cut into cells of 4x4 pixels; the signed difference of each
cell in luma and chroma is compared with what cells of like texture differ. Coding quantises many small waves, so its
differences average out over a few pixels; a manipulation changes what they average to. The page "The noise model"
derives all of this, with its limits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from facediff import _cells, _planes
from facediff._arrays import Map, Mask, check_number, frozen
from facediff.compare import Comparison, check_comparison

# The share of a texture bin that is taken for unchanged: its largest difference is the noise level's measure, and up
# to 70 % of a bin may be manipulated before the measure breaks. Dividing by the same quantile of |N(0, 1)| makes it a
# standard deviation.
_SHARE = 0.3
_SHARE_OF_NORMAL = 0.3853

# Flat places of a coded picture mostly do not differ at all, and then by a whole step of the quantiser, which the low
# quantile does not see. This floor stands for that step, in 8-bit levels: for means over cells and over 3x3 pixels.
# Where 95 % of the bin differ by less than the floor, there is no such step, and they set it, down to the low end
# (rounding alone).
_CELL_FLOOR = (0.15, 0.6)
_FINE_FLOOR = (0.2, 1.5)

# Bins of log texture: a quarter of an e-fold wide, and at least a sixteenth of the cells in each, so that an edit with
# a texture of its own does not become its own norm.
_BIN = 0.25
_BIN_SHARE = 16
_SAMPLE = 1 << 14  # cells that the noise is estimated from
_STEP = 0.05  # resolution of the texture index

# The largest evidence in a pair that was only coded again exceeds g with the probability 0.01 (12 / g)^4: a Pareto
# tail that holds above the null set of the docs ("The noise model"), photographs and graphics, 128 pixels to 1080p.
_GATE, _TAIL = 12.0, 4.0

# Cells across the wide window: a thirty-second of the picture's shorter side.
_WIDE = 32


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """How many times its coding noise a pair differs, in cells of 4x4 pixels; frozen, its arrays read-only.

    Attributes
    ----------
    tested : ndarray of float32, (h, w)
        Evidence at the scale of the test, a window of three cells weighted 1, 2, 1: what all four of some 2x2 cells
        reach. One bad block of a codec is no more than that; a manipulation hangs together.
    wide : ndarray of float32, (h, w)
        Evidence by the same window, each cell for itself, or over a window of `reach` cells if that is larger: it
        sees weak smooth changes.
    fine_noise : ndarray of float32, (3, h, w), or (1, h, w) for gray
        Noise of means over 3x3 pixels in luma, blue and red chroma, in 8-bit levels.
    reach : int
        Cells across the wide window.
    change : ndarray of float32, (h, w)
        Means of fake - real in luma over the cells, in 8-bit levels.
    """

    tested: Map = field(repr=False)
    wide: Map = field(repr=False)
    fine_noise: Map = field(repr=False)
    reach: int
    change: Map = field(repr=False)

    @property
    def peak(self) -> float:
        """The largest evidence at the scale of the test."""
        return float(self.tested.max())


def measure_evidence(comparison: Comparison) -> Evidence:
    """Return by how many times its coding noise a compared pair differs, cell by cell.

    Parameters
    ----------
    comparison : Comparison
        From `facediff.compare_images`.

    Returns
    -------
    Evidence
        0 = alike, 1 = the noise's standard deviation; for the largest value that coding alone reaches see `gate`.

    Raises
    ------
    TypeError
        If `comparison` is no `facediff.Comparison`.

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> from facediff.evidence import gate, measure_evidence
    >>> real = np.random.default_rng(0).integers(100, 110, (96, 96), dtype=np.uint8)
    >>> fake = real.copy()
    >>> fake[20:40, 20:40] += 9
    >>> measure_evidence(facediff.compare_images(real, fake)).peak > gate(0.01)
    True
    """
    check_comparison(comparison)
    cells = _cells.measure_cells(
        comparison.real, comparison.fake, data_range=comparison.data_range, where=comparison.where
    )
    bins = _Bins.of(_texture(cells), cells.seen)
    evidence = bins.evidence(_planes.smooth(cells.change), _CELL_FLOOR)
    reach = max(int(min(comparison.shape) / (_WIDE * _cells.CELL)) // 2 * 2 + 1, 1)
    wide = evidence
    if reach > 1:
        window = (reach, reach)
        means = np.stack([cv2.blur(change, window, borderType=cv2.BORDER_REFLECT) for change in cells.change])
        wide = np.maximum(evidence, bins.evidence(means, _CELL_FLOOR))
    fine_noise = np.stack([cv2.LUT(bins.index, table) for table in bins.noise(cells.sample, _FINE_FLOOR)])
    return Evidence(frozen(_coherent(evidence)), frozen(wide), frozen(fine_noise), reach, frozen(cells.change[0]))


def gate(false_alarm_rate: float) -> float:
    """Return the evidence that coding alone exceeds anywhere in a picture at a given rate.

    Parameters
    ----------
    false_alarm_rate : float
        The share of merely re-encoded pairs in which the gate may be exceeded, from 0.0001 to 0.1.

    Returns
    -------
    float
        ``12 (0.01 / rate)^(1 / 4)``: the inverse of the tail of re-encoded pairs.

    Raises
    ------
    TypeError
        If the rate is not a number.
    ValueError
        If the rate lies outside the range in which the tail was looked at.

    Examples
    --------
    >>> from facediff.evidence import gate
    >>> round(gate(0.01), 2), round(gate(0.001), 2)
    (12.0, 21.34)
    """
    rate = check_number(false_alarm_rate, "false_alarm_rate", low=0.0001, high=0.1)
    return float(_GATE * (0.01 / rate) ** (1 / _TAIL))


def _texture(cells: _cells.Cells) -> npt.NDArray[np.float32]:
    """Return the local standard deviation, over all channels, of the picture that has more of it.

    Coding takes texture away, so what a place can lose shows in the better picture.
    """
    variances = [
        square - np.einsum("chw,chw->hw", means, means) / len(means)
        for means, square in zip(map(_planes.smooth, cells.means), _planes.smooth(cells.squares), strict=True)
    ]
    return np.asarray(np.sqrt(np.maximum(np.maximum(*variances), 0)), np.float32)


def _coherent(evidence: Map) -> Map:
    """Return for each cell the largest value that all of some 2x2 cells with it reach: an opening."""
    rows = np.minimum(evidence[:-1], evidence[1:])
    least = np.minimum(rows[:, :-1], rows[:, 1:])
    opened = np.zeros_like(evidence)
    height, width = least.shape
    for down in (0, 1):
        for right in (0, 1):
            part = opened[down : down + height, right : right + width]
            np.maximum(part, least, out=part)
    return opened


@dataclass(frozen=True, slots=True, eq=False)
class _Bins:
    """Cells sorted into bins of like texture."""

    index: npt.NDArray[np.uint8]  # (h, w): log texture in steps
    sample: npt.NDArray[np.intp]  # cells by rising texture
    edges: list[int]  # where bins begin and end in the sample
    centres: list[float]  # their median index

    @classmethod
    def of(cls, texture: npt.NDArray[np.float32], seen: Mask) -> _Bins:
        index = np.minimum(np.log1p(texture) / _STEP, 255).astype(np.uint8)
        cells = np.flatnonzero(seen)
        cells = cells[:: max(1, cells.size // _SAMPLE) | 1]
        sample = cells[np.argsort(index.ravel()[cells], kind="stable")]
        sorted_index = index.ravel()[sample]
        fewest = max(48, sample.size // _BIN_SHARE)
        edges = [0]
        for edge in np.searchsorted(sorted_index, np.arange(_BIN, 255 * _STEP, _BIN) / _STEP):
            if edge - edges[-1] >= fewest:
                edges.append(int(edge))
        if len(edges) > 1 and sample.size - edges[-1] < fewest:
            edges.pop()
        edges.append(sample.size)
        centres = [float(np.median(sorted_index[a:b])) for a, b in pairwise(edges)]
        return cls(index, sample, edges, centres)

    def evidence(self, differences: Map, floor: tuple[float, float]) -> Map:
        """Return the largest over the planes of difference over noise."""
        return _planes.largest_over(differences, self.index, self.noise(differences, floor))

    def noise(self, differences: Map, floor: tuple[float, float]) -> Map:
        """Return the noise level of each plane by texture index: that of the bin, never falling with texture."""
        return np.stack([self._table(np.abs(plane.ravel()[self.sample]), floor) for plane in differences])

    def _table(self, values: npt.NDArray[np.float32], floor: tuple[float, float]) -> npt.NDArray[np.float32]:
        levels = []
        for a, b in pairwise(self.edges):
            ordered = np.sort(values[a:b])
            spread = ordered[int(_SHARE * (b - a - 1))] / _SHARE_OF_NORMAL
            levels.append(np.hypot(spread, np.clip(ordered[int(0.95 * (b - a - 1))], *floor)))
        return np.interp(np.arange(256), self.centres, np.maximum.accumulate(levels)).astype(np.float32)
