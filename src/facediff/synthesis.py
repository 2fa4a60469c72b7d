"""Make manipulated pairs whose true mask is known to the pixel, and pictures as they look after coding.

An oracle for whatever finds manipulations: edit a picture with `manipulate`, code both sides with `encode`, and
hold what was found against the mask.

>>> import numpy as np
>>> from facediff import Box
>>> from facediff.synthesis import encode, manipulate
>>> picture = np.random.default_rng(1).integers(60, 200, (64, 64, 3), np.uint8)
>>> made = manipulate(picture, kind="recolour", box=Box(10, 20, 40, 50), seed=3)
>>> bool(np.array_equal(made.mask, (made.real != made.fake).any(axis=2)))
True
>>> real, fake = encode(made.real, "jpeg", 90), encode(made.fake, "jpeg", 75)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from facediff._arrays import Map, Mask, Picture, check_choice, check_number, check_picture, check_whole, frozen
from facediff._codecs import CODECS
from facediff._edits import KINDS, Kind, Scene, fade, shape_in
from facediff._membrane import like
from facediff.regions import Box

KindName = Literal["paste", "poisson", "warp", "inpaint", "recolour", "smooth", "copy-move"]
Shape = Literal["ellipse", "rectangle"]
Codec = Literal["jpeg", "webp", "h264"]
Subsampling = Literal["4:2:0", "4:4:4"]

_SHAPES = ("ellipse", "rectangle")
_SHARE = 0.08
_LEAST_SIDE = 8
_LEAST_CHANGE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Manipulation:
    """A manipulated pair and the truth about it, from `manipulate`; frozen, its arrays read-only.

    Attributes
    ----------
    real, fake : ndarray, (H, W) or (H, W, 3)
        The picture as it was given, not copied (unless it had to be made contiguous), and edited.
    mask : ndarray of bool, (H, W)
        Exactly the pixels in which `fake` differs from `real`, in any channel. It may have holes and a ragged edge:
        where an edit, by chance or on flat ground, left a value as it was, nothing can be found.
    touched : ndarray of bool, (H, W)
        The pixels that the edit was free to change, an ellipse or rectangle without holes. It holds the mask.
    box : Box
        The bounds of `mask`.
    kind : str
        What was done.
    strength : float
        How much of it, in (0, 1].
    seed : int
        What the choices left open were drawn from.
    parameters : dict
        "shape", "feather" where the kind has one, and what the kind drew: the "angle" (radians, clockwise from
        rightwards) and "bulge" of a warp, the "luma", "cb" and "cr" of a recolouring (shares of white, at full
        strength), "from_left" and "from_top" of what was copied.
    """

    real: Picture = field(repr=False)
    fake: Picture = field(repr=False)
    mask: Mask = field(repr=False)
    touched: Mask = field(repr=False)
    box: Box
    kind: KindName
    strength: float
    seed: int
    parameters: dict[str, float | str]

    def __str__(self) -> str:
        """Kind, place, changed pixels, strength and seed in one line."""
        return (
            f"{self.kind} ({self.parameters['shape']}) in {self.box}, {np.count_nonzero(self.mask)} px changed, "
            f"{self.mask.mean():.2%} of the picture, strength {self.strength:g}, seed {self.seed}"
        )


def manipulate(
    picture: Picture,
    *,
    kind: KindName,
    box: Box | None = None,
    share: float | None = None,
    shape: Shape | None = None,
    source: Picture | None = None,
    feather: float | None = None,
    strength: float = 1.0,
    seed: int = 0,
    data_range: float | None = None,
) -> Manipulation:
    """Edit one place of a picture, and say exactly which pixels that changed.

    Outside `touched` the fake is the real picture bit for bit. For several edits, edit the `fake` of the one before.

    Parameters
    ----------
    picture : ndarray, (H, W) or (H, W, 3)
        The real picture: uint8, uint16, float32 or float64. It is never written to.
    kind : {"paste", "poisson", "warp", "inpaint", "recolour", "smooth", "copy-move"}
        * "paste": `source` is put there, as a face swap without colour correction.
        * "poisson": the gradients of `source` are put there, and its colours follow the picture's at the edge [1]_.
        * "warp": what is there is pushed and bulged, by up to a quarter of the half box.
        * "inpaint": what is there is removed and filled from around it [2]_.
        * "recolour": luma is shifted by 4 to 8 % of white, away from clipping, and chroma by 4 % in any direction.
        * "smooth": texture is smoothed and edges are kept (bilateral filter), as skin filters do.
        * "copy-move": another part of the same picture is put there. Only the copy is marked, not its origin.
    box : Box, optional
        Where; it must lie within the picture. Drawn from `seed` by default.
    share : float, optional
        Size of the drawn box as a share of the picture, in (0, 1]; 0.08 by default. Its sides are at least 8 pixels
        long where the picture's are. Not together with `box`.
    shape : {"ellipse", "rectangle"}, optional
        What of the box is edited. Drawn from `seed` by default.
    source : ndarray, (h, w) or (h, w, 3)
        For "paste" and "poisson", which need it: a picture of the same kind as `picture`, of any size. The largest
        centred part of it with the proportions of the box is scaled to the box: crop it to what is to be seen.
    feather : float, optional
        How far the edit fades out towards its edge, in [0, 1]; 0 = hard, 1 = fading from the middle. The default is
        0 for "poisson", "inpaint" and "copy-move", 0.3 for "paste", 0.5 for "recolour" and "smooth". "warp" takes
        none: its displacement always fades out.
    strength : float
        How much of the edit, in (0, 1]; every pixel moves from the real value towards the fully edited one by this
        share (for "warp": its displacement is scaled). All else that is drawn from `seed` does not depend on it.
    seed : int
        What is left open is drawn from ``numpy.random.default_rng(seed)``: same arguments, same bytes.
    data_range : float, optional
        The value of white. Needed for float pictures.

    Returns
    -------
    Manipulation
        Both pictures, the exact mask and what was done. The fake has the picture's dtype and lies in
        [0, data_range]. In float pictures changes below a millionth of white are left out, as rounding.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind, or the source of another dtype.
    ValueError
        If an argument has a wrong value, or one that does not go with this kind; if the source is missing or gray
        for a colour picture or the reverse; if there is no other place to copy from or nothing around to inpaint
        from; if no pixel is changed, as on flat ground or by too small a strength.

    References
    ----------
    .. [1] P. Perez, M. Gangnet and A. Blake, "Poisson image editing", ACM Transactions on Graphics 22(3), 2003.
       https://doi.org/10.1145/882262.882269
    .. [2] M. Bertalmio, A. L. Bertozzi and G. Sapiro, "Navier-Stokes, fluid dynamics, and image and video inpainting",
       CVPR 2001. https://doi.org/10.1109/CVPR.2001.990497

    Examples
    --------
    >>> import numpy as np
    >>> from facediff import Box
    >>> from facediff.synthesis import manipulate
    >>> picture, other = np.full((64, 64), 50, np.uint8), np.full((10, 10), 90, np.uint8)
    >>> made = manipulate(
    ...     picture, kind="paste", source=other, box=Box(8, 8, 24, 40), shape="rectangle", feather=0, strength=0.5
    ... )
    >>> print(made)
    paste (rectangle) in 16x32 at (8, 8), 512 px changed, 12.50% of the picture, strength 0.5, seed 0
    >>> int(made.fake[8, 8])
    70
    """
    real, limit = check_picture(picture, data_range=data_range)
    check_choice(kind, "kind", tuple(KINDS))
    entry = KINDS[kind]
    patch = _check_source(source, kind, entry, real, data_range)
    strength = _check_share(strength, "strength")
    fading = _check_feather(feather, kind, entry)
    if shape is not None:
        check_choice(shape, "shape", _SHAPES)
    if check_whole(seed, "seed") < 0:
        raise ValueError(f"seed must be at least 0, got {seed}")

    rng = np.random.default_rng(int(seed))
    drawn_shape = _SHAPES[rng.integers(len(_SHAPES))]
    place = _draw_box(real.shape, share, rng) if box is None else _check_box(box, share, real.shape)
    shape_name = drawn_shape if shape is None else shape
    inside = shape_in(place, shape_name)
    scene = Scene(real, limit, place, inside, patch, strength, rng)
    edited, drawn = entry.edit(scene)
    opacity = inside.astype(np.float32) if fading is None else np.float32(strength) * fade(inside, fading)
    fake = real.copy()
    fake[place.slices] = _blend(real[place.slices], edited, opacity, limit)
    mask = np.zeros(inside.shape, np.bool_)
    np.not_equal(fake[place.slices], real[place.slices]).reshape(*inside.shape, -1).any(axis=2, out=mask)
    if not mask.any():
        raise ValueError(
            f"{kind!r} changed no pixel in box {place} at strength {strength:g}; the picture is flat there, or "
            "the change stays below one level: pass another box or seed, or a larger strength"
        )
    return Manipulation(
        real=real,
        fake=frozen(fake),
        mask=frozen(_spread(mask, place, real.shape)),
        touched=frozen(_spread(inside, place, real.shape)),
        box=_bounds(mask, place),
        kind=kind,
        strength=strength,
        seed=int(seed),
        parameters={"shape": shape_name, **({} if fading is None else {"feather": fading}), **drawn},
    )


def encode(picture: Picture, codec: Codec, quality: int, *, subsampling: Subsampling = "4:2:0") -> Picture:
    """Return a picture as it looks after lossy coding.

    Parameters
    ----------
    picture : ndarray of uint8, (H, W) or (H, W, 3)
        Gray stays gray.
    codec : {"jpeg", "webp", "h264"}
        "h264" is one frame coded by libx264 (preset medium, BT.601) and needs the extra ``facediff[video]``.
    quality : int
        For "jpeg" and "webp" 1 to 100, more = closer to the picture. For "h264" the constant rate factor (CRF),
        0 to 51, the other way round: more = farther from the picture; 23 is libx264's default.
    subsampling : {"4:2:0", "4:4:4"}
        Chroma at half the size each way or, for "jpeg" only, in full. Gray has no chroma.

    Returns
    -------
    ndarray of uint8
        A new array of the picture's shape.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind, or the picture is not uint8: these codecs hold 8 bits.
    ValueError
        If an argument has a wrong value, or the picture is larger than the codec allows.
    ImportError
        If the codec is "h264" and PyAV is missing.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.synthesis import encode
    >>> picture = np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8)
    >>> coded = encode(picture, "jpeg", 75)
    >>> coded.shape, bool(np.array_equal(coded, picture))
    ((32, 48, 3), False)
    """
    if isinstance(picture, np.ndarray) and picture.dtype.kind == "f":
        raise TypeError(_not_8_bit(picture))
    checked, _ = check_picture(picture)
    if checked.dtype != np.uint8:
        raise TypeError(_not_8_bit(checked))
    check_choice(codec, "codec", tuple(CODECS))
    check_choice(subsampling, "subsampling", ("4:2:0", "4:4:4"))
    entry = CODECS[codec]
    lowest, highest = entry.qualities
    if not lowest <= check_whole(quality, "quality") <= highest:
        raise ValueError(f"quality must be {lowest} to {highest} for codec {codec!r}, got {quality}")
    if max(checked.shape) > entry.largest_side:
        raise ValueError(
            f"picture must be at most {entry.largest_side} pixels a side for codec {codec!r}, got shape {checked.shape}"
        )
    return entry.recode(checked, int(quality), subsampling)


def _not_8_bit(picture: Picture) -> str:
    return f"picture must be uint8, which is what these codecs hold, got {picture.dtype.name}; scale it to 8 bits first"


def _blend(real: Picture, edited: Map, opacity: Map, limit: float) -> Picture:
    """Move the real values towards the edited ones, by a share per pixel; 0 leaves them bit for bit."""
    light = (real / limit).astype(np.float32)
    change = (edited - light) * like(opacity, light)
    if real.dtype.kind == "u":
        wanted = real + change * np.float32(limit)
        return np.asarray(np.rint(np.clip(wanted, 0, math.floor(limit))), real.dtype)
    wanted = np.clip(real + change * real.dtype.type(limit), 0, limit).astype(real.dtype)
    return np.asarray(np.where(np.abs(wanted - real) > _LEAST_CHANGE * limit, wanted, real))


def _spread(part: Mask, box: Box, shape: tuple[int, ...]) -> Mask:
    whole = np.zeros(shape[:2], np.bool_)
    whole[box.slices] = part
    return whole


def _bounds(part: Mask, box: Box) -> Box:
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    return Box(box.left + columns[0], box.top + rows[0], box.left + columns[-1] + 1, box.top + rows[-1] + 1)


def _draw_box(shape: tuple[int, ...], share: float | None, rng: np.random.Generator) -> Box:
    """Draw a box of a share of the picture, three by four to four by three unless the picture is too thin."""
    area = shape[0] * shape[1] * (_SHARE if share is None else _check_share(share, "share"))
    aspect = math.exp(rng.uniform(math.log(3 / 4), math.log(4 / 3)))
    height = _side(math.sqrt(area / aspect), shape[0])
    width = _side(area / height, shape[1])
    height = _side(area / width, shape[0])
    left, top = rng.integers(shape[1] - width + 1), rng.integers(shape[0] - height + 1)
    return Box.from_xywh(int(left), int(top), width, height)


def _side(wanted: float, largest: int) -> int:
    return min(max(round(wanted), _LEAST_SIDE), largest)


def _check_box(box: object, share: object, shape: tuple[int, ...]) -> Box:
    if not isinstance(box, Box):
        raise TypeError(f"box must be a Box, got {type(box).__name__}; make one with facediff.Box")
    if share is not None:
        raise ValueError(f"share is the size of a drawn box, got share={share} and a box; pass one of them")
    if box.left < 0 or box.top < 0 or box.right > shape[1] or box.bottom > shape[0]:
        raise ValueError(f"box must lie within the picture, got {box} for {shape[1]}x{shape[0]} pixels")
    return box


def _check_source(
    source: Picture | None, kind: str, entry: Kind, real: Picture, data_range: float | None
) -> Picture | None:
    if source is None:
        if entry.needs_source:
            raise ValueError(f"kind {kind!r} needs a source, got none; pass the picture to put in")
        return None
    if not entry.needs_source:
        raise ValueError(f"kind {kind!r} takes no source, got one; leave it out")
    patch, _ = check_picture(source, "source", data_range=data_range)
    if patch.dtype != real.dtype:
        raise TypeError(
            f"picture and source must have the same dtype, got {real.dtype.name} and {patch.dtype.name}; "
            "convert one of them, keeping its values on the same scale"
        )
    if patch.ndim != real.ndim:
        raise ValueError(f"picture and source must both be gray or both RGB, got shapes {real.shape} and {patch.shape}")
    return patch


def _check_feather(feather: float | None, kind: str, entry: Kind) -> float | None:
    if feather is None:
        return entry.feather
    if entry.feather is None:
        raise ValueError(f"kind {kind!r} takes no feather, got {feather}; its displacement always fades out")
    return check_number(feather, "feather", low=0, high=1)


def _check_share(value: object, name: str) -> float:
    share = check_number(value, name, low=0, high=1)
    if share == 0:
        raise ValueError(f"{name} must be above 0, got {value}; an edit of nothing has no mask")
    return share
