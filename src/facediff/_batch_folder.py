"""The folder of a run: whose it is, and that only one run writes to it at a time."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from facediff._whole_file import write_text

_LOCK, _MANIFEST = "lock", "manifest.json"


def open_folder(path: str) -> Path:
    """Make the folder if there is none."""
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        text = "out must be a folder, and this is a file; name another"
        raise NotADirectoryError(errno.ENOTDIR, text, path) from None
    return folder


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder, or name who does. The system lets go of it when the process ends, killed or not."""
    try:
        import fcntl
    except ImportError:  # pragma: no cover - Windows: there, two runs on one folder are not kept apart
        yield
        return
    path = folder / _LOCK
    with open(path, "a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            text = f"process {file.read().strip()} is writing to this folder; wait for its end, or name another out"
            raise BlockingIOError(errno.EAGAIN, text, str(folder)) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def begin(folder: Path, manifest: dict[str, Any], *, resume: bool) -> None:
    """Make the folder this run's, or see that it is."""
    path = folder / _MANIFEST
    if not path.exists():
        others = sorted(each.name for each in folder.iterdir() if each.name != _LOCK and not _is_left_over(each))
        if others:
            text = f"out must be empty or a run's, and this folder holds {others[0]!r}; name another"
            raise FileExistsError(errno.EEXIST, text, str(folder))
        write_text(str(path), json.dumps(manifest, indent=2) + "\n", kind="manifest")
    elif not resume:
        raise FileExistsError(
            errno.EEXIST, "this folder holds a run already; name another out, or go on with resume=True", str(folder)
        )
    else:
        _check_same(read_manifest(folder), json.loads(json.dumps(manifest)), folder)
    for place in (folder, *(folder / name for name in ("parts", "masks", "coco", "annotated"))):
        for left in (each for each in place.glob(".facediff-*") if _is_left_over(each)):
            left.unlink(missing_ok=True)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what a run's folder says of itself."""
    path = folder / _MANIFEST
    if not path.is_file():
        raise FileNotFoundError(
            errno.ENOENT, "this folder holds no run; name the out of facediff.batch.compare_many", str(folder)
        )
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} must be JSON, got {error}; it is damaged: name another out") from None
    if not isinstance(found, dict) or found.get("schema") != "facediff-run":
        raise ValueError(f"{path} must be the manifest of a run of facediff, got another file; name another out")
    return found


def _is_left_over(path: Path) -> bool:
    """Say whether a file was being written when its run was killed."""
    return path.name.startswith(".facediff-")


def _check_same(there: dict[str, Any], here: dict[str, Any], folder: Path) -> None:
    known, asked = _flat(there), _flat(here)
    differing = [
        f"{word} {known.get(word)!r} there, {asked.get(word)!r} here"
        for word in {**known, **asked}
        if known.get(word) != asked.get(word)
    ]
    if differing:
        raise ValueError(
            f"{folder} must hold a run of the same recipe, parameters and versions, got {'; '.join(differing)}; "
            "name another out, so that no table mixes both"
        )


def _flat(manifest: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for word, value in manifest.items():
        flat |= {f"{word}.{inner}": each for inner, each in value.items()} if isinstance(value, dict) else {word: value}
    return flat
