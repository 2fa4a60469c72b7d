"""Picture files: what is read is what was stored, upright; what is not a whole plain picture is refused in words."""

import errno
import io
import os
import struct
import subprocess
import sys
import textwrap
import threading
import tracemalloc
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageFile

from facediff import _decoding, images, read_image, read_pair, write_image

RNG = np.random.default_rng(7)
RGB8 = RNG.integers(0, 256, (5, 7, 3), np.uint8)
RGB16 = RNG.integers(0, 65536, (5, 7, 3), np.uint16)
GRAY8, GRAY16 = RGB8[..., 0].copy(), RGB16[..., 0].copy()
PHOTO = Path(skimage.data_dir) / "astronaut.png"


# Files made without the code under test: by Pillow, by tifffile, or by hand.


def by_pillow(array: np.ndarray, form: str, mode: str | None = None, **options: object) -> bytes:
    picture = array if isinstance(array, Image.Image) else Image.fromarray(array)
    file = io.BytesIO()
    (picture.convert(mode) if mode else picture).save(file, form, **options)
    return file.getvalue()


def by_tifffile(array: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    options.setdefault("photometric", "rgb" if array.ndim == 3 else "minisblack")
    tifffile.imwrite(file, array, metadata=None, **options)
    return file.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_by_hand(array: np.ndarray, *extra: bytes, depth: int | None = None) -> bytes:
    """Store an array (H, W) or (H, W, 2 to 4) as PNG, rows unfiltered; `extra` are chunks that go before the data."""
    height, width = array.shape[:2]
    depth = depth or 8 * array.itemsize
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[1 if array.ndim == 2 else array.shape[2]]
    rows = [np.packbits(row) if depth == 1 else row.astype(row.dtype.newbyteorder(">")) for row in array]
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)),
            *extra,
            png_chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))),
            png_chunk(b"IEND", b""),
        ]
    )


def tiff_by_hand(width: int, height: int) -> bytes:
    """Store a gray TIFF with no more than the tags it takes, and 4 bytes of pixels."""
    sizes = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 122), (277, 1), (278, height), (279, 4)]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sizes)
    return b"II*\0" + struct.pack("<IH", 8, len(sizes)) + entries + bytes(4) + bytes(4)


def exif(orientation: int, order: str = "<") -> bytes:
    """Return an EXIF block that holds the orientation and nothing else."""
    mark = b"II" if order == "<" else b"MM"
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return mark + struct.pack(order + "HIH", 42, 8, 1) + entry + bytes(4)


@pytest.fixture
def saved(tmp_path) -> Callable[..., Path]:
    """Return a function that puts bytes into a file."""

    def save(content: bytes, name: str = "picture") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return save


# Reading


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (by_pillow(RGB8, "PNG"), RGB8),
        (by_pillow(GRAY8, "PNG"), GRAY8),
        (png_by_hand(RGB8), RGB8),
        (png_by_hand(RGB16), RGB16),
        (png_by_hand(GRAY16), GRAY16),
        (by_pillow(RGB8, "BMP"), RGB8),
        (by_pillow(GRAY8, "BMP"), GRAY8),
        (by_pillow(RGB8, "WEBP", lossless=True), RGB8),
        (by_pillow(RGB8, "TIFF"), RGB8),
        (by_pillow(GRAY8, "TIFF", compression="tiff_lzw"), GRAY8),
        (by_tifffile(RGB8), RGB8),
        (by_tifffile(RGB8, compression="zlib", predictor=True), RGB8),
        (by_tifffile(RGB8, bigtiff=True), RGB8),
        (by_tifffile(RGB8, byteorder=">"), RGB8),
        (by_tifffile(np.moveaxis(RGB8, -1, 0), planarconfig="separate"), RGB8),
        (by_tifffile(255 - GRAY8, photometric="miniswhite"), GRAY8),
        (by_tifffile(RGB16), RGB16),
        (by_tifffile(RGB16, compression="zlib", predictor=True), RGB16),
        (by_tifffile(RGB16, bigtiff=True), RGB16),
        (by_tifffile(RGB16, byteorder=">"), RGB16),
        (by_tifffile(RGB16, tile=(16, 16)), RGB16),
        (by_tifffile(GRAY16), GRAY16),
        (by_tifffile(GRAY16, byteorder=">"), GRAY16),
        (by_pillow(GRAY16, "TIFF"), GRAY16),
    ],
)
def test_lossless_files_are_read_bit_for_bit(content, expected, saved):
    picture = read_image(saved(content))
    assert picture.dtype == expected.dtype
    np.testing.assert_array_equal(picture, expected)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_jpeg_is_read_as_pillow_decodes_it(mode, saved):
    content = by_pillow(Image.open(PHOTO).resize((61, 43)), "JPEG", mode)
    np.testing.assert_array_equal(read_image(saved(content)), np.asarray(Image.open(io.BytesIO(content))))


def test_colours_are_red_green_blue(saved):
    red = np.full((16, 16, 3), (255, 0, 0), np.uint8)
    for form in ("PNG", "JPEG", "WEBP", "TIFF", "BMP"):
        picture = read_image(saved(by_pillow(red, form)))
        assert (np.abs(picture.astype(int) - (255, 0, 0)) <= 2).all()  # flat: a level or two of colour conversion


