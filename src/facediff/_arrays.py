"""The door: what a picture and a pair of pictures are, and every check that they pass through.

A picture is an array ``(H, W)`` (gray) or ``(H, W, 3)`` (RGB) of uint8, uint16, float32 or float64.
Every public function that takes arrays takes them through this module, once; what lies behind the door
need not check again.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Picture: TypeAlias = npt.NDArray[Any]
Mask: TypeAlias = npt.NDArray[np.bool_]
Map: TypeAlias = npt.NDArray[np.float32]

_DTYPES = ("uint8", "uint16", "float32", "float64")

# SSIM multiplies four values; beyond these, products vanish or overflow in silence.
_LEAST_RANGE, _LARGEST_RANGE = 1e-30, 1e30


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two pictures that passed the door: same shape, same dtype, C-contiguous, native byte order, read-only."""

    real: Picture
    fake: Picture
    data_range: float
    where: Mask | None

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.real.shape[0], self.real.shape[1]


def check_pair(
    real: object,
    fake: object,
    *,
    data_range: float | None = None,
    where: object = None,
) -> Pair:
    """Let two pictures in, or say what is wrong with them.

    Nothing is copied unless an array is not contiguous or not in native byte order.
    """
    a, b = _check_kind(real, "real"), _check_kind(fake, "fake")
    if a.shape != b.shape:
        raise ValueError(
            f"real and fake must have the same shape, got {a.shape} and {b.shape}; crop or align them first"
        )
    if a.dtype.newbyteorder("=") != b.dtype.newbyteorder("="):
        raise TypeError(
            f"real and fake must have the same dtype, got {a.dtype.name} and {b.dtype.name}; "
            "convert one of them, keeping its values on the same scale"
        )
    limit = check_data_range(a.dtype, data_range)
    mask = None if where is None else _frozen(check_where(where, a.shape[:2]))
    for picture, name in ((a, "real"), (b, "fake")):
        _check_values(picture, name, limit, mask)
    return Pair(_frozen(a), _frozen(b), limit, mask)


def check_picture(picture: object, name: str = "picture", *, data_range: float | None = None) -> tuple[Picture, float]:
    """Let one picture in, with its data range."""
    checked = _check_kind(picture, name)
    limit = check_data_range(checked.dtype, data_range)
    _check_values(checked, name, limit, None)
    return _frozen(checked), limit


def check_data_range(dtype: np.dtype[Any], data_range: object) -> float:
    """Return the value of white: known for integer dtypes, required for floats, never read off the pixels."""
    largest = float(np.iinfo(dtype).max) if dtype.kind == "u" else math.inf
    if data_range is None:
        if dtype.kind == "f":
            raise ValueError(
                f"data_range is needed for {dtype.name} pictures, got none; "
                "pass the value of white, such as data_range=1.0"
            )
        return largest
    if isinstance(data_range, bool) or not isinstance(data_range, (int, float, np.integer, np.floating)):
        raise TypeError(f"data_range must be a number, got {type(data_range).__name__}; pass the value of white")
    if not (0 < data_range <= largest and math.isfinite(data_range)):
        bound = "finite" if dtype.kind == "f" else f"at most {largest:g} for {dtype.name}"
        raise ValueError(f"data_range must be above 0 and {bound}, got {data_range}; pass the value of white")
    if dtype.kind == "f" and not _LEAST_RANGE <= data_range <= _LARGEST_RANGE:
        raise ValueError(
            f"data_range must lie between {_LEAST_RANGE:g} and {_LARGEST_RANGE:g}, got {data_range}; "
            "scale the pictures, say to [0, 1] and data_range=1.0"
        )
    return float(data_range)


def check_where(where: object, shape: tuple[int, ...]) -> Mask:
    """Let in a mask of the pixels that count: bool, of the picture's height and width, not empty."""
    if isinstance(where, np.ma.MaskedArray):
        raise TypeError("where must be a plain bool array, got a masked one; pass where.filled(False)")
    if not isinstance(where, np.ndarray) or where.dtype != np.bool_:
        got = f"{where.dtype.name} array" if isinstance(where, np.ndarray) else type(where).__name__
        raise TypeError(f"where must be a bool array, got {got}; pass for example mask > 0")
    if where.shape != shape:
        raise ValueError(
            f"where must have the pictures' height and width {shape}, got {where.shape}; crop it as they were"
        )
    if not where.any():
        raise ValueError("where must hold at least one pixel, got none; pass where=None to compare everything")
    return where


def check_mask(mask: object, name: str = "mask", *, dims: int = 2) -> Mask:
    """Let in a mask of a picture: bool, (H, W), at least one pixel; with dims=1 one truth value for each picture."""
    checked = _check_array(mask, name, "a bool mask")
    if checked.dtype != np.bool_:
        cure = (
            f"pass {name} > 127 for a mask in 8 bits" if checked.dtype == np.uint8 else f"pass for example {name} > 0"
        )
        raise TypeError(f"{name} must be a bool mask, got a {checked.dtype.name} array; {cure}")
    if checked.ndim != dims or checked.size == 0:
        form, unit = ("(H, W)", "pixel") if dims == 2 else ("(N,)", "score")
        raise ValueError(
            f"{name} must be {form} of at least one {unit}, got shape {checked.shape}; pass one value for each {unit}"
        )
    return checked


