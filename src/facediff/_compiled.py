"""How kernels are compiled and how they are spread over the cores.

Numba's own threads are not used: its default layer is not safe from several Python threads at once. A kernel
releases the GIL and works on a strip of rows; plain threads take the strips. Strips depend on the picture's height
alone, and no kernel adds across strips, so that the result is the same on any number of threads.
"""

from __future__ import annotations

import _thread
import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import numba
from numba.core import types
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])

# Rows a strip: enough to make a strip's start-up cheap, few enough that its rows stay in the second-level cache.
STRIP = 64
# Pixels from which on a second thread saves more time than its start costs (about 0.1 ms).
WORTH_THREADS = 1 << 17


def kernel(function: Function) -> Function:
    """Compile a function at its first call, and keep the machine code on disk where that is possible.

    Only sums may be reordered: other fast-math liberties would cost SSIM its exact 1 on identical pictures.
    """
    return _compiled(function, {"reassoc", "nsz", "contract"})


def exact_kernel(function: Function) -> Function:
    """Compile likewise, with sums in the order in which they are written."""
    return _compiled(function, False)


def _compiled(function: Function, fastmath: set[str] | bool) -> Function:
    # Division by IEEE's rules (`error_model="numpy"`): one that may raise would stop vectorisation.
    options: dict[str, Any] = {"error_model": "numpy", "nogil": True, "fastmath": fastmath}
    try:
        return numba.njit(cache=True, **options)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # no folder to keep it in: a read-only installation without a home
        return numba.njit(**options)(function)  # type: ignore[no-any-return]


def _widest(typing_context: Any) -> Any:  # noqa: ARG001 - the signature that Numba asks for
    """Let the function that calls this use the widest vectors that the processor has.

    The compiler stops at 256 bits, since processors of 2017 lost clock speed beyond that. Later ones do not; a loop
    that is bound by its loads and additions is a quarter faster for it, others are none.
    """

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        # llvmlite's own `add` knows a list of plain words only, and this is a word with a value.
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return context.get_dummy_value()

    return types.void(), code


widest: Callable[[], None] = intrinsic(_widest)  # type: ignore[assignment]


def over_strips(work: Callable[[int, int], None], shape: tuple[int, ...], *, rows: int = STRIP) -> None:
    """Call ``work(start, stop)`` for every strip of `rows` rows, on all cores that this process may use.

    Whichever thread is free takes the next strip. The first error that a strip raises is raised here, when all
    threads have ended.
    """
    height, width = shape[:2]
    starts = range(0, height, rows)
    waiting = iter(starts)  # taking the next of a range holds the GIL: no two threads get the same
    errors: list[BaseException] = []

    def share() -> None:
        try:
            for start in waiting:
                work(start, min(start + rows, height))
        except BaseException as error:
            errors.append(error)

    def help_out(done: threading.Lock) -> None:  # pragma: no cover - on a bare thread, which no tracer follows
        share()
        done.release()

    # Bare threads: a pool kept for later calls would not survive a fork, one made for each call costs twice this, and
    # `threading.Thread.start` waits until the thread runs, which is a tenth of the time that a picture takes.
    helpers = min(cores(), len(starts)) - 1 if height * width >= WORTH_THREADS else 0
    working = [threading.Lock() for _ in range(helpers)]
    for done in working:
        done.acquire()
        _thread.start_new_thread(help_out, (done,))
    share()
    for done in working:
        done.acquire()
    if errors:
        raise errors[0]


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
