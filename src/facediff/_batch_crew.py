"""Worker processes of this machine, each on its own share of the cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

T = TypeVar("T")
Share = frozenset[int] | None


def shares_of_this_machine() -> tuple[Share, ...]:
    """Return a share for each core that this process may use: that core, where the system lets a process choose."""
    if hasattr(os, "sched_getaffinity"):
        return tuple(frozenset({core}) for core in sorted(os.sched_getaffinity(0)))
    return (None,) * (os.cpu_count() or 1)  # pragma: no cover - macOS and Windows


class Crew(Executor):
    """An executor of several processes that lets none of them take another's cores, or down the others with it.

    Pools of one process each: where a worker dies, its own tasks fail with `BrokenProcessPool`, nobody else's, and
    another worker takes its place. Kernels and decoders start as many threads as their process may use cores, which
    is its share.

    Parameters
    ----------
    shares : sequence of frozenset of int or None
        The cores of each worker; None = all.
    warm_up : callable
        Called in the first worker, before anything else is begun: what it leaves on disk serves all the others.
    """

    def __init__(self, shares: Sequence[Share], warm_up: Callable[[], object]) -> None:
        self.size = len(shares)
        self._members = [_Member(share) for share in shares]
        self._warm_up: Callable[[], object] | None = warm_up

    def submit(self, function: Callable[..., T], /, *args: Any, **options: Any) -> Future[T]:
        """Give a task to the worker that has the fewest."""
        if self._warm_up is not None:
            self._start(self._warm_up)
            self._warm_up = None
        return min(self._members, key=_Member.load).submit(function, *args, **options)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """End all workers; what is not begun is not begun any more."""
        for member in self._members if cancel_futures else ():  # all of them, before the first is waited for
            member.cancel()
        for member in self._members:
            member.pool.shutdown(wait=wait)

    def _start(self, warm_up: Callable[[], object]) -> None:
        try:
            self._members[0].submit(warm_up).result()
        except BrokenProcessPool as error:
            raise RuntimeError(
                "worker processes could not be started. A program that starts processes is imported by each of them: "
                'call compare_many below `if __name__ == "__main__":`, or pass '
                "executor=concurrent.futures.ThreadPoolExecutor()"
            ) from error


class _Member:
    """One worker, and the next when it is dead."""

    def __init__(self, share: Share) -> None:
        self._share = share
        self._given: list[Future[Any]] = []
        self.pool = self._new_pool()

    def _new_pool(self) -> ProcessPoolExecutor:
        # Forked, a worker would inherit whatever threads and locks its parent happens to have at that moment.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(1, context, initializer=_begin, initargs=(self._share,))

    def load(self) -> int:
        """Return how many of its tasks are not done."""
        self._given = [future for future in self._given if not future.done()]
        return len(self._given)

    def cancel(self) -> None:
        for future in self._given:
            future.cancel()

    def submit(self, function: Callable[..., T], /, *args: Any, **options: Any) -> Future[T]:
        try:
            future = self.pool.submit(function, *args, **options)
        except BrokenProcessPool:
            self.pool = self._new_pool()
            future = self.pool.submit(function, *args, **options)
        self._given.append(future)
        return future


def _begin(share: Share) -> None:  # pragma: no cover - in a process of its own, which no tracer follows
    """Set a worker up: before any library has counted its cores."""
    if share is not None:
        os.sched_setaffinity(0, share)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all: the first process says what becomes of it
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:  # pragma: no cover - in a process of its own, which no tracer follows
    """End this worker when the process that started it is gone: killed, it cannot say so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
