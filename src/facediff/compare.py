"""How far two aligned pictures differ: MSE, PSNR, SSIM with its map, and all of them at once.

>>> import numpy as np
>>> from facediff.compare import mse, ssim
>>> real = np.full((16, 16), 100, np.uint8)
>>> fake = real.copy()
>>> fake[4:12, 4:12] = 104
>>> mse(real, fake)
4.0
>>> ssim(real, real)
1.0
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np

from facediff._arrays import Map, Mask, Pair, Picture, check_choice, check_odd, check_pair, frozen
from facediff._versions import Versions, versions

Window = Literal["uniform", "gaussian"]
Channels = Literal["luma", "each"]

_WINDOW_SIZES = {"uniform": 7, "gaussian": 11}
_ROWS = 64  # floats are squared in double precision a few rows at a time, so that no copy of the picture is needed


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What `compare_images` found out about two pictures; frozen, its arrays read-only.

    Attributes
    ----------
    real, fake : ndarray, (H, W) or (H, W, 3)
        The two pictures, not copied (unless an array had to be made contiguous).
    data_range : float
        The value of white.
    where : ndarray of bool, (H, W), or None
        The pixels that count; None = all.
    mse : float
        Mean squared error over pixels and channels, in squared units of the pictures; 0 = identical.
    psnr : float
        Peak signal-to-noise ratio in dB; more = closer, infinity = identical.
    ssim : float
        Mean structural similarity in [-1, 1]; 1 = identical.
    ssim_map : ndarray of float32, (H, W)
        SSIM per pixel in [-1, 1]; 1 = alike; NaN outside `where`.
    difference : ndarray, (H, W)
        Largest absolute difference over the channels, in the pictures' dtype; 0 = alike, and 0 outside `where`.
    identical : bool
        Whether no pixel that counts differs at all.
    window, window_size, channels
        How SSIM was taken, see `ssim`.
    versions : Versions
        What computed this.
    """

    real: Picture
    fake: Picture
    data_range: float
    where: Mask | None
    mse: float
    psnr: float
    ssim: float
    ssim_map: Map = field(repr=False)
    difference: Picture = field(repr=False)
    identical: bool
    window: Window
    window_size: int
    channels: Channels
    versions: Versions

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.ssim_map.shape[0], self.ssim_map.shape[1]

    def __str__(self) -> str:
        """Size, kind and the three numbers in one line."""
        height, width = self.shape
        kind = f"{width}x{height} {'gray' if self.real.ndim == 2 else 'RGB'} {self.real.dtype.name}"
        if self.identical:
            return f"Comparison of {kind}: identical"
        return f"Comparison of {kind}: MSE {self.mse:.4g}, PSNR {self.psnr:.2f} dB, SSIM {self.ssim:.4f}"


def check_comparison(comparison: object) -> Comparison:
    """Let in a comparison: the door of all that works on one."""
    if not isinstance(comparison, Comparison):
        raise TypeError(
            f"comparison must be a Comparison, got {type(comparison).__name__}; make one with facediff.compare_images"
        )
    return comparison


def mse(
    real: Picture,
    fake: Picture,
    *,
    data_range: float | None = None,
    where: Mask | None = None,
) -> float:
    """Return the mean squared error; 0 = identical, more = farther apart.

    Parameters
    ----------
    real, fake : ndarray, (H, W) or (H, W, 3)
        Two aligned pictures: uint8, uint16, float32 or float64.
    data_range : float, optional
        The value of white. Needed for float pictures, whose values must lie in [0, data_range]; for integers the
        dtype's largest value unless given, such as 1023 for 10 bits in uint16. MSE itself does not depend on it.
    where : ndarray of bool, (H, W), optional
        The pixels that count; all by default.

    Returns
    -------
    float
        Mean over pixels and channels of the squared difference, in squared units of the pictures.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: no array, an unsupported or unequal dtype, a mask that is not bool.
    ValueError
        If the shapes do not fit, a picture is empty or holds NaN, infinities or values outside `data_range`, the
        data range of a float picture is missing, or `where` holds no pixel.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.compare import mse
    >>> mse(np.zeros((2, 2), np.uint8), np.array([[0, 0], [0, 4]], np.uint8))
    4.0
    """
    return _mse(check_pair(real, fake, data_range=data_range, where=where))


def psnr(
    real: Picture,
    fake: Picture,
    *,
    data_range: float | None = None,
    where: Mask | None = None,
) -> float:
    """Return the peak signal-to-noise ratio in dB; more = closer, infinity = identical.

    ``10 log10(data_range^2 / mse)``.

    Parameters
    ----------
    real, fake : ndarray, (H, W) or (H, W, 3)
        Two aligned pictures: uint8, uint16, float32 or float64.
    data_range : float, optional
        The value of white, see `mse`.
    where : ndarray of bool, (H, W), optional
        The pixels that count; all by default.

    Returns
    -------
    float
        Decibels.

    Raises
    ------
    TypeError, ValueError
        As `mse`.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.compare import psnr
    >>> psnr(np.zeros((4, 4)), np.full((4, 4), 0.1), data_range=1.0)
    20.0
    """
    pair = check_pair(real, fake, data_range=data_range, where=where)
    return psnr_of_mse(_mse(pair), pair.data_range)


