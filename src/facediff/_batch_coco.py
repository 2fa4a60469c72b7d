"""The COCO dataset of a run, put together from those of its pairs, never more than one of them in memory."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from facediff._coco import to_coco
from facediff._whole_file import whole_file

Record: TypeAlias = dict[str, Any]

COCO = "coco.json"


def write_coco(folder: Path, names: Sequence[str]) -> None:
    """Write the dataset of all pairs, in the order of the names of their files, as `write_json` writes one.

    The files are read twice, since all images stand before all annotations.
    """
    lists: dict[str, Callable[[Path, Sequence[str]], Iterator[Record]]] = {
        "images": _images,
        "annotations": _annotations,
    }
    path = str(folder / COCO)
    with (
        whole_file(path, kind="dataset") as temporary,
        open(temporary, "x", encoding="utf-8", newline="\n") as file,
    ):
        before = "{"
        for word, value in to_coco([]).items():
            file.write(f"{before}{json.dumps(word)}: ")
            if word in lists:
                file.writelines(_in_brackets(lists[word](folder, names)))
            else:
                file.write(json.dumps(value))
            before = ", "
        file.write("}\n")
        file.flush()
        os.fsync(file.fileno())  # or a power cut could leave the name without the content


def _in_brackets(records: Iterator[Record]) -> Iterator[str]:
    yield "["
    for number, record in enumerate(records):
        yield f"{', ' if number else ''}{json.dumps(record, allow_nan=False)}"
    yield "]"


def _images(folder: Path, names: Sequence[str]) -> Iterator[Record]:
    for number, name in enumerate(names, start=1):
        yield _read(folder / name)[0] | {"id": number}


def _annotations(folder: Path, names: Sequence[str]) -> Iterator[Record]:
    count = 0
    for number, name in enumerate(names, start=1):
        for annotation in _read(folder / name)[1]:
            count += 1
            yield annotation | {"id": count, "image_id": number}


def _read(path: Path) -> tuple[Record, list[Record]]:
    """Return the one image of a pair's file, and its annotations."""
    try:
        dataset = json.loads(path.read_text("utf-8"))
        (image,) = dataset["images"]
        annotations: list[Record] = dataset["annotations"]
    except (ValueError, LookupError, TypeError) as error:
        raise ValueError(
            f"{path} is damaged ({error}); remove it and call compare_many with the same arguments: it is made again"
        ) from None
    return image, annotations
