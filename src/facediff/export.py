"""Masks and regions in the formats that other tools read, and as records from which they can be made again.

What is exported has a name, that of the picture: items are pairs ``(name, found)``, and `frame_items` names the frames
of a clip. One class, "manipulated" unless given another name. Polygons run along the edges of the pixels, boxes are
half-open: the corner (0, 0) is the picture's, not the first pixel's middle.

>>> import facediff
>>> import numpy as np
>>> from facediff import export
>>> real = np.full((64, 64, 3), 90, np.uint8)
>>> fake = real.copy()
>>> fake[20:30, 20:40] = 200
>>> comparison = facediff.compare_images(real, fake)
>>> found = facediff.find_regions(comparison)
>>> data = export.to_dict(comparison, found)
>>> again = export.verify(export.from_dict(data), comparison)
>>> bool((again.mask == found.mask).all())
True
"""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

from facediff._arrays import check_path
from facediff._coco import to_coco
from facediff._cvat import write_cvat
from facediff._document import Node, number_or_word
from facediff._items import Item, frame_items
from facediff._label_maps import label_map, split_label_map, write_masks
from facediff._label_studio import to_label_studio
from facediff._packages import to_dataframe, to_supervision
from facediff._record import (
    SCHEMA,
    SCHEMA_VERSION,
    Digest,
    Record,
    digest_data,
    digest_of,
    inputs_of,
    read_record,
    region_data,
    shift_data,
)
from facediff._runs import decode_rle, encode_rle
from facediff._voc import write_voc
from facediff._whole_file import write_text
from facediff._yolo import write_yolo
from facediff.compare import Comparison, check_comparison
from facediff.localise import RECIPES, Localisation, find_regions

__all__ = [
    "Digest",
    "Item",
    "Record",
    "decode_rle",
    "encode_rle",
    "frame_items",
    "from_dict",
    "label_map",
    "split_label_map",
    "to_coco",
    "to_dataframe",
    "to_dict",
    "to_label_studio",
    "to_supervision",
    "verify",
    "write_cvat",
    "write_json",
    "write_masks",
    "write_voc",
    "write_yolo",
]


def to_dict(comparison: Comparison, found: Localisation) -> dict[str, Any]:
    """Return a result as plain data, with what it takes to make it again and check it.

    It holds the verdict, the regions with their contours, the mask bit for bit, the recipe with its version and
    parameters, the versions of the packages, and the SHA-256 of both pictures, of ``where`` and of the evidence (see
    `Digest`): arrays are named, not stored. `write_json` writes it, `from_dict` reads it.

    Parameters
    ----------
    comparison : Comparison
        The two pictures.
    found : Localisation
        What was found in them.

    Returns
    -------
    dict
        Of dicts, lists, texts, numbers, True, False and None only. Numbers that are not finite stand as the texts
        "inf", "-inf" and "nan", which JSON has no numbers for.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If the two are of different sizes.

    See Also
    --------
    facediff.export.from_dict : The way back.
    facediff.export.verify : Makes the result again and checks it.

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> from facediff.export import to_dict
    >>> real = np.full((32, 32, 3), 90, np.uint8)
    >>> comparison = facediff.compare_images(real, real)
    >>> data = to_dict(comparison, facediff.find_regions(comparison))
    >>> data["verdict"]["manipulated"], data["inputs"]["real"]["shape"]
    (False, [32, 32, 3])
    """
    check_comparison(comparison)
    if not isinstance(found, Localisation):
        raise TypeError(
            f"found must be a Localisation, got {type(found).__name__}; make one with facediff.find_regions"
        )
    if found.mask.shape != comparison.shape:
        raise ValueError(
            f"comparison and found must be of one size, got {comparison.shape} and {found.mask.shape}; "
            "pass the comparison that found was made from"
        )
    inputs = inputs_of(comparison)
    for name in ("real", "fake", "where"):
        inputs[name] = inputs[name] and digest_data(inputs[name])
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "inputs": inputs,
        "versions": found.versions._asdict(),
        "recipe": {
            "name": found.recipe,
            "version": found.recipe_version,
            "parameters": dict(found.parameters),
        },
        "verdict": {
            "manipulated": found.manipulated,
            "threshold": number_or_word(found.threshold),
            "margin": number_or_word(found.margin),
            "shift": shift_data(found.shift),
            "alignment": found.alignment,
        },
        "regions": [region_data(region) for region in found.regions],
        "mask": encode_rle(found.mask),
        "evidence": digest_data(digest_of(found.evidence)),
    }


def from_dict(data: dict[str, Any]) -> Record:
    """Return the record that `to_dict` made data of, after checking every value.

    Parameters
    ----------
    data : dict
        From `to_dict`, or from a JSON file of it.

    Returns
    -------
    Record
        Regions, mask, verdict, numbers, recipe and versions as they were; the digests of what is not stored.

    Raises
    ------
    TypeError
        If `data` is not a dict.
    ValueError
        If the data are no such record, of a newer schema, or damaged: the text names the place.

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> from facediff.export import from_dict, to_dict
    >>> real = np.full((32, 32, 3), 90, np.uint8)
    >>> comparison = facediff.compare_images(real, real)
    >>> record = from_dict(to_dict(comparison, facediff.find_regions(comparison)))
    >>> record.manipulated, record.threshold
    (False, inf)
    """
    if not isinstance(data, dict):
        raise TypeError(f"data must be a dict, got {type(data).__name__}; read a file with json.loads")
    return read_record(Node(data, "data"))