@pytest.mark.parametrize("content", [by_pillow(RGB8, "PNG"), png_by_hand(RGB16), by_pillow(GRAY8, "BMP")])
def test_the_array_is_the_callers_own(content, saved):
    picture = read_image(saved(content))
    assert picture.flags.writeable
    assert picture.flags.c_contiguous
    assert picture.dtype.isnative


def test_black_and_white_becomes_gray(saved):
    bits = np.array([[0, 1, 1], [1, 0, 0]], bool)
    for content in (by_pillow(bits, "PNG"), by_pillow(bits, "TIFF"), by_pillow(bits, "BMP")):
        np.testing.assert_array_equal(read_image(saved(content)), bits * np.uint8(255))


def test_a_palette_becomes_rgb(saved):
    indices = Image.frombytes("P", (3, 1), bytes([0, 1, 2]))
    indices.putpalette([255, 0, 0, 0, 200, 0, 9, 9, 9])
    for form in ("PNG", "TIFF", "BMP"):
        picture = read_image(saved(by_pillow(indices, form)))
        np.testing.assert_array_equal(picture, [[[255, 0, 0], [0, 200, 0], [9, 9, 9]]])


def test_the_content_says_the_format_and_not_the_suffix(saved):
    np.testing.assert_array_equal(read_image(saved(by_pillow(RGB8, "PNG"), "picture.jpg")), RGB8)


def test_of_a_jpeg_with_further_pictures_the_photo_is_read(saved):
    main, other = Image.new("RGB", (16, 8), "red"), Image.new("RGB", (16, 8), "blue")
    picture = read_image(saved(by_pillow(main, "MPO", save_all=True, append_images=[other])))
    assert picture.shape == (8, 16, 3)
    assert picture[..., 0].min() > 250


@pytest.mark.parametrize("name", ["Grüße aus Łódź.png", "顔 写真.png", "a b%20c#?.png"])
def test_any_name_will_do(name, tmp_path):
    write_image(tmp_path / name, RGB8)
    np.testing.assert_array_equal(read_image(tmp_path / name), RGB8)
    assert os.listdir(tmp_path) == [name]


def test_str_and_path_name_the_same_file(saved):
    path = saved(by_pillow(RGB8, "PNG"))
    np.testing.assert_array_equal(read_image(str(path)), read_image(path))


def test_many_threads_read_the_same(saved):
    path = saved(by_pillow(RGB8, "PNG"))
    found: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: found.append(read_image(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all((picture == RGB8).all() for picture in found)


# Orientation

# EXIF 2.32, tag 0x0112: which side of the scene the stored picture's first row and first column are.
SIDES = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}


def as_stored(upright: np.ndarray, orientation: int) -> np.ndarray:
    row, column = SIDES[orientation]
    stored = upright if row in ("top", "bottom") else upright.swapaxes(0, 1)
    stored = stored[::-1] if row in ("bottom", "right") else stored
    stored = stored[:, ::-1] if column in ("bottom", "right") else stored
    return np.ascontiguousarray(stored)


def test_the_table_of_orientations_is_right_by_hand():
    # A phone held upright stores its landscape sensor with orientation 6: turned clockwise to be seen.
    assert as_stored(np.array([[1, 2], [3, 4], [5, 6]]), 6).tolist() == [[2, 4, 6], [1, 3, 5]]


WITH_ORIENTATION = {
    "PNG": (RGB8, lambda stored, o: by_pillow(stored, "PNG", exif=b"Exif\0\0" + exif(o))),
    "PNG big-endian": (RGB8, lambda stored, o: png_by_hand(stored, png_chunk(b"eXIf", exif(o, ">")))),
    "PNG gray": (GRAY8, lambda stored, o: by_pillow(stored, "PNG", exif=exif(o))),
    "PNG 16 bits": (RGB16, lambda stored, o: png_by_hand(stored, png_chunk(b"eXIf", exif(o)))),
    "PNG 16 bits gray": (GRAY16, lambda stored, o: png_by_hand(stored, png_chunk(b"eXIf", exif(o)))),
    "WebP": (RGB8, lambda stored, o: by_pillow(stored, "WEBP", exif=exif(o), lossless=True)),
    "TIFF": (RGB8, lambda stored, o: by_tifffile(stored, extratags=[(274, "H", 1, o, True)])),
    "TIFF by libtiff": (RGB8, lambda stored, o: by_pillow(stored, "TIFF", compression="tiff_lzw", tiffinfo={274: o})),
    "TIFF gray": (GRAY8, lambda stored, o: by_tifffile(stored, extratags=[(274, "H", 1, o, True)])),
    "TIFF 16 bits": (RGB16, lambda stored, o: by_tifffile(stored, extratags=[(274, "H", 1, o, True)])),
    "TIFF 16 bits gray": (GRAY16, lambda stored, o: by_tifffile(stored, extratags=[(274, "H", 1, o, True)])),
}


@pytest.mark.parametrize("orientation", SIDES)
@pytest.mark.parametrize("kind", WITH_ORIENTATION)
def test_every_orientation_is_read_upright(kind, orientation, saved):
    upright, make = WITH_ORIENTATION[kind]
    picture = read_image(saved(make(as_stored(upright, orientation), orientation)))
    np.testing.assert_array_equal(picture, upright)
    assert picture.flags.c_contiguous


@pytest.mark.parametrize("orientation", SIDES)
def test_every_orientation_of_a_jpeg_is_read_upright(orientation, saved):
    # Flat blocks of 8x8, colour at full resolution: whatever the turn, only the mean of a coding block is rounded.
    upright = np.kron(RGB8, np.ones((8, 8, 1), np.uint8))
    content = by_pillow(
        as_stored(upright, orientation), "JPEG", quality=100, subsampling=0, exif=b"Exif\0\0" + exif(orientation)
    )
    picture = read_image(saved(content))
    assert picture.shape == upright.shape
    assert np.abs(picture.astype(int) - upright).max() <= 3


@given(st.binary(max_size=60))
@settings(deadline=None)
def test_no_exif_block_breaks_the_reading(block):
    for begin in (b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"Exif\0\0II*\0\x08\0\0\0\x01\0"):
        assert _decoding._orientation(begin + block) in range(1, 9)


@pytest.mark.parametrize(
    "block", [exif(0), exif(9), exif(6)[:12], exif(6).replace(b"\x12\x01", b"\x13\x01"), b"??" * 9]
)
def test_a_damaged_or_empty_exif_block_turns_nothing(block, saved):
    content = png_by_hand(RGB8, png_chunk(b"eXIf", block))
    np.testing.assert_array_equal(read_image(saved(content)), RGB8)


# Alpha


def with_alpha(picture: np.ndarray, value: int) -> np.ndarray:
    """Append an alpha channel that is opaque but for its last pixel, which has `value`."""
    alpha = np.full(picture.shape[:2], np.iinfo(picture.dtype).max, picture.dtype)
    alpha[-1, -1] = value
    return np.dstack([picture, alpha])


def palette_png(transparent: int) -> bytes:
    """Store indices 0 and 1 of a palette of three, one of them transparent."""
    indices = Image.frombytes("P", (2, 1), bytes([0, 1]))
    indices.putpalette([255, 0, 0, 0, 200, 0, 9, 9, 9])
    return by_pillow(indices, "PNG", transparency=transparent)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (by_pillow(with_alpha(RGB8, 255), "PNG"), RGB8),
        (by_pillow(with_alpha(RGB8, 255), "TIFF"), RGB8),
        (by_pillow(with_alpha(RGB8, 255), "WEBP", lossless=True), RGB8),
        (by_pillow(with_alpha(RGB8, 255), "BMP"), RGB8),
        (by_pillow(with_alpha(GRAY8, 255), "PNG"), GRAY8),
        (png_by_hand(with_alpha(RGB16, 65535)), RGB16),
        (png_by_hand(with_alpha(GRAY16, 65535)), GRAY16),
        (by_tifffile(with_alpha(RGB16, 65535), extrasamples=["unassalpha"]), RGB16),
        (palette_png(2), np.array([[[255, 0, 0], [0, 200, 0]]], np.uint8)),
    ],
)
def test_an_opaque_alpha_channel_is_dropped(content, expected, saved):
    picture = read_image(saved(content))
    assert picture.dtype == expected.dtype
    np.testing.assert_array_equal(picture, expected)


