"""How kernels are compiled and how they are spread over the cores.

Numba's own threads are not used: its default layer is not safe from several Python threads at once. A kernel
releases the GIL and works on a strip of rows; plain threads take the strips. Strips depend on the picture's height
alone, and no kernel adds across strips, so that the result is the same on any number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
    """Call ``work(start, stop)`` for every strip of `rows` rows, on all cores that this process may use."""
    height, width = shape[:2]
    starts = range(0, height, rows)
    threads = min(cores(), len(starts)) if height * width >= WORTH_THREADS else 1

    def share(first: int) -> None:
        for start in starts[first::threads]:
            work(start, min(start + rows, height))

    if threads == 1:
        share(0)
        return
    with ThreadPoolExecutor(threads - 1, thread_name_prefix="facediff") as pool:
        others = [pool.submit(share, first) for first in range(1, threads)]
        share(0)
        for other in others:
            other.result()


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
