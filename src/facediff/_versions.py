"""Which versions made a result."""

from __future__ import annotations

import functools
import platform
from importlib.metadata import version
from typing import NamedTuple


class Versions(NamedTuple):
    """Versions of facediff and of what its numbers rest on."""

    facediff: str
    python: str
    numpy: str
    opencv: str
    numba: str
    scikit_image: str


@functools.cache
def versions() -> Versions:
    """Return the versions that are at work here."""
    import cv2
    import numpy as np

    from facediff import __version__

    return Versions(
        facediff=__version__,
        python=platform.python_version(),
        numpy=np.__version__,
        opencv=cv2.__version__,  # not by package name: opencv-python-headless and -contrib serve as well
        numba=version("numba"),
        scikit_image=version("scikit-image"),
    )
