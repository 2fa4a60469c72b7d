"""What is timed: facediff's functions, each beside the way to the same answer with scikit-image and OpenCV alone."""

from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np
import skimage.data
from skimage.metrics import mean_squared_error, structural_similarity

import facediff
from facediff.compare import mse, ssim, ssim_map


class Workload(NamedTuple):
    """Two ways to one answer."""

    ours: Callable[[], Any]
    theirs: Callable[[], Any]


def pair(height, width):
    """Return a portrait enlarged to a size, and a fake of it: noise everywhere, and one block moved."""
    real = cv2.resize(skimage.data.astronaut(), (width, height), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).integers(-6, 7, real.shape)
    fake = np.clip(real + noise, 0, 255).astype(np.uint8)
    side = height // 5
    fake[side : 2 * side, width // 2 : width // 2 + side] = real[2 * side : 3 * side, side : 2 * side]
    return real, fake


def measure(real, fake):
    """Take MSE, SSIM, the SSIM map and the difference, as one does without facediff."""
    grays = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (real, fake)]
    score, full = structural_similarity(*grays, full=True)
    return mean_squared_error(real, fake), score, full, cv2.absdiff(real, fake).max(axis=2)


def boxes_of(full):
    """Find the boxes of the published recipe, as tutorials write it: 8 bits, Otsu, contours, boxes."""
    levels = (full * 255).astype(np.uint8)
    _, mask = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    contours = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[-2]
    return [cv2.boundingRect(contour) for contour in contours]


def workloads(height=1080, width=1920):
    """Return the workloads by name; the single metrics on gray pictures, where all libraries mean the same."""
    real, fake = pair(height, width)
    grays = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (real, fake)]
    comparison = facediff.compare_images(real, fake)
    full = comparison.ssim_map
    gaussian = {"gaussian_weights": True, "use_sample_covariance": False}
    return {
        "mse": Workload(lambda: mse(*grays), lambda: mean_squared_error(*grays)),
        "ssim": Workload(lambda: ssim(*grays), lambda: structural_similarity(*grays)),
        "ssim_map": Workload(lambda: ssim_map(*grays), lambda: structural_similarity(*grays, full=True)),
        'ssim_map, window="gaussian"': Workload(
            lambda: ssim_map(*grays, window="gaussian"),
            lambda: structural_similarity(*grays, full=True, **gaussian),
        ),
        "compare_images": Workload(lambda: facediff.compare_images(real, fake), lambda: measure(real, fake)),
        'find_regions, recipe="otsu"': Workload(
            lambda: facediff.find_regions(comparison, recipe="otsu"), lambda: boxes_of(full)
        ),
        "both": Workload(
            lambda: facediff.find_regions(facediff.compare_images(real, fake), recipe="otsu"),
            lambda: boxes_of(measure(real, fake)[2]),
        ),
    }
