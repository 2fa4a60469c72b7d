"""How kernels are compiled and how they are spread over the cores.

Numba's own threads are not used: its default layer is not safe from several Python threads at once. A kernel
releases the GIL and works on a strip of rows; plain threads take the strips. Strips depend on the picture's height
alone, and no kernel adds across strips, so that the result is the same on any number of threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

# Rows a strip: enough to make a strip's start-up cheap, few enough that its rows stay in the second-level cache.
STRIP = 64
# Pixels from which on a second thread saves more time than its start costs (about 0.1 ms).
WORTH_THREADS = 1 << 17


def kernel(function: Function) -> Function:
    """Compile a function at its first call, and keep the machine code on disk where that is possible.

    Division follows IEEE rules (`error_model="numpy"`): a division that may raise would stop vectorisation.
    Only sums may be reordered: other fast-math liberties would cost SSIM its exact 1 on identical pictures.
    """
    options: dict[str, Any] = {
        "error_model": "numpy",
        "nogil": True,
        "fastmath": {"reassoc", "nsz", "contract"},
    }
    try:
        return numba.njit(cache=True, **options)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # no folder to keep it in: a read-only installation without a home
        return numba.njit(**options)(function)  # type: ignore[no-any-return]


def over_strips(work: Callable[[int, int], None], shape: tuple[int, ...], *, rows: int = STRIP) -> None:
    """Call ``work(start, stop)`` for every strip of `rows` rows, on all cores that this process may use.

    The first error that a strip raises is raised here, when all threads have ended.
    """
    height, width = shape[:2]
    starts = range(0, height, rows)
    threads = min(cores(), len(starts)) if height * width >= WORTH_THREADS else 1
    errors: list[BaseException] = []

    def share(first: int) -> None:
        try:
            for start in starts[first::threads]:
                work(start, min(start + rows, height))
        except BaseException as error:
            errors.append(error)

    # Bare threads: a pool kept for later calls would not survive a fork, and one made for each call costs twice this.
    others = [threading.Thread(target=share, args=(first,), name="facediff") for first in range(1, threads)]
    for other in others:
        other.start()
    share(0)
    for other in others:
        other.join()
    if errors:
        raise errors[0]


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