def ssim(
    real: Picture,
    fake: Picture,
    *,
    data_range: float | None = None,
    where: Mask | None = None,
    window: Window = "uniform",
    window_size: int | None = None,
    channels: Channels = "luma",
) -> float:
    r"""Return the mean structural similarity of two pictures, in [-1, 1]; 1 = identical.

    .. math::

       \mathrm{SSIM}(x, y) = \frac{(2 \mu_x \mu_y + C_1)(2 \sigma_{xy} + C_2)}
                                  {(\mu_x^2 + \mu_y^2 + C_1)(\sigma_x^2 + \sigma_y^2 + C_2)},
       \qquad C_1 = (0.01\,L)^2,\; C_2 = (0.03\,L)^2

    at each pixel, over a window around it [1]_; :math:`L` is `data_range`. The score is the mean over the pixels
    whose window lies inside the picture.

    Parameters
    ----------
    real, fake : ndarray, (H, W) or (H, W, 3)
        Two aligned pictures: uint8, uint16, float32 or float64.
    data_range : float, optional
        The value of white. Needed for float pictures, whose values must lie in [0, data_range]; for integers the
        dtype's largest value unless given.
    where : ndarray of bool, (H, W), optional
        The pixels that count. What lies outside influences nothing, not through a window either: each window is
        normalised by what it may see.
    window : {"uniform", "gaussian"}
        "uniform" weighs all pixels of the window alike and takes the sample covariance, as scikit-image does by
        default; "gaussian" is the window of Wang et al., sigma 1.5, with weighted covariance.
    window_size : int, optional
        Odd, 3 or more, at most the picture's shorter side; 7 for "uniform", 11 for "gaussian" by default.
    channels : {"luma", "each"}
        For colour: SSIM of the BT.601 luma, or the mean of the SSIM of each channel.

    Returns
    -------
    float
        Mean SSIM.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind: no array, an unsupported or unequal dtype, a mask that is not bool.
    ValueError
        If the shapes do not fit, a picture is empty, smaller than the window, or holds NaN, infinities or values
        outside `data_range`; if the data range of a float picture is missing, an option is unknown, or `where`
        holds no pixel whose window lies inside the picture.

    See Also
    --------
    ssim_map : The same per pixel.

    References
    ----------
    .. [1] Wang, Z., Bovik, A. C., Sheikh, H. R., Simoncelli, E. P. (2004). Image quality assessment: from error
       visibility to structural similarity. IEEE Transactions on Image Processing, 13(4), 600-612.
       :doi:`10.1109/TIP.2003.819861`

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.compare import ssim
    >>> real = np.arange(256, dtype=np.uint8).reshape(16, 16)
    >>> ssim(real, real)
    1.0
    >>> round(ssim(real, 255 - real), 3) < 0
    True
    """
    pair = check_pair(real, fake, data_range=data_range, where=where)
    return _ssim(pair, *_check_window(pair, window, window_size, channels), full=False)[0]


def ssim_map(
    real: Picture,
    fake: Picture,
    *,
    data_range: float | None = None,
    where: Mask | None = None,
    window: Window = "uniform",
    window_size: int | None = None,
    channels: Channels = "luma",
) -> Map:
    """Return structural similarity per pixel, in [-1, 1]; 1 = alike.

    Parameters
    ----------
    real, fake : ndarray, (H, W) or (H, W, 3)
        Two aligned pictures: uint8, uint16, float32 or float64.
    data_range : float, optional
        The value of white, see `ssim`.
    where : ndarray of bool, (H, W), optional
        The pixels that count; the map is NaN outside.
    window, window_size, channels
        See `ssim`.

    Returns
    -------
    ndarray of float32, (H, W)
        The map, read-only. Near the borders the picture is mirrored, the border pixel repeated, as scikit-image
        does; `ssim` leaves these pixels out of its mean.

    Raises
    ------
    TypeError, ValueError
        As `ssim`.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.compare import ssim_map
    >>> real = np.zeros((9, 9), np.uint8)
    >>> fake = real.copy()
    >>> fake[0, 0] = 255
    >>> ssim_map(real, fake).round(2)[0, [0, 3, 4]]
    array([0., 0., 1.], dtype=float32)
    """
    pair = check_pair(real, fake, data_range=data_range, where=where)
    found = _ssim(pair, *_check_window(pair, window, window_size, channels), full=True)[1]
    assert found is not None
    return frozen(found)


