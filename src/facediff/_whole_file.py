"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def whole_file(name: str, *, kind: str) -> Iterator[str]:
    """Give a name to write to; what is there becomes `name` if all went well, and is removed if not.

    `kind` is the word that messages use for the file, such as "picture".
    """
    target = os.path.realpath(name)  # a link stays one: what it points to is replaced
    folder, file = os.path.split(target)
    if os.path.isdir(target):
        raise IsADirectoryError(errno.EISDIR, "this is a folder; name a file in it", name)
    if not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, "there is no such folder; create it first", folder)
    temporary = os.path.join(folder, f".facediff-{secrets.token_hex(8)}{os.path.splitext(file)[1]}")
    try:
        yield temporary
        os.replace(temporary, target)
    except PermissionError:
        text = f"this {kind} may not be written here; choose another folder, or ask for the right to"
        raise PermissionError(errno.EACCES, text, name) from None
    finally:
        with suppress(OSError):
            os.unlink(temporary)


def write_text(name: str, text: str, *, kind: str) -> None:
    """Write a text file in UTF-8 with plain line ends, whole or not at all."""
    with whole_file(name, kind=kind) as temporary, open(temporary, "x", encoding="utf-8", newline="\n") as file:
        file.write(text)
