"""From an open picture file to an array: what its header may claim, which decoder reads it, and which way is up.

Pillow opens every file and decodes all that holds 8 bits per channel: it says so when a file is cut short, where
OpenCV hands out a picture that is half gray. Of 16 bits per channel it keeps but 8, so there OpenCV decodes, after
Pillow has gone through the file without complaint.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Literal, NamedTuple

import cv2
import numpy as np
from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from facediff._arrays import Picture

#: The largest picture that is read, in pixels. Larger than a camera takes in one shot; what claims more is refused
#: from its header, before memory is taken for it.
MAX_PIXELS = 2**28

_SHALLOW_MODES = ("1", "L", "P", "LA", "PA", "RGB", "RGBA")
_DEEP_MODES = ("I;16", "I;16B", "RGB", "RGBA")
_WIDTH, _HEIGHT, _BITS_PER_SAMPLE, _PHOTOMETRIC, _ORIENTATION, _PLANAR = 256, 257, 258, 262, 274, 284


class Format(NamedTuple):
    """What a picture file can be, and how it is known, opened and written."""

    name: str
    begins: bytes  # a regular expression
    # Opened by its own class: PIL.Image.open warns or raises by its own, process-wide limit of pixels.
    opener: type[ImageFile]
    suffixes: tuple[str, ...]
    longest_side: int | None  # what its encoder takes
    holds_16_bits: bool
    quality: int | None  # OpenCV's name for it, if there is one


FORMATS = (
    Format("PNG", rb"\x89PNG\r\n\x1a\n", PngImageFile, (".png",), 1_000_000, True, None),
    Format("JPEG", rb"\xff\xd8\xff", JpegImageFile, (".jpg", ".jpeg"), 65_500, False, cv2.IMWRITE_JPEG_QUALITY),
    Format("WebP", rb"RIFF....WEBP", WebPImageFile, (".webp",), 16_383, False, cv2.IMWRITE_WEBP_QUALITY),
    Format("TIFF", rb"II[*+]\0|MM\0[*+]", TiffImageFile, (".tif", ".tiff"), None, True, None),
    Format("BMP", rb"BM", BmpImageFile, (".bmp",), None, False, None),
)
_NAMES = ", ".join(each.name for each in FORMATS)


def decode(file: BinaryIO, name: str) -> Picture:
    """Return the one picture that an open file holds, upright, gray or RGB; `name` is what errors call it."""
    head = file.read(32)
    form = _recognise(head, name)
    if form.name == "WebP":
        _check_webp_header(head, name)
    with _decoding(name, form):
        if form.name == "TIFF":
            _check_directory(file, head)
        file.seek(0)
        image = form.opener(file)
        frames = getattr(image, "n_frames", 1)
    _check_size(*image.size, name)
    if frames > 1:
        raise ValueError(_several(name, str(frames)))
    deep = _is_deep(image, head)
    _check_kind(image, deep, name)
    with _decoding(name, form):
        if isinstance(image, TiffImageFile):
            # Only memory that Pillow takes for a TIFF by itself is held against its process-wide limit.
            image.im = Image.new(image.mode, (image.tag_v2[_WIDTH], image.tag_v2[_HEIGHT])).im
        image.load()
        stored = _decode_deep(file, head) if deep else _decode(image)
    # Both decoders apply the orientation of a TIFF by themselves, and that of no other format.
    orientation = 1 if form.name == "TIFF" else _orientation(image.info.get("exif", b""))
    return np.array(_upright(_without_alpha(stored, name), orientation), order="C")


def _recognise(head: bytes, name: str) -> Format:
    if not head:
        raise ValueError(f"{name} is empty (0 bytes); get it again")
    for form in FORMATS:
        if re.match(form.begins, head, re.DOTALL):
            return form
    raise ValueError(
        f"{name} is not a picture that facediff reads ({_NAMES}): it begins with {head[:12]!r}; "
        "name another file, or save the picture as PNG"
    )


@contextmanager
def _decoding(name: str, form: Format) -> Iterator[None]:
    """Turn whatever a decoder raises on damaged bytes, which is nearly anything, into one clear error."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        # A number of its own means that the disk failed and not the picture, but for a place that cannot be sought.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise ValueError(
            f"{name} cannot be decoded as {form.name} ({error}); it is damaged, cut short or of a rare kind: "
            "get it again, or save it anew as PNG"
        ) from error


def _check_size(width: int, height: int, name: str) -> None:
    if width * height > MAX_PIXELS:
        raise ValueError(
            f"{name} claims {width}x{height} = {width * height:,} pixels, and facediff reads at most {MAX_PIXELS:,}; "
            "check where the file comes from, or cut it into parts"
        )


def _check_webp_header(head: bytes, name: str) -> None:
    """Refuse what Pillow would take memory for on opening: a huge canvas, and the frames of an animation."""
    if head[12:16] == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
        _check_size(width, height, name)
        if int.from_bytes(head[20:21]) & 2:
            raise ValueError(_several(name, "several"))


