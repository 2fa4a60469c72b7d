"""Expected regions in small JSON files: one region a line, so that a change of them reads well in a diff."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facediff.localise import Localisation
from facediff.regions import Box

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a baseline file holds: the pictures' height and width, and the boxes that were found."""

    shape: tuple[int, int]
    boxes: tuple[Box, ...]


def read(path: Path) -> Baseline | None:
    """Read a baseline; None if there is none."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        data = json.loads(text)
        schema = data["schema"]
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path, error) from None
    if isinstance(schema, int) and schema > SCHEMA:
        raise NewerSchemaError(
            f"{path} must be a baseline of schema {SCHEMA} or older, got {schema}; install a newer facediff"
        )
    try:
        return _parse(data)
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path, error) from None


def write(path: Path, found: Localisation) -> bool:
    """Write a baseline, whole or not at all, unless the file holds just that; return whether it was written."""
    data = _render(found).encode()
    try:
        read(path)
    except NewerSchemaError:
        raise
    except ValueError:
        pass  # damaged: that is what writing it anew is for
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_bytes() == data:
        return False
    temporary = path.with_name(f".facediff-{secrets.token_hex(8)}.tmp")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    return True


class NewerSchemaError(ValueError):
    """A baseline that a newer facediff wrote: not even an update may overwrite it."""


def _damaged(path: Path, error: Exception) -> ValueError:
    return ValueError(
        f"{path} must be a baseline of facediff, got a damaged file ({type(error).__name__}: {error}); "
        "restore it, or write it anew"
    )


def _parse(data: dict[str, Any]) -> Baseline:
    width, height = data["picture"]
    picture = Box(0, 0, width, height)
    boxes = tuple(Box(*region["box"]) for region in data["regions"])
    for box in boxes:
        if box.union(picture) != picture:
            raise ValueError(f"a box outside the picture of {width}x{height}: {box}")
    return Baseline((picture.height, picture.width), boxes)


def _render(found: Localisation) -> str:
    height, width = found.mask.shape
    fields = {
        "schema": SCHEMA,
        "picture": [width, height],
        "recipe": found.recipe,
        "recipe_version": found.recipe_version,
        "parameters": found.parameters,
    }
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in fields.items()]
    regions = ",\n".join(f"    {json.dumps({'box': region.box.xyxy, 'area': region.area})}" for region in found.regions)
    listed = f"[\n{regions}\n  ]" if regions else "[]"
    return "{\n" + ",\n".join([*lines, f'  "regions": {listed}']) + "\n}\n"
