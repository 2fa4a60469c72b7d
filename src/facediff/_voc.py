"""Pascal VOC: one XML file a picture, boxes only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree

from facediff._arrays import check_path
from facediff._cvat import xml_of
from facediff._items import LABEL, Entry, Found, Item, check_label, entries
from facediff._whole_file import write_text


def write_voc(
    folder: str | os.PathLike[str], items: Iterable[Item | tuple[str, Found]], *, label: str = LABEL
) -> tuple[str, ...]:
    """Write the boxes as Pascal VOC does: one XML file a picture, each whole or not at all.

    VOC counts pixels from 1 and means the first and the last one inside: the half-open box (12, 10, 24, 20) becomes
    xmin 13, ymin 11, xmax 24, ymax 20, as the development kit [1]_ has it. A picture in which nothing was found gets a
    file without objects.

    Parameters
    ----------
    folder : str or os.PathLike
        Where the files go, named after the pictures; it must be there.
    items : iterable of (name, Localisation)
        File names of the pictures, and what was found in them; `frame_items` names those of a clip.
    label : str
        Name of the one class.

    Returns
    -------
    tuple of str
        The files, in the order of the items.

    Raises
    ------
    TypeError, ValueError
        As `to_coco`, and if two pictures differ by their suffix only.
    FileNotFoundError, IsADirectoryError, PermissionError, OSError
        If the folder is missing, or a file cannot be written; those written before stay.

    References
    ----------
    .. [1] Everingham, M., Van Gool, L., Williams, C. K. I., Winn, J., Zisserman, A. (2010). The PASCAL Visual Object
       Classes (VOC) challenge. International Journal of Computer Vision, 88(2), 303-338.
       :doi:`10.1007/s11263-009-0275-4`

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import facediff
    >>> import numpy as np
    >>> from facediff.export import write_voc
    >>> real = np.full((64, 64, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[10:20, 12:24] = 200
    >>> found = facediff.find_regions(facediff.compare_images(real, fake))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path] = write_voc(folder, [("a.png", found)])
    ...     "<xmin>13</xmin>" in Path(path).read_text()
    True
    """
    place = check_path(folder, "folder")
    title = check_label(label)
    files = []
    for entry in entries(items, by_stem=True):
        files.append(os.path.join(place, f"{entry.stem}.xml"))
        write_text(files[-1], xml_of(_annotation(entry, title)), kind="file")
    return tuple(files)


def _annotation(entry: Entry, title: str) -> ElementTree.Element:
    root = ElementTree.Element("annotation")
    _add(root, {"filename": entry.name})
    _add(ElementTree.SubElement(root, "source"), {"database": "facediff"})
    _add(ElementTree.SubElement(root, "size"), {"width": entry.width, "height": entry.height, "depth": 3})
    _add(root, {"segmented": 0})
    for part in entry.parts:
        left, top, right, bottom = part.box.xyxy
        thing = ElementTree.SubElement(root, "object")
        _add(thing, {"name": title, "pose": "Unspecified", "truncated": 0, "difficult": 0})
        bounds = {"xmin": left + 1, "ymin": top + 1, "xmax": right, "ymax": bottom}
        _add(ElementTree.SubElement(thing, "bndbox"), bounds)
    return root


def _add(parent: ElementTree.Element, values: Mapping[str, object]) -> None:
    for tag, value in values.items():
        ElementTree.SubElement(parent, tag).text = str(value)
