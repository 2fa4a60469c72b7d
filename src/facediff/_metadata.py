"""The metadata file of a DFDC folder, read strictly: what is wrong with it is said, nothing is guessed."""

from __future__ import annotations

import errno
import json
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import NamedTuple

NAME = "metadata.json"


class Entry(NamedTuple):
    """What the metadata say of one clip."""

    file: str
    label: str
    split: str
    original: str | None


class _Object(list[tuple[str, object]]):
    """A JSON object as it is written: its keys in order, those that come twice included."""


def read_entries(path: Path) -> list[Entry]:
    """Read a metadata file, a JSON object of ``"file": {"label": ..., "split": ..., "original": ...}``."""
    whole = _parse(path)
    if not isinstance(whole, _Object):
        raise ValueError(f"{path} must hold one JSON object with an entry for each clip, got {_kind(whole)}")
    if not whole:
        raise ValueError(f"{path} must hold an entry for each clip, got an empty JSON object")
    _check_unique(whole, f"{path} names", "entry")
    return [_entry(path, file, content) for file, content in whole]


def _parse(path: Path) -> object:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        text = "there is no such metadata file; check the name, and the folder that it is relative to"
        raise FileNotFoundError(errno.ENOENT, text, str(path)) from None
    except IsADirectoryError:
        raise IsADirectoryError(errno.EISDIR, f"this is a folder; name the {NAME} in it", str(path)) from None
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} must be JSON in UTF-8, got other bytes at {error.start}; is it the right file?"
        ) from None
    if not text.strip():
        raise ValueError(f"{path} must be JSON, got an empty file; download it again")
    try:
        return json.loads(text, object_pairs_hook=_Object)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"{path} must be JSON, got this at {place}: {error.msg}; download it again") from None
    except RecursionError:
        raise ValueError(f"{path} must hold one JSON object, got one nested beyond all reason") from None


def _entry(path: Path, file: str, content: object) -> Entry:
    here = f"{path}, entry {file!r}"
    _check_inside(file, f"{path}: a file's name")
    if not isinstance(content, _Object):
        raise ValueError(f'{here} must be a JSON object with the keys "label" and "split", got {_kind(content)}')
    _check_unique(content, f"{here} has", "key")
    values = dict(content)
    for key in ("label", "split"):
        if key not in values:
            raise ValueError(f'{here} lacks the key "{key}"; it has {", ".join(map(repr, values)) or "none"}')
    label, split, original = values["label"], values["split"], values.get("original")
    if label not in ("FAKE", "REAL"):
        raise ValueError(f'{here}: label must be "FAKE" or "REAL", got {_kind(label)}')
    if not isinstance(split, str):
        raise ValueError(f'{here}: split must be a text such as "train", got {_kind(split)}')
    if original is not None:
        if not isinstance(original, str):
            raise ValueError(f"{here}: original must be a file's name or null, got {_kind(original)}")
        _check_inside(original, f"{here}: original")
    return Entry(file, str(label), split, original)


def _check_unique(pairs: _Object, beginning: str, word: str) -> None:
    seen = set()
    for key, _ in pairs:
        if key in seen:
            raise ValueError(f"{beginning} {key!r} twice; delete the {word} that is wrong")
        seen.add(key)


def _check_inside(name: str, what: str) -> None:
    """Refuse names that lead out of the folder, whatever system they are written for."""
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    outside = ".." in windows.parts or windows.drive or windows.root or posix.is_absolute()
    if outside or "\0" in name or not posix.name:
        raise ValueError(
            f"{what} must be a name within the folder of the metadata, got {name!r}; "
            "names that are absolute, empty or lead upwards are refused"
        )


def _kind(value: object) -> str:
    """Name a JSON value shortly."""
    if isinstance(value, _Object):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return json.dumps(value)[:40]
