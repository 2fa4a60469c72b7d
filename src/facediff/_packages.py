"""Results for packages that need not be installed: pandas rows, supervision's Detections."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from facediff._items import Entry, Found, Item, Part, entries, region_parts

if TYPE_CHECKING:
    import pandas as pd
    import supervision as sv

_CURE = 'pip install "facediff[export]"'
# The columns, and how pandas keeps them: whole numbers may be missing, so they are pandas' own Int64.
_COLUMNS = {
    "picture": "str",
    "frame": "Int64",
    "time": "float64",
    "width": "Int64",
    "height": "Int64",
    "manipulated": "bool",
    "region": "Int64",
    "left": "Int64",
    "top": "Int64",
    "right": "Int64",
    "bottom": "Int64",
    "area": "Int64",
    "strength": "float64",
    "region_margin": "float64",
    "mean_ssim": "float64",
    "luma_change": "float64",
    "blue_chroma_change": "float64",
    "red_chroma_change": "float64",
    "threshold": "float64",
    "margin": "float64",
    "recipe": "str",
    "recipe_version": "Int64",
}


def to_dataframe(items: Iterable[Item | tuple[str, Found]]) -> pd.DataFrame:
    """Return results as a pandas table: one row a region, and one for each picture without any.

    Parameters
    ----------
    items : iterable of (name, Localisation)
        File names of the pictures, and what was found in them; `frame_items` names those of a clip.

    Returns
    -------
    pandas.DataFrame
        ``picture``, ``frame`` and ``time`` (missing for stills), ``width``, ``height``, ``manipulated``; ``region``,
        its number from 0, strongest first, with ``left``, ``top``, ``right``, ``bottom`` (half-open), ``area``,
        ``strength``, ``region_margin``, ``mean_ssim``, ``luma_change``, ``blue_chroma_change`` and
        ``red_chroma_change`` as in `Region`, all missing where nothing was found; ``threshold``, ``margin``,
        ``recipe``, ``recipe_version``.

    Raises
    ------
    TypeError, ValueError
        As `to_coco`.
    ImportError
        If pandas is not installed: ``pip install "facediff[export]"``.

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> from facediff.export import to_dataframe
    >>> real = np.full((32, 32, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[8:24, 16:24] = 200
    >>> found = facediff.find_regions(facediff.compare_images(real, fake))
    >>> to_dataframe([("a.png", found)])[["picture", "region", "left", "right", "area"]]
      picture  region  left  right  area
    0   a.png       0    16     24   128
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(f"to_dataframe needs pandas, which is not installed; {_CURE}") from error
    rows = [_row(entry, index) for entry in entries(items) for index in range(max(len(entry.parts), 1))]
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)


def to_supervision(found: Found) -> sv.Detections:
    """Return a result as supervision's Detections: boxes, masks and strengths, strongest first.

    Parameters
    ----------
    found : Localisation or Record
        The result.

    Returns
    -------
    supervision.Detections
        ``xyxy`` half-open as `Box` is; ``mask``, holes kept; ``class_id`` 0, named "manipulated" in
        ``data["class_name"]``; ``data["strength"]``. Strength is no probability, so ``confidence`` is None.

    Raises
    ------
    TypeError, ValueError
        As `label_map`.
    ImportError
        If supervision is not installed: ``pip install "facediff[export]"``.

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> from facediff.export import to_supervision
    >>> real = np.full((32, 32, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[8:24, 16:24] = 200
    >>> found = facediff.find_regions(facediff.compare_images(real, fake))
    >>> to_supervision(found).xyxy
    array([[16.,  8., 24., 24.]], dtype=float32)
    """
    try:
        import supervision as sv
    except ImportError as error:
        raise ImportError(f"to_supervision needs supervision, which is not installed; {_CURE}") from error
    parts = region_parts(found, "found")
    if not parts:
        return sv.Detections.empty()
    masks = np.zeros((len(parts), *found.mask.shape), np.bool_)
    for mask, part in zip(masks, parts, strict=True):
        mask[part.box.slices] = part.marked
    return sv.Detections(
        xyxy=np.array([part.box.xyxy for part in parts], np.float32),
        mask=masks,
        class_id=np.zeros(len(parts), np.int64),
        data={
            "class_name": np.full(len(parts), "manipulated"),
            "strength": np.array([part.region.strength for part in parts]),
        },
    )


def _row(entry: Entry, index: int) -> tuple[object, ...]:
    found = entry.found
    clip = (entry.frame, math.nan if entry.time is None else entry.time)
    picture = (entry.name, *clip, entry.width, entry.height, found.manipulated)
    region = _region(index, entry.parts[index]) if entry.parts else (*[None] * 6, *[math.nan] * 6)
    return (*picture, *region, found.threshold, found.margin, found.recipe, found.recipe_version)


def _region(index: int, part: Part) -> tuple[object, ...]:
    region = part.region
    return (
        index,
        *part.box.xyxy,
        region.area,
        region.strength,
        region.margin,
        region.mean_ssim,
        region.luma_change,
        *region.chroma_change,
    )
