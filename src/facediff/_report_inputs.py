"""What a page is about: files or pictures, named so that anyone can tell whether theirs are the same."""

from __future__ import annotations

import hashlib
import os
from typing import NamedTuple

import numpy as np

from facediff._arrays import Picture
from facediff._printable import printable


class Input(NamedTuple):
    """One side of a comparison: what it is called, what it is, and its SHA-256."""

    side: str
    name: str
    about: str
    sha256: str


def input_of_file(side: str, path: str) -> Input:
    """Describe a file; one that is not there any more has no hash."""
    name = printable(os.path.basename(path) or path)
    try:
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        return Input(side, name, f"cannot be read any more ({error.strerror})", "")
    return Input(side, name, f"{size:,} bytes", digest)


def input_of_picture(side: str, picture: Picture) -> Input:
    """Describe an array: the hash is that of its values, row by row, in little-endian order."""
    height, width = picture.shape[:2]
    kind = f"{width}\N{MULTIPLICATION SIGN}{height} {'gray' if picture.ndim == 2 else 'RGB'} {picture.dtype.name} array"
    values = np.ascontiguousarray(picture, dtype=picture.dtype.newbyteorder("<"))
    return Input(side, f"{side} picture", kind, hashlib.sha256(values.data).hexdigest())
