"""PNG masks: one of all regions, or a label map with a number for each."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from facediff._arrays import Mask, check_choice, check_path
from facediff._items import Found, Item, Part, entries, region_parts
from facediff.images import write_image

_MOST = 65_535


def label_map(found: Found) -> npt.NDArray[Any]:
    """Return a picture of the regions: 1 for the pixels of the strongest one, 2 for the next, 0 for the rest.

    Parameters
    ----------
    found : Localisation or Record
        The result.

    Returns
    -------
    ndarray of uint8, (H, W)
        The numbers; of uint16 if there are more than 255 regions.

    Raises
    ------
    TypeError, ValueError
        As `to_coco`; and if there are more than 65535 regions, which no PNG numbers.

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> from facediff.export import label_map
    >>> real = np.full((32, 32, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[8:24, 16:24] = 200
    >>> found = facediff.find_regions(facediff.compare_images(real, fake))
    >>> label_map(found)[8, 14:18]
    array([0, 0, 1, 1], dtype=uint8)
    """
    parts = region_parts(found, "found")
    return _numbered(parts, found.mask.shape)


def split_label_map(labels: npt.NDArray[Any]) -> tuple[Mask, ...]:
    """Return the mask of each region of a label map, in the order of their numbers: the way back.

    Parameters
    ----------
    labels : ndarray of whole numbers, (H, W)
        0 for the background, the regions from 1 on without a gap.

    Returns
    -------
    tuple of ndarray of bool, (H, W)
        One mask a region; none if nothing is marked.

    Raises
    ------
    TypeError
        If `labels` is not an array of whole numbers.
    ValueError
        If it is not (H, W), or its numbers have a gap or are below 0.

    Examples
    --------
    >>> import numpy as np
    >>> from facediff.export import split_label_map
    >>> [int(mask.sum()) for mask in split_label_map(np.array([[0, 1, 1], [2, 0, 0]]))]
    [2, 1]
    """
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "iu":
        got = f"{labels.dtype.name} array" if isinstance(labels, np.ndarray) else type(labels).__name__
        raise TypeError(f"labels must be an array of whole numbers, got {got}")
    if labels.ndim != 2 or labels.size == 0:
        raise ValueError(f"labels must be (H, W) with at least one pixel, got shape {labels.shape}")
    numbers = [int(number) for number in np.unique(labels)]
    count = sum(number != 0 for number in numbers)
    if numbers[0] < 0 or numbers[-1] != count:
        wanted = next(n for n in range(count + 1) if n + 1 not in numbers) + 1
        raise ValueError(
            f"labels must number the regions from 1 on without a gap, got {count} from "
            f"{next(n for n in numbers if n)} to {numbers[-1]}, without a {wanted}; number them anew"
        )
    return tuple(labels == number for number in range(1, count + 1))


def write_masks(
    folder: str | os.PathLike[str],
    items: Iterable[Item | tuple[str, Found]],
    *,
    kind: Literal["mask", "labels"] = "mask",
) -> tuple[str, ...]:
    """Write masks as PNG files of the pictures' size, each whole or not at all.

    Each is named after its picture, ``0001.jpg`` gives ``0001.png``: give the masks a folder of their own, or a picture
    of that name is replaced. A picture in which nothing was found gets a mask of zeros.

    Parameters
    ----------
    folder : str or os.PathLike
        Where the files go; it must be there.
    items : iterable of (name, Localisation)
        File names of the pictures, and what was found in them; `frame_items` names those of a clip.
    kind : {"mask", "labels"}
        "mask" is 255 for changed pixels and 0 for the rest; "labels" is a `label_map`, dark to the eye.

    Returns
    -------
    tuple of str
        The files, in the order of the items.

    Raises
    ------
    TypeError, ValueError
        As `label_map`, and if two pictures differ by their suffix only.
    FileNotFoundError, IsADirectoryError, PermissionError, OSError
        If the folder is missing, or a file cannot be written; those written before stay.

    Examples
    --------
    >>> import tempfile
    >>> import facediff
    >>> import numpy as np
    >>> from facediff.export import write_masks
    >>> real = np.full((32, 32, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[8:24, 16:24] = 200
    >>> found = facediff.find_regions(facediff.compare_images(real, fake))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path] = write_masks(folder, [("a.jpg", found)])
    ...     int((facediff.read_image(path) == 255).sum())
    128
    """
    place = check_path(folder, "folder")
    check_choice(kind, "kind", ("mask", "labels"))
    files = []
    for entry in entries(items, by_stem=True):
        mask = entry.found.mask
        picture = mask.astype(np.uint8) * 255 if kind == "mask" else _numbered(entry.parts, mask.shape)
        files.append(os.path.join(place, f"{entry.stem}.png"))
        write_image(files[-1], picture)
    return tuple(files)


def _numbered(parts: tuple[Part, ...], shape: tuple[int, ...]) -> npt.NDArray[Any]:
    if len(parts) > _MOST:
        raise ValueError(
            f"a label map numbers at most {_MOST} regions, got {len(parts)}; drop small ones with min_area="
        )
    labels = np.zeros(shape, np.uint8 if len(parts) <= 255 else np.uint16)
    for number, part in enumerate(parts, start=1):
        labels[part.box.slices][part.marked] = number
    return labels