def check_evidence(evidence: object, name: str) -> npt.NDArray[Any]:
    """Let in real numbers, more = more surely changed: any shape, at least one, all finite."""
    checked = _check_array(evidence, name, "an array of numbers")
    if checked.dtype.kind not in "iuf":
        cure = "score a mask with score_mask" if checked.dtype == np.bool_ else "more = more surely changed"
        raise TypeError(f"{name} must be numbers, got a {checked.dtype.name} array; {cure}")
    if checked.size == 0:
        raise ValueError(f"{name} must hold at least one number, got shape {checked.shape}; check how it was cropped")
    # NaN spreads to both ends, so two passes without a temporary array find it.
    if checked.dtype.kind == "f" and not (math.isfinite(checked.min()) and math.isfinite(checked.max())):
        bad = np.argwhere(~np.isfinite(checked))
        place = tuple(int(i) for i in bad[0])
        raise ValueError(
            f"{name} must be finite, got {len(bad)} NaN or infinite values, the first at {place}; "
            "replace them, say by 0 where nothing is known"
        )
    return checked


def check_odd(value: object, name: str, *, largest: int) -> int:
    """Let in an odd size of at least 3 that fits into a picture whose shorter side is `largest`."""
    size = check_whole(value, name)
    if size < 3 or size % 2 == 0:
        raise ValueError(f"{name} must be an odd number of at least 3, got {size}")
    if size > largest:
        raise ValueError(
            f"{name} must be at most the picture's shorter side, got {size} for {largest} pixels; "
            "pass a smaller window or larger pictures"
        )
    return size


def check_whole(value: object, name: str) -> int:
    """Let in a whole number: an int or a NumPy integer, not a bool and not a float."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be a whole number, got {value!r} ({type(value).__name__})")
    return int(value)


def check_number(value: object, name: str, *, low: float, high: float) -> float:
    """Let in a number from `low` to `high`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} must be a number, got {value!r} ({type(value).__name__})")
    if not low <= value <= high:
        raise ValueError(f"{name} must lie between {low:g} and {high:g}, got {value}")
    return float(value)


def check_choice(value: object, name: str, choices: tuple[str, ...]) -> str:
    """Let in one of a few words."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {', '.join(map(repr, choices))}, got {value!r}")
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, got {value!r}")
    return value


def check_path(path: object, name: str) -> str:
    """Let in the name of a file: a str or an os.PathLike that stands for one."""
    text = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(text, str):
        raise TypeError(
            f"{name} must be a path, a str or an os.PathLike such as pathlib.Path, got {type(path).__name__}"
        )
    if "\0" in text:
        raise ValueError(f"{name} must hold no null character, got {text!r}; no file can be called that")
    return text


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a read-only view, the array itself left as it is."""
    view = array.view()
    view.flags.writeable = False
    return view


def _frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return frozen(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("=")))


def _check_array(array: object, name: str, kind: str) -> npt.NDArray[Any]:
    if isinstance(array, np.ma.MaskedArray) or not isinstance(array, np.ndarray):
        got = "a masked array" if isinstance(array, np.ma.MaskedArray) else type(array).__name__
        raise TypeError(f"{name} must be {kind}, a plain NumPy array, got {got}; convert it with numpy.asarray")
    return array


def _check_kind(picture: object, name: str) -> Picture:
    if isinstance(picture, np.ma.MaskedArray):
        raise TypeError(
            f"{name} must be a plain NumPy array, got a masked one; "
            f"pass {name}.data, and its mask as where=~{name}.mask"
        )
    if not isinstance(picture, np.ndarray):
        raise TypeError(
            f"{name} must be a NumPy array, got {type(picture).__name__}; "
            "read a file with facediff.read_image, convert other pictures with numpy.asarray"
        )
    if picture.dtype.name not in _DTYPES:
        raise TypeError(
            f"{name} must be {', '.join(_DTYPES[:-1])} or {_DTYPES[-1]}, got {picture.dtype.name}; "
            "convert it to the one that holds its values on their true scale"
        )
    if picture.ndim not in (2, 3) or (picture.ndim == 3 and picture.shape[2] != 3):
        raise ValueError(
            f"{name} must be (H, W) gray or (H, W, 3) RGB, got shape {picture.shape}; {_shape_cure(picture, name)}"
        )
    if picture.size == 0:
        raise ValueError(f"{name} must hold at least one pixel, got shape {picture.shape}; check how it was cropped")
    return picture


def _shape_cure(picture: Picture, name: str) -> str:
    if picture.ndim == 3 and picture.shape[2] == 1:
        return f"pass {name}[..., 0]"
    if picture.ndim == 3 and picture.shape[2] == 4:
        return f"drop the alpha channel with {name}[..., :3] if it is opaque, else flatten it first"
    if picture.ndim == 3 and picture.shape[0] == 3:
        return f"move the channels last with numpy.moveaxis({name}, 0, -1)"
    if picture.ndim == 4:
        return "pass one picture at a time"
    return "reshape it"


def _check_values(picture: Picture, name: str, data_range: float, where: Mask | None) -> None:
    """Refuse NaN, infinities and values outside [0, data_range], wherever they count."""
    if picture.dtype.kind == "u" and data_range == np.iinfo(picture.dtype).max:
        return
    counted = picture if where is None else picture[where]
    low, high = float(counted.min()), float(counted.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        bad = ~np.isfinite(picture)
        if where is not None:
            bad[~where] = False
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"{name} must be finite, got {int(bad.sum())} NaN or infinite values, the first at {place}; "
            "replace them, or leave their pixels out with where="
        )
    if low < 0 or high > data_range:
        raise ValueError(
            f"{name} must lie in [0, data_range] = [0, {data_range:g}], got values from {low:g} to {high:g}; "
            "scale or clip it, or pass the true data_range"
        )
