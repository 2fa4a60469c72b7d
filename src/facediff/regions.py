"""Boxes and regions: where two pictures differ, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from facediff._arrays import check_whole


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """A rectangle of whole pixels, half-open: `left` and `top` inside, `right` and `bottom` just outside.

    Cropping a picture by its own box, ``picture[box.slices]``, loses nothing and adds nothing.

    Parameters
    ----------
    left, top : int
        First column and first row inside. May be negative: a box may reach outside a picture.
    right, bottom : int
        First column and first row beyond it; above `left` and `top`.

    Raises
    ------
    TypeError
        If a side is not a whole number.
    ValueError
        If the box is empty.

    Examples
    --------
    >>> from facediff import Box
    >>> box = Box(10, 20, 40, 60)
    >>> box.width, box.height, box.area
    (30, 40, 1200)
    >>> Box.from_xywh(10, 20, 30, 40) == box
    True
    """

    left: int
    top: int
    right: int
    bottom: int

    def __post_init__(self) -> None:
        """Turn NumPy integers into Python's, so that boxes print and serialise alike."""
        for side in ("left", "top", "right", "bottom"):
            object.__setattr__(self, side, check_whole(getattr(self, side), side))
        if self.right <= self.left or self.bottom <= self.top:
            raise ValueError(
                "a box must have right > left and bottom > top, got "
                f"left={self.left}, top={self.top}, right={self.right}, bottom={self.bottom}; "
                "Box.from_xywh takes x, y, width, height"
            )

    @classmethod
    def from_xywh(cls, x: int, y: int, width: int, height: int) -> Box:
        """Make a box from its top left corner and its size, as OpenCV and COCO write it.

        Parameters
        ----------
        x, y : int
            First column and first row inside.
        width, height : int
            Columns and rows; above 0.

        Returns
        -------
        Box
            The same rectangle by its sides.

        Raises
        ------
        TypeError
            If a number is not whole.
        ValueError
            If width or height is not above 0.

        Examples
        --------
        >>> from facediff import Box
        >>> Box.from_xywh(10, 20, 30, 40)
        Box(left=10, top=20, right=40, bottom=60)
        """
        x, y = check_whole(x, "x"), check_whole(y, "y")
        return cls(x, y, x + check_whole(width, "width"), y + check_whole(height, "height"))

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    @property
    def area(self) -> int:
        """Pixels."""
        return self.width * self.height

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns, for ``picture[box.slices]``; what lies left of or above the picture is left out."""
        rows = slice(max(self.top, 0), max(self.bottom, 0))
        return rows, slice(max(self.left, 0), max(self.right, 0))

    @property
    def xyxy(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom."""
        return self.left, self.top, self.right, self.bottom

    @property
    def xywh(self) -> tuple[int, int, int, int]:
        """Left, top, width, height."""
        return self.left, self.top, self.width, self.height

    def iou(self, other: Box) -> float:
        """Return intersection over union with another box, in [0, 1]; 1 = the same box, 0 = nothing shared.

        Parameters
        ----------
        other : Box
            The box to compare with.

        Returns
        -------
        float
            Pixels in both over pixels in either.

        Raises
        ------
        TypeError
            If `other` is not a `Box`.

        Examples
        --------
        >>> from facediff import Box
        >>> Box(0, 0, 2, 2).iou(Box(1, 0, 3, 2))
        0.3333333333333333
        """
        _check_box(other)
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        shared = max(width, 0) * max(height, 0)
        return shared / (self.area + other.area - shared)

    def union(self, other: Box) -> Box:
        """Return the smallest box that holds both.

        Parameters
        ----------
        other : Box
            The box to take in.

        Returns
        -------
        Box
            From the leftmost to the rightmost column, and from the uppermost to the lowest row.

        Raises
        ------
        TypeError
            If `other` is not a `Box`.

        Examples
        --------
        >>> from facediff import Box
        >>> Box(0, 0, 2, 2).union(Box(1, 0, 3, 1))
        Box(left=0, top=0, right=3, bottom=2)
        """
        _check_box(other)
        left, top = min(self.left, other.left), min(self.top, other.top)
        return Box(left, top, max(self.right, other.right), max(self.bottom, other.bottom))

    def __str__(self) -> str:
        """Size and place in one line."""
        return f"{self.width}x{self.height} at ({self.left}, {self.top})"


def _check_box(other: object) -> None:
    if not isinstance(other, Box):
        raise TypeError(f"other must be a Box, got {type(other).__name__}; make one with Box(*xyxy)")


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """One connected changed area.

    Attributes
    ----------
    box : Box
        The region's bounds.
    area : int
        Changed pixels in it.
    contour : ndarray of int32, (N, 2)
        Its outer outline, corner points as x, y; read-only.
    strength : float
        Mean evidence over its changed pixels, in the unit of the recipe's evidence; more = stronger change.
    margin : float
        Its largest evidence over what coding alone may reach: above 1 = it alone would make the pair manipulated. Not a
        number for recipes without a test.
    mean_ssim : float
        Mean of the SSIM map over its changed pixels; 1 = alike.
    luma_change : float
        Mean of fake - real in BT.601 luma over its changed pixels, in the pictures' units; above 0 = made brighter.
    chroma_change : tuple of float
        The same in blue and red chroma (Cb, Cr): above 0 = made bluer, redder; 0 for gray pictures.
    """

    box: Box
    area: int
    contour: npt.NDArray[np.int32]
    strength: float
    margin: float
    mean_ssim: float
    luma_change: float
    chroma_change: tuple[float, float]

    def __str__(self) -> str:
        """Size, place and strength in one line."""
        return f"Region {self.box}, {self.area} px changed, strength {self.strength:.3g}"
