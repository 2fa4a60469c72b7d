"""Work done ahead: an iterator or a function that runs on threads of its own, a few items before they are asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")
R = TypeVar("R")

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


def in_order(function: Callable[[T], R], items: Iterable[T], workers: int) -> Generator[R, None, None]:
    """Yield the function of each item, in their order, computed on several threads a few items ahead.

    An error of the function or of the items is raised where its result would have come. Closing it waits for what is
    under way.
    """
    waiting: deque[Future[R]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="facediff-in-order")
    failed: Exception | None = None
    coming = iter(items)
    try:
        while True:
            try:
                item = next(coming)
            except StopIteration:
                break
            except Exception as error:  # after what came before it
                failed = error
                break
            waiting.append(pool.submit(function, item))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
        if failed is not None:
            raise failed
    finally:
        pool.shutdown(cancel_futures=True)
