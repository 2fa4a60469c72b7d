"""Work done ahead: an iterator that runs on a thread of its own, a few items before they are asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")

# Enough to ride out a frame that takes longer, small enough that two clips of 4K pictures stay under half a gigabyte.
_DEPTH: Final = 3


class _End:
    pass


_END: Final = _End()


def ahead(source: Generator[T, None, None]) -> Generator[T, None, None]:
    """Yield what `source` yields, in order; an error of it is raised where its item would have come.

    Closing it waits for the item under way, closes `source`, and leaves no thread behind.
    """

    def pull() -> T | _End:
        return next(source, _END)

    pool = ThreadPoolExecutor(1, thread_name_prefix="facediff-ahead")
    try:
        waiting = deque(pool.submit(pull) for _ in range(_DEPTH))
        while not isinstance(item := waiting.popleft().result(), _End):
            waiting.append(pool.submit(pull))
            yield item
    finally:
        pool.shutdown(cancel_futures=True)
        source.close()