def verify(record: Record, comparison: Comparison) -> Localisation:
    """Make a recorded result again from its pictures, and check that it is the same.

    Parameters
    ----------
    record : Record
        From `from_dict`.
    comparison : Comparison
        Of the same two pictures, compared in the same way.

    Returns
    -------
    Localisation
        The result, its mask and contours the same to the last bit: from here on every figure can be drawn.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If the pictures, or the way they were compared, are not those of the record; if the recipe is not here in that
        version, or takes other parameters; or if it gives another verdict, mask or regions.

    Examples
    --------
    >>> import facediff
    >>> import numpy as np
    >>> from facediff.export import from_dict, to_dict, verify
    >>> real = np.full((32, 32, 3), 90, np.uint8)
    >>> comparison = facediff.compare_images(real, real)
    >>> record = from_dict(to_dict(comparison, facediff.find_regions(comparison)))
    >>> verify(record, facediff.compare_images(real, real.copy())).manipulated
    False
    >>> verify(record, facediff.compare_images(real, real + 1))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: the comparison must be of the record's pictures, got another fake: SHA-256 ... for ...
    """
    if not isinstance(record, Record):
        raise TypeError(
            f"record must be a Record, got {type(record).__name__}; make one with facediff.export.from_dict"
        )
    check_comparison(comparison)
    _check_inputs(record, comparison)
    _check_recipe(record)
    options: dict[str, Any] = dict(record.parameters)
    found = find_regions(comparison, recipe=record.recipe, **options)
    _check_same(record, found)
    return found


def write_json(path: str | os.PathLike[str], data: dict[str, Any] | list[dict[str, Any]]) -> None:
    """Write data as a JSON file, whole or not at all: a dataset, tasks or a record.

    Parameters
    ----------
    path : str or os.PathLike
        The file, in a folder that is there.
    data : dict or list
        From `to_coco`, `to_label_studio` or `to_dict`.

    Raises
    ------
    TypeError
        If `data` holds what JSON does not, such as arrays.
    ValueError
        If it holds numbers that are not finite.
    FileNotFoundError, IsADirectoryError, PermissionError, OSError
        If the folder is missing, `path` is a folder, or the file cannot be written.

    Examples
    --------
    >>> import json
    >>> import tempfile
    >>> from pathlib import Path
    >>> from facediff.export import write_json
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_json(Path(folder) / "a.json", {"images": []})
    ...     json.loads((Path(folder) / "a.json").read_text())
    {'images': []}
    """
    name = check_path(path, "path")
    write_text(name, json.dumps(data, allow_nan=False) + "\n", kind="file")


def _check_inputs(record: Record, comparison: Comparison) -> None:
    for name, here in inputs_of(comparison).items():
        recorded = getattr(record, name)
        if here == recorded:
            continue
        if isinstance(here, Digest) and isinstance(recorded, Digest):
            kinds = f", {_shape(here)} for {_shape(recorded)}" if _shape(here) != _shape(recorded) else ""
            raise ValueError(
                f"the comparison must be of the record's pictures, got another {name}: SHA-256 {here.sha256[:16]} for "
                f"{recorded.sha256[:16]}{kinds}; compare the pictures that the record was made from"
            )
        raise ValueError(
            f"the comparison must be made as the record's, got {name}={_said(here)} for {_said(recorded)}; pass "
            f"{name}= to facediff.compare_images"
        )


def _check_recipe(record: Record) -> None:
    if record.recipe not in RECIPES:
        raise ValueError(
            f"the record's recipe must be one of {', '.join(map(repr, RECIPES))}, got {record.recipe!r}; "
            f"install facediff {record.versions.facediff}"
        )
    entry = RECIPES[record.recipe]
    if entry.version != record.recipe_version:
        raise ValueError(
            f"recipe {record.recipe!r} must be of version {record.recipe_version}, got {entry.version}; "
            f"install facediff {record.versions.facediff}"
        )
    if set(entry.parameters) != set(record.parameters):
        raise ValueError(
            f"recipe {record.recipe!r} must have the parameters {sorted(entry.parameters)}, got "
            f"{sorted(record.parameters)}; the data are damaged"
        )


def _check_same(record: Record, found: Localisation) -> None:
    differing = int(np.count_nonzero(record.mask != found.mask))
    same = (
        record.manipulated == found.manipulated
        and not differing
        and len(record.regions) == len(found.regions)
        and all(np.array_equal(a.contour, b.contour) for a, b in zip(record.regions, found.regions, strict=True))
    )
    if not same:
        changed = [
            f"{package} {now} for {then}"
            for package, now, then in zip(found.versions._fields, found.versions, record.versions, strict=True)
            if now != then
        ]
        raise ValueError(
            f"the recipe must give what the record holds, got {len(found.regions)} regions for {len(record.regions)}, "
            f"masks that differ in {differing} pixels; "
            + (f"made with {', '.join(changed)}" if changed else "the versions are the same, so the record was changed")
        )


def _shape(digest: Digest) -> str:
    return f"{'x'.join(map(str, digest.shape))} {digest.dtype}"


def _said(value: object) -> str:
    return "a mask" if isinstance(value, Digest) else repr(value)