def compare_images(
    real: Picture,
    fake: Picture,
    *,
    data_range: float | None = None,
    where: Mask | None = None,
    window: Window = "uniform",
    window_size: int | None = None,
    channels: Channels = "luma",
) -> Comparison:
    """Compare a real and a fake picture: MSE, PSNR, SSIM, the SSIM map and the difference.

    Parameters
    ----------
    real, fake : ndarray, (H, W) or (H, W, 3)
        Two aligned pictures, gray or RGB: uint8, uint16, float32 or float64. They are not written to.
    data_range : float, optional
        The value of white. Needed for float pictures, whose values must lie in [0, data_range]; for integers the
        dtype's largest value unless given.
    where : ndarray of bool, (H, W), optional
        The pixels that count; all by default.
    window, window_size, channels
        How SSIM is taken, see `ssim`.

    Returns
    -------
    Comparison
        The numbers and maps, for `facediff.find_regions` and the figures.

    Raises
    ------
    TypeError, ValueError
        As `ssim`.

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> real = np.full((64, 64, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[20:30, 20:40] = 200
    >>> print(facediff.compare_images(real, fake))
    Comparison of 64x64 RGB uint8: MSE 590.8, PSNR 20.42 dB, SSIM 0.8921
    """
    from facediff import _pixels

    pair = check_pair(real, fake, data_range=data_range, where=where)
    chosen = _check_window(pair, window, window_size, channels)
    mean, found = _ssim(pair, *chosen, full=True)
    assert found is not None
    difference = _pixels.difference(pair.real, pair.fake)
    if pair.where is not None:
        difference[~pair.where] = 0
    error = _mse(pair)
    return Comparison(
        real=pair.real,
        fake=pair.fake,
        data_range=pair.data_range,
        where=pair.where,
        mse=error,
        psnr=psnr_of_mse(error, pair.data_range),
        ssim=mean,
        ssim_map=frozen(found),
        difference=frozen(difference),
        identical=not difference.any(),
        window=chosen[0],
        window_size=chosen[1],
        channels=chosen[2],
        versions=versions(),
    )


def _mse(pair: Pair) -> float:
    channels = pair.real.size // (pair.shape[0] * pair.shape[1])
    counted = pair.real.size if pair.where is None else channels * int(pair.where.sum())
    if pair.real.dtype.kind == "u":  # OpenCV adds whole numbers exactly; floats it would square in single precision
        mask = None if pair.where is None else pair.where.view(np.uint8)
        return cv2.norm(pair.real, pair.fake, cv2.NORM_L2SQR, mask) / counted
    total = 0.0
    for start in range(0, pair.shape[0], _ROWS):
        rows = slice(start, start + _ROWS)
        real, fake = pair.real[rows], pair.fake[rows]
        if pair.where is not None:
            real, fake = real[pair.where[rows]], fake[pair.where[rows]]
        total += float(np.sum(np.square(np.subtract(real, fake, dtype=np.float64))))
    return total / counted


def psnr_of_mse(error: float, data_range: float) -> float:
    """Return the peak signal-to-noise ratio in decibels of a mean squared error."""
    return 10 * math.log10(data_range**2 / error) if error > 0 else math.inf


def _check_window(
    pair: Pair, window: Window, window_size: int | None, channels: Channels
) -> tuple[Window, int, Channels]:
    check_choice(window, "window", ("uniform", "gaussian"))
    check_choice(channels, "channels", ("luma", "each"))
    size = _WINDOW_SIZES[window] if window_size is None else window_size
    size = check_odd(size, "window_size", largest=min(pair.shape))
    margin = size // 2
    if (
        pair.where is not None
        and not pair.where[margin : pair.shape[0] - margin, margin : pair.shape[1] - margin].any()
    ):
        raise ValueError(
            f"where must hold a pixel whose {size}x{size} window lies inside the picture, got none at least {margin} "
            "pixels from the border; pass a smaller window_size"
        )
    return window, size, channels


def _ssim(pair: Pair, window: Window, size: int, channels: Channels, *, full: bool) -> tuple[float, Map | None]:
    from facediff import _pixels, _ssim

    if pair.real.ndim == 2 or channels == "luma":
        planes = [(_pixels.luma(pair.real), _pixels.luma(pair.fake))]
    else:
        planes = [(np.ascontiguousarray(pair.real[..., c]), np.ascontiguousarray(pair.fake[..., c])) for c in range(3)]
    found = [
        _ssim.score(real, fake, data_range=pair.data_range, window=window, size=size, where=pair.where, full=full)
        for real, fake in planes
    ]
    if len(found) == 1:
        return found[0]
    mean = sum(score for score, _ in found) / len(found)
    maps = [plane for _, plane in found if plane is not None]
    return mean, np.mean(maps, axis=0, dtype=np.float32) if full else None
