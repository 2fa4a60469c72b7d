"""Files about a pair that a worker writes on request: its mask, its regions as COCO, its clips annotated.

Each is written whole or not at all, under a name made of the pair's, and named in the pair's row relative to the run's
folder.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from facediff._batch_pairs import LabelledPair, file_name_of, text_of
from facediff.images import write_image
from facediff.localise import Localisation

if TYPE_CHECKING:
    from facediff.timeline import VideoComparison


def write_mask(folder: str | None, pair: LabelledPair, found: Localisation) -> str | None:
    """Write the mask of two pictures as PNG."""
    if folder is None:
        return None
    path, named = _place(folder, pair, ".png")
    write_image(path, found.mask * np.uint8(255))
    return named


def write_regions(folder: str | None, pair: LabelledPair, found: Localisation) -> str | None:
    """Write the regions of two pictures as a COCO dataset of the fake one, which the run's is put together from."""
    if folder is None:
        return None
    from facediff.export import to_coco, write_json

    path, named = _place(folder, pair, ".json")
    dataset = to_coco([(os.path.basename(path), found)])
    dataset["images"][0] |= {"file_name": text_of(os.fspath(pair.fake)), "pair": text_of(pair.name)}
    write_json(path, dataset)
    return named


def write_annotated(folder: str | None, pair: LabelledPair, found: VideoComparison) -> str | None:
    """Write two clips side by side as H.264, tracks boxed."""
    if folder is None:
        return None
    from facediff.annotation import annotate_video

    path, named = _place(folder, pair, ".mp4")
    annotate_video(found, path)
    return named


def _place(folder: str, pair: LabelledPair, suffix: str) -> tuple[str, str]:
    """Return the path of a file about a pair, and how its row names it: relative, and with "/" on every system."""
    name = f"{file_name_of(pair.name)}{suffix}"
    return os.path.join(folder, name), f"{os.path.basename(folder)}/{name}"