TRANSPARENT = [
    by_pillow(with_alpha(RGB8, 254), "PNG"),
    by_pillow(with_alpha(RGB8, 0), "TIFF"),
    by_pillow(with_alpha(RGB8, 128), "WEBP", lossless=True),
    by_pillow(with_alpha(GRAY8, 254), "PNG"),
    png_by_hand(with_alpha(RGB16, 65534)),
    png_by_hand(with_alpha(GRAY16, 65534)),
    by_tifffile(with_alpha(RGB16, 65534), extrasamples=["unassalpha"]),
    palette_png(1),
    png_by_hand(RGB8, png_chunk(b"tRNS", struct.pack(">HHH", 1, 2, 3))),
    png_by_hand(GRAY8, png_chunk(b"tRNS", struct.pack(">H", 3))),
    png_by_hand(GRAY16, png_chunk(b"tRNS", struct.pack(">H", 3))),
    png_by_hand(RGB16, png_chunk(b"tRNS", struct.pack(">HHH", 1, 2, 3))),
    png_by_hand(np.eye(8, dtype=bool), png_chunk(b"tRNS", struct.pack(">H", 1)), depth=1),
]


@pytest.mark.parametrize("content", TRANSPARENT)
def test_any_other_transparency_is_an_error_that_says_how_to_flatten(content, saved):
    path = saved(content)
    with pytest.raises(ValueError, match=r"picture (is partly|declares one colour as) transparent.*flatten it first"):
        read_image(path)


@pytest.mark.parametrize("content", TRANSPARENT[:1] + TRANSPARENT[7:9])
def test_the_advice_on_flattening_works(content, saved):
    path = saved(content)
    with pytest.raises(ValueError, match="flatten it first") as caught:
        read_image(path)
    first, second = str(caught.value).partition(" with ")[2].split(", then ")
    names = {"PIL": sys.modules["PIL"], "path": path}
    exec(first, names)
    flat = eval(second, names)
    flat.save(path, "PNG")
    assert read_image(path).shape == (flat.height, flat.width, 3)


# What is no plain picture