def _several(name: str, count: str) -> str:
    return (
        f"{name} holds {count} frames or pages, and a picture is one; "
        "save the one that is meant as a picture of its own, or read them all as a clip"
    )


def _check_directory(file: BinaryIO, head: bytes) -> None:
    """Refuse a TIFF that ends before its directory does: Pillow would warn of it and go on."""
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    is_big = b"+" in head[2:4]
    start = int.from_bytes(head[8:16] if is_big else head[4:8], order)
    end = file.seek(0, os.SEEK_END)
    file.seek(min(start, end))
    entries = int.from_bytes(file.read(8 if is_big else 2), order)
    if start + (16 + 20 * entries if is_big else 6 + 12 * entries) > end:
        raise ValueError("its directory reaches beyond its end")


def _is_deep(image: ImageFile, head: bytes) -> bool:
    """Whether the file stores 16 bits per channel; of an RGB picture, Pillow hands out the upper 8 of them."""
    if isinstance(image, PngImageFile):
        return head[24] == 16
    return isinstance(image, TiffImageFile) and set(image.tag_v2.get(_BITS_PER_SAMPLE, ())) == {16}


def _check_kind(image: ImageFile, deep: bool, name: str) -> None:
    if image.mode not in (_DEEP_MODES if deep else _SHALLOW_MODES):
        raise ValueError(
            f"{name} holds {image.mode} pixels, and facediff reads gray and RGB of 8 or 16 bits; "
            "convert it in an image editor, which heeds its colour profile, or with PIL.Image.Image.convert"
        )
    if deep and isinstance(image, TiffImageFile):
        tags = image.tag_v2
        if tags.get(_PHOTOMETRIC, 1) == 0 or tags.get(_PLANAR, 1) == 2:
            raise ValueError(
                f"{name} is a 16-bit TIFF with white as 0 or with its channels one after another, which OpenCV "
                "misreads; save it as 16-bit PNG, or as TIFF with black as 0 and with interleaved channels"
            )
    if image.mode != "P" and "transparency" in image.info:
        raise ValueError(_transparent(name, "declares one colour as transparent"))


def _decode(image: ImageFile) -> Picture:
    if image.mode in ("P", "PA"):
        return np.asarray(image.convert("RGBA"))
    return np.asarray(image.convert("L") if image.mode == "1" else image)


def _decode_deep(file: BinaryIO, head: bytes) -> Picture:
    """Decode 16 bits per channel by OpenCV: gray, gray with alpha, RGB or RGBA."""
    file.seek(0)
    stored: Picture | None = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_UNCHANGED)
    if stored is None:
        raise ValueError("its compression is unknown to OpenCV")
    if stored.ndim == 2:
        return stored
    if head.startswith(b"\x89PNG") and not head[25] & 2:  # gray with alpha, blown up to four channels
        return stored[..., 2:]
    return cv2.cvtColor(stored, cv2.COLOR_BGR2RGB if stored.shape[2] == 3 else cv2.COLOR_BGRA2RGBA)


def _without_alpha(stored: Picture, name: str) -> Picture:
    if stored.ndim == 2 or stored.shape[2] == 3:
        return stored
    if stored[..., -1].min() < np.iinfo(stored.dtype).max:
        raise ValueError(_transparent(name, "is partly transparent"))
    return stored[..., 0] if stored.shape[2] == 2 else stored[..., :3]


def _transparent(name: str, what: str) -> str:
    return (
        f"{name} {what}, and what is seen there is up to its background; flatten it first, on white for example "
        'with picture = PIL.Image.open(path).convert("RGBA"), then '
        'PIL.Image.alpha_composite(PIL.Image.new("RGBA", picture.size, "white"), picture).convert("RGB")'
    )


def _orientation(exif: bytes) -> int:
    """Return the EXIF orientation, 1 to 8; 1 where there is none or its block is damaged, as viewers take it."""
    exif = exif.removeprefix(b"Exif\0\0")
    if exif[:2] not in (b"II", b"MM"):
        return 1
    order: Literal["little", "big"] = "little" if exif[:2] == b"II" else "big"
    start = int.from_bytes(exif[4:8], order)
    entries = int.from_bytes(exif[start : start + 2], order)
    for at in range(start + 2, min(start + 2 + 12 * entries, len(exif)), 12):
        if int.from_bytes(exif[at : at + 2], order) == _ORIENTATION:
            value = int.from_bytes(exif[at + 8 : at + 10], order)
            return value if 1 <= value <= 8 else 1
    return 1


def _upright(picture: Picture, orientation: int) -> Picture:
    """Return a view of the picture as it is to be seen; the orientations are those of EXIF."""
    if orientation in (5, 6, 7, 8):
        picture = picture.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    return picture
