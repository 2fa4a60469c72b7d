"""The pictures behind the measured figures: only what dependencies ship or a few lines draw, nothing downloaded."""

import contextlib

import cv2
import matplotlib.cbook
import numpy as np
import skimage.data

import facediff

# Those that the wheel of scikit-image holds; the rest of `skimage.data` would be fetched.
_PHOTOGRAPHS = (
    "astronaut brick camera cell chelsea clock coffee coins grass gravel hubble_deep_field immunohistochemistry moon "
    "page retina rocket text"
)
_GRAPHICS = "horse logo"


def photographs():
    """Return photographs and scans as RGB, by name."""
    found = {name: _rgb(getattr(skimage.data, name)()) for name in _PHOTOGRAPHS.split()}
    found["motorcycle"] = skimage.data.stereo_motorcycle()[0]
    found["grace_hopper"] = facediff.read_image(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    return found


def graphics():
    """Return drawn and computed pictures as RGB, by name."""
    rng = np.random.default_rng(0)
    found = {name: _rgb(getattr(skimage.data, name)()) for name in _GRAPHICS.split()}
    y, x = np.mgrid[:400, :600]
    found["gradient"] = np.dstack([x * 255 / 600, y * 255 / 400, (x + y) * 255 / 1000]).astype(np.uint8)
    found["noise"] = rng.integers(0, 256, (400, 600, 3), np.uint8)
    clouds = cv2.GaussianBlur(rng.integers(0, 256, (400, 600, 3), np.uint8), (0, 0), 9)
    found["clouds"] = np.clip(128 + 12 * (clouds.astype(np.float32) - 128), 0, 255).astype(np.uint8)
    found["rectangles"] = _rectangles(rng)
    return found


def _rectangles(rng):
    """Draw a page of coloured rectangles and words, as a screenshot has them."""
    page = np.full((480, 640, 3), 240, np.uint8)
    for left, top, width, height in rng.integers((0, 0, 5, 5), (600, 440, 90, 60), (40, 4)).tolist():
        cv2.rectangle(page, (left, top), (left + width, top + height), rng.integers(0, 256, 3).tolist(), cv2.FILLED)
    for left, top in rng.integers((0, 20), (500, 480), (20, 2)).tolist():
        cv2.putText(page, "facediff 0123", (left, top), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    return page


def _rgb(picture):
    """Return any picture of `skimage.data` as RGB of 8 bits; transparent places on white."""
    if picture.dtype == np.bool_:
        picture = picture * np.uint8(255)
    if picture.ndim == 2:
        return np.dstack([picture] * 3)
    if picture.shape[2] == 4:
        opacity = picture[..., 3:] / 255
        return (picture[..., :3] * opacity + 255 * (1 - opacity)).round().astype(np.uint8)
    return np.ascontiguousarray(picture)


def has_h264():
    """Return whether PyAV is there to code H.264."""
    with contextlib.suppress(ImportError):
        import av  # noqa: F401

        return True
    return False
