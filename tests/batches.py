"""Work for batches: pictures and clips made on the spot, executors that do as they are told, workers that die."""

import os
import signal
from concurrent.futures import Executor, Future
from pathlib import Path

import numpy as np

from facediff import _batch_work, write_image
from facediff.video import write_video

_STILL = np.random.default_rng(0).integers(60, 90, (64, 96, 3), np.uint8)


def edited(left=30):
    picture = _STILL.copy()
    picture[20:40, left : left + 30] = 200
    return picture


def make_files(folder: Path) -> Path:
    """Make a real picture and two fakes of it, a real clip and a fake of it, and a file that is neither."""
    write_image(folder / "real.png", _STILL)
    write_image(folder / "fake.png", edited())
    write_image(folder / "other.png", edited(50))
    write_video(folder / "real.mp4", [_STILL] * 12, rate=25)
    write_video(folder / "fake.mp4", [_STILL] * 3 + [edited()] * 6 + [_STILL] * 3, rate=25)
    (folder / "broken.png").write_bytes((folder / "fake.png").read_bytes()[:200])
    return folder


class Inline(Executor):
    """Does each task at once, in this thread; keeps what it was given."""

    def __init__(self):
        self.tasks = []

    def submit(self, function, /, *args, **options):
        future = Future()
        self.tasks.append(args[1])
        try:
            future.set_result(self.run(function, *args, **options))
        except Exception as error:
            future.set_exception(error)
        return future

    def run(self, function, *args, **options):
        return function(*args, **options)

    @property
    def names(self):
        return [pair.name for task in self.tasks for pair in task]


def work_or_die(job, pairs, number):
    """Compare pairs as a worker does, unless one of them is deadly."""
    if any(pair.name.startswith("deadly") for pair in pairs):
        os.kill(os.getpid(), signal.SIGKILL)
    return _batch_work.work(job, pairs, number)
