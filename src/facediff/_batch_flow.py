"""Tasks handed to an executor, so many at a time, and what comes of them: a result for every pair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import TypeAlias

from facediff._batch_crew import Crew
from facediff._batch_pairs import LabelledPair
from facediff._batch_work import Done, Job, Result, environment, failed, stops_the_run, work

Task: TypeAlias = tuple[LabelledPair, ...]


class Flow:
    """The tasks under way.

    Parameters
    ----------
    executor : Executor
        Who does them.
    job : Job
        How.
    pending : int
        How many tasks may be under way: neither they nor what comes of them pile up here.
    """

    def __init__(self, executor: Executor, job: Job, pending: int) -> None:
        self._executor = executor
        self._job = job
        self._pending = pending
        self._waiting: dict[Future[Done], Task] = {}
        self._again: list[LabelledPair] = []
        self._number = 0
        self._environment = environment()

    def results(self, tasks: Iterable[Task]) -> Iterator[Result]:
        """Yield the result of each pair, in the order in which they come."""
        coming = iter(tasks)
        while True:
            while len(self._waiting) < self._pending and (task := next(coming, None)) is not None:
                self._submit(task)
            if not self._waiting:
                break
            yield from self._collect()
        # Nothing else is under way now: a pair that took its worker down for want of memory has all of it.
        while self._again:
            self._submit((self._again[-1],))
            yield from self._collect(last=True)
            self._again.pop()

    def take_back(self) -> None:
        """Take back what is not begun."""
        for future in list(self._waiting):
            if future.cancel():
                del self._waiting[future]

    def finish(self) -> Iterator[Result]:
        """Take back what is not begun, and yield what is under way."""
        self.take_back()
        while self._waiting:
            yield from self._collect()

    def _submit(self, task: Task) -> None:
        self._number += 1
        self._waiting[self._executor.submit(work, self._job, task, self._number)] = task

    def _collect(self, *, last: bool = False) -> Iterator[Result]:
        done, _ = wait(self._waiting, return_when=FIRST_COMPLETED)
        for future in done:
            task = self._waiting.pop(future)
            error = future.exception()
            if error is None:
                yield from self._checked(future.result())
            elif stops_the_run(error):
                raise error
            elif isinstance(error, BrokenExecutor) and not isinstance(self._executor, Crew):
                raise BrokenExecutor(
                    f"the executor broke: {error} What is compared so far is kept; leave executor out to have a pair "
                    "that takes its worker down tried once more and recorded, and the rest compared"
                ) from error
            elif last:
                for pair in task:
                    yield failed(pair, f"{_cause(error)} (tried twice, the second time alone)")
            else:
                self._again.extend(task)

    def _checked(self, done: Done) -> tuple[Result, ...]:
        """Refuse results of other versions: a table made by two of them could not be made again."""
        if done.environment != self._environment:
            differing = [
                f"{package} {there} there, {self._environment.get(package)} here"
                for package, there in done.environment.items()
                if there != self._environment.get(package)
            ]
            raise RuntimeError(
                f"workers must have the versions that are here, got {', '.join(differing)}; install the same on all"
            )
        return done.results


def _cause(error: BaseException) -> str:
    if isinstance(error, BrokenExecutor):
        return "the worker process died: out of memory, or a crash in a library"
    return f"{type(error).__name__}: {error}"