@pytest.mark.parametrize(
    ("content", "mode"),
    [
        (by_pillow(RGB8, "JPEG", "CMYK"), "CMYK"),
        (by_pillow(RGB8, "TIFF", "CMYK"), "CMYK"),
        (by_pillow(RGB8, "TIFF", "LAB"), "LAB"),
        (by_pillow(GRAY8, "TIFF", "I"), "I"),
        (by_tifffile(GRAY8.astype(np.float32)), "F"),
        (by_tifffile(GRAY16.astype(np.int16)), r"I(;16S)?"),
    ],
)
def test_other_kinds_of_pixels_are_refused_by_name(content, mode, saved):
    with pytest.raises(
        ValueError,
        match=rf"picture holds {mode} pixels, and facediff reads gray and RGB of 8 or 16 bits; convert it",
    ):
        read_image(saved(content))


@pytest.mark.parametrize(
    "content",
    [
        by_tifffile(np.moveaxis(RGB16, -1, 0), planarconfig="separate"),
        by_tifffile(GRAY16, photometric="miniswhite"),
    ],
)
def test_16_bit_tiffs_that_opencv_misreads_are_refused(content, saved):
    with pytest.raises(ValueError, match=r"white as 0 or with its channels one after another.*save it as 16-bit PNG"):
        read_image(saved(content))


FRAMES = [Image.fromarray(RGB8), Image.fromarray(RGB8[::-1].copy()), Image.fromarray(RGB8[:, ::-1].copy())]


@pytest.mark.parametrize(
    ("form", "count"),
    [("PNG", "3"), ("TIFF", "3"), ("WEBP", "several")],
)
def test_several_frames_or_pages_are_no_picture(form, count, saved):
    path = saved(by_pillow(FRAMES[0], form, save_all=True, append_images=FRAMES[1:]))
    with pytest.raises(
        ValueError, match=rf"picture holds {count} frames or pages, and a picture is one;.*or read them all as a clip"
    ):
        read_image(path)


@pytest.mark.parametrize(
    "content", [b"How far do they differ, and where?\n", by_pillow(GRAY8, "GIF"), b"\0", b"RIFF1234WAVEfmt "]
)
def test_another_kind_of_file_is_named_as_such(content, saved):
    with pytest.raises(ValueError, match=r"is not a picture that facediff reads \(PNG, JPEG, WebP, TIFF, BMP\): it"):
        read_image(saved(content))


def test_a_text_that_begins_like_a_picture_is_refused(saved):
    with pytest.raises(ValueError, match=r"notes.txt cannot be decoded as BMP .*damaged, cut short or of a rare kind"):
        read_image(saved(b"BM is how these notes begin, and so does a bitmap.", "notes.txt"))


def test_an_empty_file_is_said_to_be_empty(saved):
    with pytest.raises(ValueError, match=r"nothing\.png is empty \(0 bytes\); get it again"):
        read_image(saved(b"", "nothing.png"))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no such picture; check the name.*absent\.png") as caught:
        read_image(tmp_path / "absent.png")
    assert caught.value.errno == errno.ENOENT
    assert caught.value.filename == str(tmp_path / "absent.png")


def test_a_folder_is_named(tmp_path):
    with pytest.raises(IsADirectoryError, match=r"this is a folder, not a picture; name a file in it") as caught:
        read_image(tmp_path)
    assert caught.value.filename == str(tmp_path)


def test_a_file_that_may_not_be_read_is_named(saved, monkeypatch):
    path = saved(by_pillow(RGB8, "PNG"))

    def refuse(name, *_):
        raise PermissionError(errno.EACCES, "Permission denied", name)

    monkeypatch.setattr(images, "open", refuse, raising=False)
    with pytest.raises(PermissionError, match=r"this picture may not be read; ask for the right to") as caught:
        read_image(path)
    assert caught.value.filename == str(path)


class Failing(io.BytesIO):
    """A PNG whose bytes after the header cannot be had."""

    def __init__(self, number: int) -> None:
        super().__init__(by_pillow(RGB8, "PNG"))
        self.number = number

    def read(self, size=-1):
        if self.tell() > 40:
            raise OSError(self.number, os.strerror(self.number))
        return super().read(size)


def test_a_failing_disk_is_not_taken_for_a_damaged_picture(saved, monkeypatch):
    monkeypatch.setattr(images, "open", lambda *_: Failing(errno.EIO), raising=False)
    with pytest.raises(OSError, match="Input/output error") as caught:
        read_image(saved(b""))
    assert caught.value.errno == errno.EIO


def test_a_place_that_cannot_be_sought_is_a_damaged_picture(saved, monkeypatch):
    # What a seek says of an offset that is beyond any file, as a damaged BigTIFF can hold one.
    monkeypatch.setattr(images, "open", lambda *_: Failing(errno.EINVAL), raising=False)
    with pytest.raises(ValueError, match=r"cannot be decoded as PNG \(.*Invalid argument\)"):
        read_image(saved(b""))


def test_want_of_memory_is_not_taken_for_a_damaged_picture(saved, monkeypatch):
    def fail(*_):
        raise MemoryError("no memory left")

    monkeypatch.setattr(ImageFile.ImageFile, "load", fail)
    with pytest.raises(MemoryError, match="no memory left"):
        read_image(saved(by_pillow(RGB8, "PNG")))


def test_a_compression_that_opencv_does_not_know_is_an_error(saved, monkeypatch):
    monkeypatch.setattr(cv2, "imdecode", lambda *_: None)
    with pytest.raises(ValueError, match=r"cannot be decoded as PNG \(its compression is unknown to OpenCV\)"):
        read_image(saved(png_by_hand(RGB16)))


class BytesPath(os.PathLike):
    def __fspath__(self):  # noqa: D105
        return b"picture.png"


