"""Names of files as they may be shown: on one line, and never other than they are."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return a text with all that does not print spelled out, as in ``a\nb``.

    Line breaks and control characters go, and so do the marks that turn the direction of writing, by which
    ``gpj.exe`` can be made to look like ``exe.jpg``, and bytes of a name that are no UTF-8.
    """
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
