"""Progress bars, for those who want them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def with_progress(
    items: Iterable[T], wanted: bool, *, what: str, total: int | None, unit: str = "frame"
) -> Iterator[T]:
    """Yield the items, and draw a bar of them on the standard error stream if one is wanted."""
    if not wanted:
        yield from items
        return
    try:
        from tqdm.auto import tqdm
    except ImportError as error:
        raise ImportError('progress=True needs tqdm, which is not installed; pip install "facediff[video]"') from error
    yield from tqdm(items, desc=what, total=total, unit=unit)
