"""YOLO: one text file a picture, and what names the class."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Literal

from facediff._arrays import check_choice, check_path
from facediff._items import LABEL, Entry, Found, Item, Part, check_label, entries
from facediff._whole_file import write_text


def write_yolo(
    folder: str | os.PathLike[str],
    items: Iterable[Item | tuple[str, Found]],
    *,
    task: Literal["detect", "segment"] = "detect",
    label: str = LABEL,
) -> tuple[str, ...]:
    """Write labels as YOLO reads them: a text file a picture and ``data.yaml``, each whole or not at all.

    Below `folder` the labels go into ``labels``, which is made; the pictures belong into ``images`` beside it.
    ``data.yaml`` names the same pictures for training and validation: split them as you need. A picture in which
    nothing was found gets an empty file, which makes it a negative example.

    Parameters
    ----------
    folder : str or os.PathLike
        The dataset's folder; it must be there.
    items : iterable of (name, Localisation)
        File names of the pictures, and what was found in them; `frame_items` names those of a clip.
    task : {"detect", "segment"}
        "detect" writes boxes: class, x and y of the centre, width, height. "segment" writes polygons along the edges
        of the pixels, holes filled; readers that fill them with OpenCV mark up to one pixel more at the right and
        below. All are shares of the picture's width and height.
    label : str
        Name of the one class, number 0.

    Returns
    -------
    tuple of str
        The text files, in the order of the items.

    Raises
    ------
    TypeError, ValueError
        As `to_coco`, and if two pictures differ by their suffix only.
    FileNotFoundError, NotADirectoryError, PermissionError, OSError
        If the folder is missing, or a file cannot be written; those written before stay.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import facediff
    >>> import numpy as np
    >>> from facediff.export import write_yolo
    >>> real = np.full((32, 32, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[8:24, 16:24] = 200
    >>> found = facediff.find_regions(facediff.compare_images(real, fake))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path] = write_yolo(folder, [("a.png", found)])
    ...     print(Path(path).read_text(), end="")
    0 0.62500000 0.50000000 0.25000000 0.50000000
    """
    place = check_path(folder, "folder")
    check_choice(task, "task", ("detect", "segment"))
    title = check_label(label)
    labels = os.path.join(place, "labels")
    if not os.path.isdir(labels):
        os.mkdir(labels)
    files = []
    for entry in entries(items, by_stem=True):
        files.append(os.path.join(labels, f"{entry.stem}.txt"))
        lines = [f"0 {_numbers(entry, part, task)}\n" for part in entry.parts]
        write_text(files[-1], "".join(lines), kind="file")
    # A JSON string is a YAML string; so no word for a class can break the file.
    text = f"train: images\nval: images\nnames:\n  0: {json.dumps(title)}\n"
    write_text(os.path.join(place, "data.yaml"), text, kind="file")
    return tuple(files)


def _numbers(entry: Entry, part: Part, task: str) -> str:
    if task == "detect":
        left, top, right, bottom = part.box.xyxy
        points = [((left + right) / 2, (top + bottom) / 2), (right - left, bottom - top)]
    else:
        points = part.outline().tolist()
    return " ".join(f"{x / entry.width:.8f} {y / entry.height:.8f}" for x, y in points)
