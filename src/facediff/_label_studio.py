"""Label Studio: tasks with predictions, one JSON file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from facediff._arrays import check_choice
from facediff._items import LABEL, Entry, Found, Item, Part, check_label, entries

_CHANNELS = 4  # a brush mask is coded as RGBA, all four alike
_SIZES = (4, 8, 12, 16)  # bits that a run's length may take, the code says which
_WORD = 8


def to_label_studio(
    items: Iterable[Item | tuple[str, Found]],
    *,
    shape: Literal["brush", "polygon", "box"] = "brush",
    prefix: str = "",
    label: str = LABEL,
) -> list[dict[str, Any]]:
    """Return results as Label Studio's tasks with predictions, to be written by `write_json` and imported.

    The project's labelling interface [1]_ must know the names that the predictions are for: an ``Image`` with
    ``name="image" value="$image"``, and for it (``toName="image"``) ``BrushLabels``, ``PolygonLabels`` or
    ``RectangleLabels`` with ``name="label"`` and a ``Label`` whose value is `label`.

    Parameters
    ----------
    items : iterable of (name, Localisation)
        File names of the pictures, and what was found in them; `frame_items` names those of a clip.
    shape : {"brush", "polygon", "box"}
        What a region becomes: "brush" keeps each pixel and the holes, "polygon" runs along the edges of the pixels
        and fills the holes, "box" is the bounds.
    prefix : str
        What stands before a picture's name in its address, such as ``"/data/local-files/?d=pictures/"``.
    label : str
        Name of the one label.

    Returns
    -------
    list of dict
        One task a picture. A picture in which nothing was found has a prediction without results.

    Raises
    ------
    TypeError, ValueError
        As `to_coco`.

    References
    ----------
    .. [1] Label Studio: import pre-annotations. https://labelstud.io/guide/predictions

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> from facediff.export import to_label_studio
    >>> real = np.full((32, 32, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[8:24, 16:24] = 200
    >>> found = facediff.find_regions(facediff.compare_images(real, fake))
    >>> [task] = to_label_studio([("a.png", found)], shape="box")
    >>> task["predictions"][0]["result"][0]["value"]["x"]
    50.0
    """
    check_choice(shape, "shape", ("brush", "polygon", "box"))
    title = check_label(label)
    if not isinstance(prefix, str):
        raise TypeError(f"prefix must be a str, got {type(prefix).__name__}")
    return [
        {
            "data": {"image": prefix + entry.name},
            "predictions": [
                {
                    "model_version": _made_by(entry),
                    "result": [_result(entry, part, f"region-{n}", shape, title) for n, part in enumerate(entry.parts)],
                }
            ],
        }
        for entry in entries(items)
    ]


def _made_by(entry: Entry) -> str:
    found = entry.found
    return f"facediff {found.versions.facediff}, {found.recipe} {found.recipe_version}"


def _result(entry: Entry, part: Part, name: str, shape: str, title: str) -> dict[str, Any]:
    width, height = entry.width, entry.height
    if shape == "box":
        kind = "rectanglelabels"
        left, top, across, down = part.box.xywh
        value: dict[str, Any] = {"x": 100 * left / width, "y": 100 * top / height}
        value |= {"width": 100 * across / width, "height": 100 * down / height, "rotation": 0}
    elif shape == "polygon":
        kind = "polygonlabels"
        points = part.outline().tolist()
        value = {"points": [[100 * x / width, 100 * y / height] for x, y in points], "closed": True}
    else:
        kind = "brushlabels"
        value = {"format": "rle", "rle": _brush(entry.row_runs(part))}
    return {
        "id": name,
        "type": kind,
        "from_name": "label",
        "to_name": "image",
        "original_width": width,
        "original_height": height,
        "image_rotation": 0,
        "value": value | {kind: [title]},
    }


def _brush(runs: list[int]) -> list[int]:
    """Return the bytes of thi.ng's rle-pack for runs of 0 and 255 in turn, each pixel as RGBA.

    A header: the number of values in 32 bits, bits of a value less 1 in 5, and in 4 each, less 1, the four sizes that a
    run's length may take. Then for each run a 1, which size in 2 bits, the length less 1, and the value.
    """
    bits = [f"{_CHANNELS * sum(runs):032b}{_WORD - 1:05b}", *(f"{size - 1:04b}" for size in _SIZES)]
    for number, run in enumerate(runs):
        value = f"{255 * (number % 2):0{_WORD}b}"
        rest = _CHANNELS * run
        while rest:
            length = min(rest, 1 << _SIZES[-1])
            size = next(n for n, width in enumerate(_SIZES) if length <= 1 << width)
            bits.append(f"1{size:02b}{length - 1:0{_SIZES[size]}b}{value}")
            rest -= length
    ones = np.frombuffer("".join(bits).encode("ascii"), np.uint8) - ord("0")
    return [int(byte) for byte in np.packbits(ones)]
