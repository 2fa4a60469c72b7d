"""Picture files: read as RGB or gray arrays, written whole or not at all.

>>> import tempfile
>>> from pathlib import Path
>>> import numpy as np
>>> from facediff import read_image, write_image
>>> with tempfile.TemporaryDirectory() as folder:
...     write_image(Path(folder) / "gray.png", np.eye(3, dtype=np.uint8))
...     read_image(Path(folder) / "gray.png")
array([[1, 0, 0],
       [0, 1, 0],
       [0, 0, 1]], dtype=uint8)
"""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import suppress
from typing import BinaryIO

import cv2
import numpy as np
import numpy.typing as npt

from facediff._arrays import Picture, check_path, check_picture, check_whole
from facediff._decoding import FORMATS, Format, decode
from facediff._decoding import MAX_PIXELS as MAX_PIXELS

_QUALITY = 95


def read_image(path: str | os.PathLike[str]) -> Picture:
    """Read a picture file: PNG, JPEG, WebP, TIFF or BMP, known by its content and not by its suffix.

    The picture stands upright (its EXIF orientation is applied). Gray stays gray, also when it was stored as black
    and white; a palette becomes RGB. An alpha channel that is opaque everywhere is dropped. Colour profiles are not
    applied: the values are those that the file stores. Of a JPEG that carries further pictures beside the photo
    (a depth map, a preview), the photo is read.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Returns
    -------
    ndarray of uint8 or uint16, (H, W) or (H, W, 3)
        Gray or RGB, uint16 for files of 16 bits per channel; a new array of its own.

    Raises
    ------
    TypeError
        If `path` is of the wrong kind.
    FileNotFoundError, IsADirectoryError, PermissionError, OSError
        If there is no such file, it is a folder, or it cannot be read.
    ValueError
        If the file is empty, no picture, damaged or cut short, holds several frames or pages, claims more than
        `MAX_PIXELS` pixels, is partly transparent, or is neither gray nor RGB of up to 16 bits (such as CMYK).

    Notes
    -----
    Pillow decodes, so ``PIL.ImageFile.LOAD_TRUNCATED_IMAGES`` must be left off: a program that sets it gets files
    that are cut short without an error.

    Examples
    --------
    >>> import os
    >>> import skimage
    >>> from facediff import read_image
    >>> read_image(os.path.join(skimage.data_dir, "astronaut.png")).shape
    (512, 512, 3)
    """
    return _read(path, "path")


def read_pair(real: str | os.PathLike[str], fake: str | os.PathLike[str]) -> tuple[Picture, Picture]:
    """Read a real and a fake picture that fit each other.

    Parameters
    ----------
    real, fake : str or os.PathLike
        The two files, each read as `read_image` does.

    Returns
    -------
    tuple of two ndarrays, (H, W) or (H, W, 3)
        The real and the fake picture, of one shape and one dtype.

    Raises
    ------
    TypeError, OSError
        As `read_image`.
    ValueError
        As `read_image`, and if the two differ in size, in depth, or in being gray or RGB.

    Examples
    --------
    >>> import os
    >>> import skimage
    >>> from facediff import read_pair
    >>> path = os.path.join(skimage.data_dir, "astronaut.png")
    >>> real, fake = read_pair(path, path)
    >>> real.shape == fake.shape
    True
    """
    pair = _read(real, "real"), _read(fake, "fake")
    if (pair[0].shape, pair[0].dtype) != (pair[1].shape, pair[1].dtype):
        cure = (
            "convert one of them and save it again"
            if pair[0].shape[:2] == pair[1].shape[:2]
            else "crop or align them first"
        )
        raise ValueError(
            f"real and fake must have the same size and kind, got {os.fspath(real)}: {_describe(pair[0])} "
            f"and {os.fspath(fake)}: {_describe(pair[1])}; {cure}"
        )
    return pair


