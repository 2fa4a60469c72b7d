"""CVAT: one XML file, "CVAT for images 1.1"."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Literal
from xml.etree import ElementTree

from facediff._arrays import check_choice, check_path
from facediff._items import LABEL, Found, Item, Part, check_label, entries
from facediff._runs import runs_of
from facediff._whole_file import write_text

_TYPES = {"mask": "mask", "polygon": "polygon", "box": "rectangle"}


def write_cvat(
    path: str | os.PathLike[str],
    items: Iterable[Item | tuple[str, Found]],
    *,
    shape: Literal["mask", "polygon", "box"] = "mask",
    label: str = LABEL,
) -> None:
    """Write an annotation file for CVAT, "CVAT for images 1.1", whole or not at all.

    The task must hold pictures of the same names and know the label. The XML is of the published form [1]_.

    Parameters
    ----------
    path : str or os.PathLike
        The file, such as ``annotations.xml``, in a folder that is there.
    items : iterable of (name, Localisation)
        File names of the pictures, and what was found in them; `frame_items` names those of a clip.
    shape : {"mask", "polygon", "box"}
        What a region becomes: "mask" keeps each pixel and the holes, "polygon" runs along the edges of the pixels and
        fills the holes, "box" is the bounds.
    label : str
        Name of the one label.

    Raises
    ------
    TypeError, ValueError
        As `to_coco`.
    FileNotFoundError, IsADirectoryError, PermissionError, OSError
        If the folder is missing, `path` is a folder, or the file cannot be written.

    References
    ----------
    .. [1] CVAT: XML annotation format. https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import facediff
    >>> import numpy as np
    >>> from facediff.export import write_cvat
    >>> real = np.full((64, 64, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[10:20, 12:24] = 200
    >>> found = facediff.find_regions(facediff.compare_images(real, fake))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "annotations.xml"
    ...     write_cvat(path, [("a.png", found)], shape="box")
    ...     'xtl="12" ytl="10" xbr="24" ybr="20"' in path.read_text()
    True
    """
    name = check_path(path, "path")
    check_choice(shape, "shape", tuple(_TYPES))
    title = check_label(label)
    images = ElementTree.Element("images")
    for number, entry in enumerate(entries(items)):
        size = {"width": str(entry.width), "height": str(entry.height)}
        image = ElementTree.SubElement(images, "image", {"id": str(number), "name": entry.name} | size)
        for part in entry.parts:
            image.append(_shape(part, shape, title))
    root = ElementTree.Element("annotations")
    ElementTree.SubElement(root, "version").text = "1.1"
    root.append(_meta(len(images), shape, title))
    root.extend(images)
    write_text(name, xml_of(root), kind="file")


def xml_of(root: ElementTree.Element) -> str:
    """Return an XML document, indented."""
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _meta(size: int, shape: str, title: str) -> ElementTree.Element:
    meta = ElementTree.Element("meta")
    task = ElementTree.SubElement(meta, "task")
    ElementTree.SubElement(task, "size").text = str(size)
    ElementTree.SubElement(task, "mode").text = "annotation"
    label = ElementTree.SubElement(ElementTree.SubElement(task, "labels"), "label")
    ElementTree.SubElement(label, "name").text = title
    ElementTree.SubElement(label, "type").text = _TYPES[shape]
    ElementTree.SubElement(label, "attributes")
    return meta


def _shape(part: Part, shape: str, title: str) -> ElementTree.Element:
    element = ElementTree.Element(shape, {"label": title, "source": "auto", "occluded": "0"})
    left, top, right, bottom = part.box.xyxy
    if shape == "box":
        numbers = {"xtl": left, "ytl": top, "xbr": right, "ybr": bottom}
    elif shape == "polygon":
        numbers = {}
        element.set("points", ";".join(f"{x},{y}" for x, y in part.outline().tolist()))
    else:
        runs = runs_of(part.marked, left=0, top=0, shape=(part.box.height, part.box.width))
        element.set("rle", ", ".join(map(str, runs.tolist())))
        numbers = {"left": left, "top": top, "width": part.box.width, "height": part.box.height}
    for key, number in (numbers | {"z_order": 0}).items():
        element.set(key, str(number))
    return element