@pytest.mark.parametrize("path", [None, 3, b"picture.png", ["picture.png"], BytesPath(), io.BytesIO()])
def test_what_is_no_path_is_a_type_error(path):
    got = type(path).__name__
    with pytest.raises(TypeError, match=rf"path must be a path, a str or an os.PathLike .*, got {got}"):
        read_image(path)
    with pytest.raises(TypeError, match=rf"path must be a path, a str or an os.PathLike .*, got {got}"):
        write_image(path, RGB8)
    with pytest.raises(TypeError, match=rf"real must be a path, a str or an os.PathLike .*, got {got}"):
        read_pair(path, PHOTO)
    with pytest.raises(TypeError, match=rf"fake must be a path, a str or an os.PathLike .*, got {got}"):
        read_pair(PHOTO, path)


# Files that are cut short

DETAIL = np.asarray(Image.open(PHOTO).convert("RGB").resize((64, 48)))
DETAIL16 = DETAIL.astype(np.uint16) * 257 + RNG.integers(0, 9, DETAIL.shape, np.uint16)
WHOLE = {
    "PNG": by_pillow(DETAIL, "PNG"),
    "PNG palette": by_pillow(DETAIL, "PNG", "P"),
    "PNG 16 bits": cv2.imencode(".png", DETAIL16)[1].tobytes(),
    "PNG 16 bits gray": png_by_hand(DETAIL16[..., 0]),
    "JPEG": by_pillow(DETAIL, "JPEG"),
    "JPEG gray": by_pillow(DETAIL, "JPEG", "L"),
    "JPEG progressive": by_pillow(DETAIL, "JPEG", progressive=True),
    "WebP": by_pillow(DETAIL, "WEBP"),
    "WebP lossless": by_pillow(DETAIL, "WEBP", lossless=True),
    "WebP with EXIF": by_pillow(DETAIL, "WEBP", exif=exif(1)),
    "BMP": by_pillow(DETAIL, "BMP"),
    "BMP gray": by_pillow(DETAIL, "BMP", "L"),
    "TIFF": by_pillow(DETAIL, "TIFF"),
    "TIFF LZW": by_pillow(DETAIL, "TIFF", compression="tiff_lzw"),
    "TIFF deflate": by_pillow(DETAIL, "TIFF", compression="tiff_adobe_deflate"),
    "TIFF JPEG": by_pillow(DETAIL, "TIFF", compression="jpeg"),
    "TIFF by tifffile": by_tifffile(DETAIL),
    "TIFF 16 bits": by_tifffile(DETAIL16),
    "TIFF 16 bits deflate": by_tifffile(DETAIL16, compression="zlib"),
    "TIFF 16 bits by OpenCV": cv2.imencode(".tiff", DETAIL16)[1].tobytes(),
    "TIFF 16 bits gray": by_tifffile(DETAIL16[..., 0]),
    "TIFF big": by_tifffile(DETAIL, bigtiff=True),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_half_a_file_is_an_error_and_nothing_else(kind, saved):
    path = saved(WHOLE[kind][: len(WHOLE[kind]) // 2], "half")
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        with pytest.raises(
            ValueError, match=rf"half cannot be decoded as {kind.split()[0]} \(.+\); it is damaged, cut"
        ):
            read_image(path)
    assert noted == []


@pytest.mark.parametrize("kind", WHOLE)
def test_no_beginning_of_a_file_is_read_as_another_picture(kind, saved):
    content = WHOLE[kind]
    whole = read_image(saved(content))
    refused = 0
    for length in {*np.linspace(12, len(content) - 1, 40, dtype=int).tolist(), *range(len(content) - 8, len(content))}:
        try:
            picture = read_image(saved(content[:length]))
        except ValueError:
            refused += 1
        else:
            np.testing.assert_array_equal(picture, whole, err_msg=f"cut to {length} of {len(content)} bytes")
    assert refused >= 35


@given(st.sampled_from(sorted(WHOLE)), st.floats(0, 1), st.binary(min_size=1, max_size=8))
@settings(deadline=None, max_examples=200)
def test_a_damaged_file_is_read_or_refused_in_words(tmp_path_factory, kind, place, damage):
    content = bytearray(WHOLE[kind])
    start = int(place * (len(content) - len(damage)))
    content[start : start + len(damage)] = damage
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(content)
    try:
        picture = read_image(path)
    except ValueError as error:
        assert str(error).startswith(str(path))  # noqa: PT017
    else:
        assert picture.dtype in (np.uint8, np.uint16)
        assert picture.ndim == 2 or picture.shape[2] == 3


@pytest.mark.parametrize("kind", WHOLE)
def test_a_file_is_closed_whether_it_was_good_or_bad(kind, saved, monkeypatch):
    opened = []

    def remember(name, mode):
        opened.append(open(name, mode))  # noqa: SIM115
        return opened[-1]

    monkeypatch.setattr(images, "open", remember, raising=False)
    read_image(saved(WHOLE[kind], "whole"))
    with pytest.raises(ValueError, match="half cannot be decoded"):
        read_image(saved(WHOLE[kind][: len(WHOLE[kind]) // 2], "half"))
    assert [file.closed for file in opened] == [True, True]


# Pictures that claim to be huge


HUGE = {
    "PNG": b"\x89PNG\r\n\x1a\n"
    + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0))
    + png_chunk(b"IDAT", zlib.compress(bytes(9))),
    "PNG 16 bits": b"\x89PNG\r\n\x1a\n"
    + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 16, 2, 0, 0, 0))
    + png_chunk(b"IDAT", zlib.compress(bytes(9))),
    # The most that a JPEG header can claim is 4.3 gigapixels.
    "JPEG": b"\xff\xd8\xff\xc0"
    + struct.pack(">HBHHB", 11, 8, 65_535, 65_535, 1)
    + b"\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00",
    "WebP": b"RIFF"
    + struct.pack("<I", 40)
    + b"WEBPVP8X"
    + struct.pack("<I", 10)
    + b"\x02\0\0\0"
    + 2 * (99_999).to_bytes(3, "little")
    + bytes(20),
    "TIFF": tiff_by_hand(100_000, 100_000),
    "BMP": b"BM"
    + struct.pack("<IHHI", 58, 0, 0, 54)
    + struct.pack("<IiiHHIIiiII", 40, 100_000, 100_000, 1, 24, 0, 0, 0, 0, 0, 0)
    + bytes(4),
}
CLAIM = r"= (10,000,000,000|4,294,836,225) pixels, and facediff reads at most 268,435,456; check where"


@pytest.mark.parametrize("kind", HUGE)
def test_a_header_that_claims_gigapixels_is_refused_before_memory_is_taken(kind, saved):
    path = saved(HUGE[kind], f"huge.{kind}")
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=rf"huge.{kind} claims \d+x\d+ {CLAIM}"):
            read_image(path)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_a_header_that_claims_gigapixels_fits_a_process_without_memory_to_spare(saved):
    # Memory that C takes is not traced: a process that may grow by 64 MB only would fail to get it.
    paths = [str(saved(content, f"huge.{kind}")) for kind, content in HUGE.items()]
    script = """
        import resource, sys
        import facediff.images
        pages = int(open("/proc/self/statm").read().split()[0])
        limit = pages * resource.getpagesize() + 2**26
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        for path in sys.argv[1:]:
            try:
                facediff.images.read_image(path)
            except ValueError as error:
                print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *paths], capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert len(lines) == len(HUGE)
    assert all("pixels, and facediff reads at most" in line for line in lines)
    assert done.stderr == ""


def test_the_limit_of_pixels_is_exact(saved, monkeypatch):
    monkeypatch.setattr(_decoding, "MAX_PIXELS", 12)
    assert read_image(saved(by_pillow(RGB8[:3, :4], "PNG"))).shape == (3, 4, 3)
    with pytest.raises(ValueError, match=r"picture claims 7x2 = 14 pixels, and facediff reads at most 12"):
        read_image(saved(by_pillow(RGB8[:2], "PNG")))


def test_the_limit_of_pixels_is_ours_and_not_that_of_pillow(saved, monkeypatch):
    assert images.MAX_PIXELS == 2**28
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)  # 35 pixels: an error by PIL.Image.open
    for form in ("PNG", "TIFF", "BMP", "JPEG"):
        assert read_image(saved(by_pillow(RGB8, form))).shape == RGB8.shape
    assert Image.MAX_IMAGE_PIXELS == 10


# Pairs


def test_a_pair_is_the_two_pictures_in_order(saved):
    real, fake = saved(by_pillow(RGB8, "PNG"), "real"), saved(by_pillow(255 - RGB8, "BMP"), "fake")
    pair = read_pair(real, str(fake))
    assert type(pair) is tuple
    np.testing.assert_array_equal(pair, [RGB8, 255 - RGB8])


@pytest.mark.parametrize(
    ("real", "fake", "got", "cure"),
    [
        (RGB8, RGB8[:4], "7x5 RGB uint8 and .*fake.png: 7x4 RGB uint8", "crop or align them first"),
        (RGB8, GRAY8[:4], "7x5 RGB uint8 and .*fake.png: 7x4 gray uint8", "crop or align them first"),
        (RGB8, GRAY8, "7x5 RGB uint8 and .*fake.png: 7x5 gray uint8", "convert one of them and save it again"),
        (GRAY8, GRAY16, "7x5 gray uint8 and .*fake.png: 7x5 gray uint16", "convert one of them and save it again"),
    ],
)
def test_a_pair_that_does_not_fit_is_refused_with_both_sizes(real, fake, got, cure, saved):
    with pytest.raises(
        ValueError, match=rf"real and fake must have the same size and kind, got .*real.png: {got}; {cure}"
    ):
        read_pair(saved(png_by_hand(real), "real.png"), saved(png_by_hand(fake), "fake.png"))


# Writing

PICTURES8 = st.one_of(
    arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9))),
    arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))),
)
PICTURES16 = st.one_of(
    arrays(np.uint16, st.tuples(st.integers(1, 9), st.integers(1, 9))),
    arrays(np.uint16, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))),
)


@given(
    st.one_of(
        st.tuples(PICTURES8, st.sampled_from([".png", ".tif", ".tiff", ".bmp", ".PNG", ".Tif"])),
        st.tuples(PICTURES16, st.sampled_from([".png", ".tif", ".tiff", ".TIFF"])),
    )
)
@settings(deadline=None, max_examples=120)
def test_lossless_formats_give_back_what_was_written(tmp_path_factory, case):
    picture, suffix = case
    path = tmp_path_factory.getbasetemp() / f"round{suffix}"
    before = picture.copy()
    write_image(path, picture)
    again = read_image(path)
    assert again.dtype == picture.dtype
    np.testing.assert_array_equal(again, picture)
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp"])
def test_others_read_the_same_from_what_was_written(suffix, tmp_path):
    write_image(tmp_path / f"a{suffix}", RGB8)
    with Image.open(tmp_path / f"a{suffix}") as picture:
        np.testing.assert_array_equal(np.asarray(picture), RGB8)


def test_others_read_the_same_16_bits_from_what_was_written(tmp_path):
    # Without compression codecs of its own for LZW, tifffile is no witness here; the PNG rows are undone by hand.
    write_image(tmp_path / "a.png", np.full((3, 2, 3), (513, 60_000, 7), np.uint16))
    content = (tmp_path / "a.png").read_bytes()
    assert content[24:26] == b"\x10\x02"  # 16 bits, RGB
    start = content.index(b"IDAT")
    rows = zlib.decompress(content[start + 4 : start + 4 + struct.unpack(">I", content[start - 4 : start])[0]])
    assert len(rows) == 3 * (1 + 2 * 3 * 2)
    assert rows[1:7] == struct.pack(">HHH", 513, 60_000, 7)


@pytest.mark.parametrize(
    "picture",
    [RGB8[::-1, ::2], RGB8[..., ::-1], np.asfortranarray(RGB8), RGB16.astype(">u2"), GRAY16[::2]],
)
def test_any_layout_is_written(picture, tmp_path):
    picture.flags.writeable = False
    write_image(tmp_path / "a.png", picture)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), picture)


@pytest.mark.parametrize(("suffix", "form"), [(".jpg", "JPEG"), (".JPEG", "JPEG"), (".webp", "WEBP")])
def test_lossy_formats_come_close_and_closer_with_quality(suffix, form, tmp_path):
    path = tmp_path / f"a{suffix}"
    errors, sizes = [], []
    for quality in (1, 50, 95, 100):
        write_image(path, DETAIL, quality=quality)
        errors.append(float(np.mean((read_image(path) - DETAIL.astype(float)) ** 2)))
        sizes.append(path.stat().st_size)
    assert errors == sorted(errors, reverse=True)
    assert sizes == sorted(sizes)
    assert 0 < errors[-1] < 100  # still lossy at 100
    with Image.open(path) as picture:
        assert picture.format == form


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_the_quality_is_95_unless_given(suffix, tmp_path):
    write_image(tmp_path / f"a{suffix}", DETAIL)
    write_image(tmp_path / f"b{suffix}", DETAIL, quality=np.int64(95))
    write_image(tmp_path / f"c{suffix}", DETAIL, quality=94)
    a, b, c = ((tmp_path / f"{name}{suffix}").read_bytes() for name in "abc")
    assert a == b != c


def test_gray_stays_gray_in_a_jpeg_and_becomes_rgb_in_a_webp(tmp_path):
    write_image(tmp_path / "a.jpg", DETAIL[..., 0])
    write_image(tmp_path / "a.webp", DETAIL[..., 0])
    assert read_image(tmp_path / "a.jpg").shape == (48, 64)
    assert read_image(tmp_path / "a.webp").shape == (48, 64, 3)


@pytest.mark.parametrize("name", ["a", "a.gif", "a.png.bak", ".png", "a.jp2"])
def test_an_unknown_suffix_is_refused_with_the_known_ones(name, tmp_path):
    with pytest.raises(
        ValueError, match=r"path must end in one of \.png, \.jpg, \.jpeg, \.webp, \.tif, \.tiff, \.bmp, got"
    ):
        write_image(tmp_path / name, RGB8)


@pytest.mark.parametrize(("suffix", "form"), [(".jpg", "JPEG"), (".webp", "WebP"), (".bmp", "BMP")])
def test_16_bits_go_to_png_and_tiff_only(suffix, form, tmp_path):
    with pytest.raises(
        ValueError, match=rf"a{suffix}: {form} holds 8 bits, got a uint16 picture; write it as PNG and TIFF"
    ):
        write_image(tmp_path / f"a{suffix}", GRAY16)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_are_refused_and_the_advice_works(dtype, tmp_path):
    picture = np.linspace(-0.5, 1.5, 12).reshape(3, 4).astype(dtype)
    with pytest.raises(TypeError, match=rf"picture must be uint8 or uint16, got {picture.dtype.name}; scale") as caught:
        write_image(tmp_path / "a.png", picture)
    advised = eval(str(caught.value).partition(" with ")[2], {"numpy": np, "picture": picture})
    write_image(tmp_path / "a.png", advised)
    assert read_image(tmp_path / "a.png").tolist()[0] == [0, 0, 0, 12]  # 255 * (-0.5 + 3 * 2 / 11) = 11.6


@pytest.mark.parametrize(
    ("picture", "kind", "match"),
    [
        ([[1, 2], [3, 4]], TypeError, "picture must be a NumPy array, got list"),
        (np.zeros((3, 3), np.int32), TypeError, "picture must be uint8.*got int32"),
        (np.zeros((3, 3), bool), TypeError, "picture must be uint8.*got bool"),
        (np.zeros((3, 3, 4), np.uint8), ValueError, r"picture must be \(H, W\) gray or \(H, W, 3\) RGB.*alpha"),
        (np.zeros((0, 3), np.uint8), ValueError, "picture must hold at least one pixel"),
    ],
)
def test_what_is_no_picture_is_not_written(picture, kind, match, tmp_path):
    with pytest.raises(kind, match=match):
        write_image(tmp_path / "a.png", picture)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("suffix", "form", "longest"), [(".webp", "WebP", 16_383), (".jpg", "JPEG", 65_500), (".png", "PNG", 1_000_000)]
)
def test_the_longest_side_of_a_format_is_exact(suffix, form, longest, tmp_path):
    path = tmp_path / f"a{suffix}"
    write_image(path, np.zeros((1, longest), np.uint8))
    assert read_image(path).shape[:2] == (1, longest)
    with pytest.raises(
        ValueError, match=rf"{form} takes sides of at most {longest} pixels, got 1x{longest + 1}; write it as TIFF"
    ):
        write_image(path, np.zeros((longest + 1, 1), np.uint8))
    write_image(tmp_path / "a.tif", np.zeros((longest + 1, 1), np.uint8))  # the advice works
    assert read_image(tmp_path / "a.tif").shape == (longest + 1, 1)


@pytest.mark.parametrize("quality", [0, -1, 101])
def test_a_quality_out_of_range_is_refused(quality, tmp_path):
    with pytest.raises(ValueError, match=rf"quality must be from 1 to 100, got {quality}"):
        write_image(tmp_path / "a.jpg", RGB8, quality=quality)


@pytest.mark.parametrize("quality", [95.0, "95", True])
def test_a_quality_of_the_wrong_kind_is_refused(quality, tmp_path):
    with pytest.raises(TypeError, match="quality must be a whole number, got"):
        write_image(tmp_path / "a.jpg", RGB8, quality=quality)


@pytest.mark.parametrize(("suffix", "form"), [(".png", "PNG"), (".tiff", "TIFF"), (".bmp", "BMP")])
def test_a_quality_for_a_lossless_format_is_refused(suffix, form, tmp_path):
    with pytest.raises(ValueError, match=rf"quality is for JPEG and WebP, got 95 for {form}, which is lossless"):
        write_image(tmp_path / f"a{suffix}", RGB8, quality=95)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no such folder; create it first.*absent") as caught:
        write_image(tmp_path / "absent" / "a.png", RGB8)
    assert caught.value.filename == str(tmp_path / "absent")


def test_a_folder_is_not_written_over(tmp_path):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(IsADirectoryError, match="this is a folder; name a file in it"):
        write_image(tmp_path / "a.png", RGB8)
    assert os.listdir(tmp_path) == ["a.png"]


# Whole or not at all


def test_an_older_file_is_replaced(tmp_path):
    write_image(tmp_path / "a.png", RGB8)
    write_image(tmp_path / "a.png", GRAY8)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), GRAY8)
    assert os.listdir(tmp_path) == ["a.png"]


def test_a_bare_name_is_written_to_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_image("a.png", RGB8)
    np.testing.assert_array_equal(read_image("a.png"), RGB8)


def test_a_link_stays_a_link(tmp_path):
    write_image(tmp_path / "target.png", RGB8)
    (tmp_path / "link.png").symlink_to("target.png")
    write_image(tmp_path / "link.png", GRAY8)
    assert (tmp_path / "link.png").is_symlink()
    np.testing.assert_array_equal(read_image(tmp_path / "target.png"), GRAY8)


def test_a_new_file_has_the_usual_rights(tmp_path):
    (tmp_path / "usual").touch()
    write_image(tmp_path / "a.png", RGB8)
    assert (tmp_path / "a.png").stat().st_mode == (tmp_path / "usual").stat().st_mode


class FullDisk(io.FileIO):
    def write(self, data):
        super().write(bytes(data)[:20])
        raise OSError(errno.ENOSPC, "No space left on device")


def no_space(monkeypatch):
    monkeypatch.setattr(images, "open", FullDisk, raising=False)


def no_rename(monkeypatch):
    def refuse(source, *_):
        raise PermissionError(errno.EACCES, "Permission denied", source)

    monkeypatch.setattr(os, "replace", refuse)


def interrupted(monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt("stop")

    monkeypatch.setattr(os, "replace", interrupt)


def no_opening(monkeypatch):
    def refuse(name, *_):
        raise PermissionError(errno.EACCES, "Permission denied", name)

    monkeypatch.setattr(images, "open", refuse, raising=False)


def no_encoding(monkeypatch):
    monkeypatch.setattr(cv2, "imencode", lambda *_: (False, np.empty(0, np.uint8)))


@pytest.mark.parametrize("older", [True, False])
@pytest.mark.parametrize(
    ("fail", "kind", "match"),
    [
        (no_space, OSError, "No space left on device"),
        (no_rename, PermissionError, r"this picture may not be written here; choose another folder.*a\.png'$"),
        (no_opening, PermissionError, r"this picture may not be written here; choose another folder.*a\.png'$"),
        (interrupted, KeyboardInterrupt, "stop"),
        (no_encoding, ValueError, "OpenCV cannot encode 7x5 RGB uint8 as PNG; write it as another format"),
    ],
)
def test_a_failed_write_leaves_nothing_and_an_older_file_as_it_was(fail, kind, match, older, tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    if older:
        path.write_bytes(b"the older file")
    fail(monkeypatch)
    with pytest.raises(kind, match=match):
        write_image(path, RGB8)
    assert os.listdir(tmp_path) == (["a.png"] if older else [])
    assert not older or path.read_bytes() == b"the older file"
