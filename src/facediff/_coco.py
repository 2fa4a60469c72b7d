"""COCO: one JSON dataset of pictures and their regions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from facediff import __version__
from facediff._arrays import check_choice
from facediff._items import LABEL, Entry, Found, Item, Part, check_label, entries


def to_coco(
    items: Iterable[Item | tuple[str, Found]],
    *,
    segmentation: Literal["rle", "polygon"] = "rle",
    label: str = LABEL,
) -> dict[str, Any]:
    """Return results as a COCO dataset, to be written by `write_json`.

    A picture in which nothing was found is listed without annotations. Ids count from 1, in the order of the items.

    Parameters
    ----------
    items : iterable of (name, Localisation)
        File names of the pictures, and what was found in them; `frame_items` names those of a clip.
    segmentation : {"rle", "polygon"}
        "rle" gives back the mask bit for bit, holes included. "polygon" runs along the edges of the pixels, so that
        pycocotools makes of it exactly the pixels within a region's contour: all of the region, its holes filled.
    label : str
        Name of the one category.

    Returns
    -------
    dict
        ``info``, ``licenses``, ``images``, ``annotations`` and ``categories``. Beyond COCO's own keys, images of a
        clip have ``frame`` and ``time``, annotations have ``strength``, the region's mean evidence.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If two pictures share a name, a name has folders in it, a region does not lie within its picture or does not
        fit the mask, or an option is unknown.

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> from facediff.export import to_coco
    >>> real = np.full((64, 64, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[10:20, 12:24] = 200
    >>> found = facediff.find_regions(facediff.compare_images(real, fake))
    >>> annotation = to_coco([("a.png", found)])["annotations"][0]
    >>> annotation["bbox"], annotation["area"]
    ([12, 10, 12, 10], 120)
    """
    check_choice(segmentation, "segmentation", ("rle", "polygon"))
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    name = check_label(label)
    for entry in entries(items):
        images.append(_image(entry, len(images) + 1))
        for part in entry.parts:
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": len(images),
                    "category_id": 1,
                    "bbox": list(part.box.xywh),
                    "iscrowd": 0,
                    "strength": part.region.strength,
                }
                | _segment(entry, part, segmentation)
            )
    return {
        "info": {"description": f"Regions found by facediff {__version__}", "version": "1.0"},
        "licenses": [],
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": name, "supercategory": ""}],
    }


def _image(entry: Entry, number: int) -> dict[str, Any]:
    image: dict[str, Any] = {"id": number, "file_name": entry.name, "width": entry.width, "height": entry.height}
    if entry.frame is not None:
        image |= {"frame": entry.frame, "time": entry.time}
    return image


def _segment(entry: Entry, part: Part, segmentation: str) -> dict[str, Any]:
    if segmentation == "rle":
        return {"segmentation": entry.coco_rle(part), "area": int(part.marked.sum())}
    return {"segmentation": [part.outline().ravel().tolist()], "area": int(part.filled.sum())}