def write_image(path: str | os.PathLike[str], picture: Picture, *, quality: int | None = None) -> None:
    """Write a picture file, whole or not at all; the suffix says in which format.

    The file is written under another name in the same folder and renamed once it is whole: if that fails, nothing is
    left behind and an older file of that name stays as it was. PNG, TIFF and BMP give back bit for bit what was
    written; JPEG and WebP do not. WebP knows no gray: a gray picture is read back as RGB.

    Parameters
    ----------
    path : str or os.PathLike
        The file: .png, .jpg, .jpeg, .webp, .tif, .tiff or .bmp.
    picture : ndarray of uint8 or uint16, (H, W) or (H, W, 3)
        Gray or RGB; uint16 for PNG and TIFF only.
    quality : int, optional
        For JPEG and WebP: from 1, smallest, to 100, best and still not lossless; 95 unless given.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind, such as a float picture.
    FileNotFoundError, IsADirectoryError, PermissionError, OSError
        If the folder is missing, `path` is a folder, or the file cannot be written.
    ValueError
        If the suffix is unknown, the picture is neither gray nor RGB, is empty, has 16 bits or a side that the
        format cannot hold, or `quality` is out of range or given for a format that has none.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from facediff import read_image, write_image
    >>> red = np.full((4, 6, 3), (255, 0, 0), np.uint8)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_image(Path(folder) / "red.tif", red)
    ...     bool((read_image(Path(folder) / "red.tif") == red).all())
    True
    """
    name = check_path(path, "path")
    form = _format_of(name)
    if isinstance(picture, np.ndarray) and picture.dtype.kind == "f":
        raise TypeError(
            f"picture must be uint8 or uint16, got {picture.dtype.name}; scale, clip and round it first, "
            "for values in [0, 1] with numpy.rint(numpy.clip(picture, 0, 1) * 255).astype(numpy.uint8)"
        )
    picture, _ = check_picture(picture)
    _check_fits(picture, form, name)
    data = _encode(picture, form, _check_quality(quality, form))
    _write_whole(name, data)


def _read(path: object, argument: str) -> Picture:
    name = check_path(path, argument)
    with _open(name) as file:
        return decode(file, name)


def _open(name: str) -> BinaryIO:
    if os.path.isdir(name):
        raise IsADirectoryError(errno.EISDIR, "this is a folder, not a picture; name a file in it", name)
    try:
        return open(name, "rb")
    except FileNotFoundError:
        text = "there is no such picture; check the name, and the folder that it is relative to"
        raise FileNotFoundError(errno.ENOENT, text, name) from None
    except PermissionError:
        text = "this picture may not be read; ask for the right to, or run as another user"
        raise PermissionError(errno.EACCES, text, name) from None


def _describe(picture: Picture) -> str:
    return f"{picture.shape[1]}x{picture.shape[0]} {'gray' if picture.ndim == 2 else 'RGB'} {picture.dtype.name}"


def _format_of(name: str) -> Format:
    suffix = os.path.splitext(name)[1]
    for form in FORMATS:
        if suffix.lower() in form.suffixes:
            return form
    known = ", ".join(each for form in FORMATS for each in form.suffixes)
    raise ValueError(f"path must end in one of {known}, got {suffix!r} in {name}")


def _check_fits(picture: Picture, form: Format, name: str) -> None:
    if picture.dtype == np.uint16 and not form.holds_16_bits:
        able = " and ".join(each.name for each in FORMATS if each.holds_16_bits)
        raise ValueError(
            f"{name}: {form.name} holds 8 bits, got a uint16 picture; write it as {able}, which hold 16, "
            "or scale it first"
        )
    if form.longest_side is not None and max(picture.shape[:2]) > form.longest_side:
        raise ValueError(
            f"{name}: {form.name} takes sides of at most {form.longest_side} pixels, "
            f"got {picture.shape[1]}x{picture.shape[0]}; write it as TIFF"
        )


def _check_quality(quality: object, form: Format) -> int:
    if quality is None:
        return _QUALITY
    value = check_whole(quality, "quality")
    if form.quality is None:
        raise ValueError(f"quality is for JPEG and WebP, got {value} for {form.name}, which is lossless; leave it out")
    if not 1 <= value <= 100:
        raise ValueError(f"quality must be from 1 to 100, got {value}")
    return value


def _encode(picture: Picture, form: Format, quality: int) -> npt.NDArray[np.uint8]:
    parameters = [] if form.quality is None else [form.quality, quality]
    bgr = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(form.suffixes[0], bgr, parameters)
    if not done:
        raise ValueError(f"OpenCV cannot encode {_describe(picture)} as {form.name}; write it as another format")
    return data


def _write_whole(name: str, data: npt.NDArray[np.uint8]) -> None:
    if os.path.isdir(name):
        raise IsADirectoryError(errno.EISDIR, "this is a folder; name a file in it", name)
    target = os.path.realpath(name)  # a link stays one: what it points to is replaced
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, "there is no such folder; create it first", folder)
    temporary = os.path.join(folder, f".facediff-{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(data.data)
        os.replace(temporary, target)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, PermissionError):
            text = "this picture may not be written here; choose another folder, or ask for the right to"
            raise PermissionError(errno.EACCES, text, name) from None
        raise
