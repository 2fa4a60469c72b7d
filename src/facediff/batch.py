"""Whole data sets: many pairs of pictures or clips compared on all cores or on a cluster, killed and resumed at will.

    from facediff import batch, datasets

    run = batch.compare_many(datasets.find_pairs("dfdc_train_part_0"), out="results")
    pairs, frames = batch.read_results("results")
    summary = batch.summarise("results")

The folder of a run holds ``pairs.parquet``, a row for each pair, and ``frames.parquet``, a row for each frame of each
clip, both sorted by the pairs' names; ``manifest.json``, what made them; and ``parts``, which they are made of. The
same pairs give the same tables, byte for byte, on any number of workers and however often the run was killed: they hold
neither times nor hosts. It takes the extra ``facediff[datasets]``, and ``facediff[video]`` for clips.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from facediff import _batch_folder
from facediff._arrays import check_choice, check_path, check_whole
from facediff._batch_crew import Crew, shares_of_this_machine
from facediff._batch_flow import Flow
from facediff._batch_pairs import LabelledPair as LabelledPair
from facediff._batch_pairs import as_pair, check_iterable, in_tasks, key_of
from facediff._batch_reading import count, finished, read_table
from facediff._batch_store import Store, files_of
from facediff._batch_summary import COLUMNS, SCORES, Summary, summary_of
from facediff._batch_summary import Histogram as Histogram
from facediff._batch_tables import FRAMES, PAIRS, need_pyarrow
from facediff._batch_work import Job, environment, warm_up
from facediff._frame_comparison import Look
from facediff._pairing import check_span
from facediff._pairs import VideoPair
from facediff._progress import with_progress
from facediff.localise import RECIPES

if TYPE_CHECKING:
    import pandas as pd

_SCHEMA_VERSION = 1
# Tasks that a worker of this machine has: the one it is at, and the next.
_EACH = 2


class Results(NamedTuple):
    """The tables of a run, see `read_results`.

    Attributes
    ----------
    pairs : pandas.DataFrame
        A row for each pair, indexed by "name".
    frames : pandas.DataFrame
        A row for each frame of each clip, indexed by "name" and "index".
    """

    pairs: pd.DataFrame
    frames: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Run:
    """What `compare_many` did.

    Attributes
    ----------
    out : str
        The folder with the results.
    pairs : int
        Pairs in the table.
    compared : int
        Pairs that were compared by this call.
    kept : int
        Pairs of this call that an earlier one had compared.
    duplicates : int
        Pairs of this call that had come before in it, with the same name and files.
    manipulated, failed : int
        Of those in the table, how many were called manipulated, and how many could not be compared.
    """

    out: str
    pairs: int
    compared: int
    kept: int
    duplicates: int
    manipulated: int
    failed: int

    def __str__(self) -> str:
        """Numbers of pairs in one line."""
        text = f"{self.pairs} pair{'' if self.pairs == 1 else 's'} in {self.out}: {self.manipulated} manipulated"
        text += f", {self.failed} failed; {self.compared} compared now"
        return f"{text}, {self.duplicates} given twice" if self.duplicates else text


def compare_many(
    pairs: Iterable[VideoPair | LabelledPair | tuple[Any, ...]],
    *,
    out: str | os.PathLike[str],
    executor: Executor | None = None,
    pending: int = 256,
    resume: bool = True,
    progress: bool = True,
    recipe: str | None = "noise-aware",
    false_alarm_rate: float | None = None,
    align: bool = False,
    every: int = 1,
    length: str = "equal",
    rate: str = "equal",
    masks: bool = False,
    coco: bool = False,
    annotated: bool = False,
) -> Run:
    """Compare many pairs of pictures or clips, and keep what is found in tables.

    Killed at any moment, it goes on where it was when it is called again with the same arguments: pairs that are in the
    folder are not compared again, unless they failed or their files have another size now. New pairs are added. A pair
    that cannot be compared is a row with its error, and the rest goes on.

    Parameters
    ----------
    pairs : iterable of VideoPair, LabelledPair, (real, fake) or (real, fake, name)
        Such as from `facediff.datasets.find_pairs`; gone through once, as the work goes on. Each needs a name of its
        own, the fake's path unless given. A pair is one of clips if either file ends in .avi, .gif, .m4v, .mkv, .mov,
        .mp4, .mpeg, .mpg, .webm or .wmv, in small letters or capitals, or is a folder; all others are pictures.
        Workers elsewhere need absolute paths.
    out : str or os.PathLike
        The folder for the results: empty, not there yet, or that of a run with the same recipe, parameters and
        versions. One call at a time may write to it.
    executor : concurrent.futures.Executor, optional
        Who compares; it is not shut down. By default a process for each core, held to that core, started afresh: a
        program calls this below ``if __name__ == "__main__":``. On a cluster
        ``dask.distributed.Client(...).get_executor()``.
    pending : int
        How many tasks are handed to an executor of your own at a time: at least twice its workers. A task is a clip, or
        up to 16 pairs of small pictures.
    resume : bool
        Whether `out` may hold a run already, which is gone on with.
    progress : bool
        Whether to draw a progress bar on the standard error stream.
    recipe, false_alarm_rate, align
        As `facediff.find_regions` takes them for pictures, and `facediff.timeline.compare_videos` for clips. With
        ``recipe=None`` there are metrics only, which is far quicker.
    every, length, rate
        How clips are read, as `facediff.video.frame_pairs` takes them.
    masks : bool
        Whether to write the mask of each pair of pictures as PNG into the folder "masks" of `out`; the column "mask"
        says which. Workers elsewhere need to see `out` for this and the next two; a file that is gone is made again
        when the run is gone on with.
    coco : bool
        Whether to write the regions of all pairs of pictures into the file "coco.json" of `out`, as
        `facediff.export.to_coco` does: an image is named by the path of its fake, and by its pair's name as "pair". It
        is made at the end, in the order of the names, of the files in the folder "coco", one for each pair.
    annotated : bool
        Whether to write each pair of clips side by side, its tracks boxed, as H.264 into the folder "annotated" of
        `out`, as `facediff.annotation.annotate_video` does; the column "annotated" says which. The clips are decoded
        once more for it.

    Returns
    -------
    Run
        How many pairs there were and what became of them; `read_results` and `summarise` read the rest.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind, or `pairs` holds something else.
    ValueError
        If the recipe is unknown or does not take an argument that was given, or a number is out of its range; if two
        pairs of different files have one name; if `out` holds a run of another recipe, other parameters or versions; if
        `masks` or `coco` is asked for without a recipe; if a file in the folder "coco" is damaged.
    FileExistsError
        If `out` holds other files, or with ``resume=False`` a run.
    BlockingIOError
        If another call is writing to `out`.
    NotADirectoryError, PermissionError, OSError
        If `out` is a file or may not be written, or the disk is full; what was compared until then is kept.
    RuntimeError
        If worker processes cannot be started, or have other versions than this one.
    BrokenExecutor
        If an executor of your own breaks down.
    ImportError
        If pyarrow, or for clips PyAV, is missing, or tqdm with ``progress=True``.
    KeyboardInterrupt
        After Ctrl-C, when the tasks under way are done and kept. A second one ends it at once.

    Warns
    -----
    RuntimeWarning
        If a part of the results is damaged: it is set aside, and its pairs are compared again.

    Examples
    --------
    >>> import tempfile
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from facediff import write_image
    >>> from facediff.batch import compare_many
    >>> real = np.full((64, 64, 3), 90, np.uint8)
    >>> fake = real.copy()
    >>> fake[20:30, 20:40] = 200
    >>> with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as threads:
    ...     names = [str(Path(folder) / f"{name}.png") for name in ("real", "fake", "missing")]
    ...     write_image(names[0], real)
    ...     write_image(names[1], fake)
    ...     pairs = [(names[0], fake) for fake in names]
    ...     run = compare_many(pairs, out=Path(folder) / "results", executor=threads, progress=False)
    >>> run.pairs, run.manipulated, run.failed
    (3, 1, 1)
    """
    need_pyarrow()
    look = Look.checked(recipe, false_alarm_rate, align)
    check_span(None, None, every)
    check_choice(length, "length", ("equal", "shortest"))
    check_choice(rate, "rate", ("equal", "any"))
    _check_flags(resume=resume, progress=progress, masks=masks, coco=coco, annotated=annotated)
    _check_regions(look.recipe, masks=masks, coco=coco)
    if check_whole(pending, "pending") < 1:
        raise ValueError(f"pending must be at least 1 task, got {pending}")
    check_iterable(pairs)
    if executor is not None and not isinstance(executor, Executor):
        raise TypeError(f"executor must be a concurrent.futures.Executor, got {type(executor).__name__}")
    folder = _batch_folder.open_folder(check_path(out, "out"))
    asked = {"masks": masks, "coco": coco, "annotated": annotated}
    places = {name: os.path.abspath(folder / name) for name, wanted in asked.items() if wanted}
    known_rate = None if math.isnan(look.rate) else look.rate
    job = Job(look.recipe, known_rate, align, int(every), length, rate, **places)
    with _batch_folder.locked(folder):
        _batch_folder.begin(folder, _manifest(job, look) | asked, resume=resume)
        for place in places.values():
            os.makedirs(place, exist_ok=True)
        store = Store(folder)
        queue = _Queue(pairs, store)
        with _workers(executor, job) as workers:
            limit = _EACH * workers.size if isinstance(workers, Crew) else int(pending)
            _drain(queue, Flow(workers, job, limit), store, progress=progress)
        store.finish(coco=coco)
        total, manipulated, failed = count(folder)
    compared = queue.given - queue.kept - queue.duplicates
    return Run(str(folder), total, compared, queue.kept, queue.duplicates, manipulated, failed)


def read_results(out: str | os.PathLike[str], *, frames: bool = True) -> Results:
    """Read the tables of a run.

    Parameters
    ----------
    out : str or os.PathLike
        The folder that `compare_many` wrote to.
    frames : bool
        Whether to read the table of frames, which is large for a large run; without, it has no rows.

    Returns
    -------
    Results
        Two data frames, ``pairs, frames = read_results(out)``. That of the pairs is indexed by "name":

        - "real", "fake", "label" ("FAKE" or "REAL"), "method", "split": as they were given
        - "kind": "picture" or "clip"; "error": why it could not be compared, missing if it was
        - "manipulated": the verdict; for a clip, whether there is a track
        - "margin": the largest evidence over what coding alone may reach, above 1 = more than coding; for a clip what
          three of its frames reach, as many as make a track
        - "mse", "psnr", "ssim"; for a clip the means over its frames, "psnr" that of the mean MSE
        - "changed": the share of the pixels that changed, in [0, 1]
        - "width", "height", "frames", "manipulated_frames", and "refused_frames", which are shifted
        - "regions": how many; for a clip, tracks
        - "boxes": tuple of (left, top, right, bottom), of the regions, strongest first; for a clip of all that a track
          covers
        - "segments": tuple of (start, stop, start_time, stop_time)
        - "mask", "coco", "annotated": the files of the mask, of the regions and of the annotated clip, relative to
          `out`; missing where none was asked for
        - "real_bytes", "fake_bytes", "real_sha256", "fake_sha256": size and digest of the files

        That of the frames is indexed by "name" and "index" and has "time", "mse", "psnr", "ssim", "margin",
        "manipulated", "area" and "boxes", as `facediff.timeline.VideoComparison` has them.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    FileNotFoundError
        If the folder holds no run, or one that is not finished.
    ValueError
        If its manifest or a table is damaged.
    ImportError
        If pyarrow or pandas is missing.

    Examples
    --------
    >>> import tempfile
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from facediff import write_image
    >>> from facediff.batch import compare_many, read_results
    >>> with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as threads:
    ...     path = Path(folder) / "real.png"
    ...     write_image(path, np.full((64, 64, 3), 90, np.uint8))
    ...     pairs = [(path, path, "the same")]
    ...     run = compare_many(pairs, out=Path(folder) / "results", executor=threads, progress=False)
    ...     pairs, frames = read_results(Path(folder) / "results")
    >>> print(*pairs.loc["the same", ["kind", "manipulated", "ssim"]])
    picture False 1.0
    >>> len(frames)
    0
    """
    _check_flags(frames=frames)
    folder, _ = finished(out)
    series = read_table(folder / FRAMES, rows=frames)
    return Results(read_table(folder / PAIRS).set_index("name"), series.set_index(["name", "index"]))


def summarise(out: str | os.PathLike[str], *, score: str = "margin", bins: int = 30) -> Summary:
    """Sum a run up: by label, method and split, how well a score tells fakes from reals, and what is worth a look.

    Parameters
    ----------
    out : str or os.PathLike
        The folder that `compare_many` wrote to.
    score : {"margin", "changed", "mse"}
        The column that histogram and ROC are of; more = more surely fake. The recipe "otsu" has no margin.
    bins : int
        How many bins the histogram has.

    Returns
    -------
    Summary
        Tables by label, method and split; histogram and ROC of the score; fakes in which nothing was found, reals in
        which something was, and pairs that failed.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    FileNotFoundError
        If the folder holds no run, or one that is not finished.
    ValueError
        If there is no such score, `bins` is below 1, or the manifest or the table is damaged.
    ImportError
        If pyarrow or pandas is missing.

    See Also
    --------
    facediff.batch_figures.summary_figure : The same to look at.

    Examples
    --------
    >>> import tempfile
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from facediff import write_image
    >>> from facediff.batch import compare_many, summarise
    >>> with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as threads:
    ...     path = Path(folder) / "real.png"
    ...     write_image(path, np.full((64, 64, 3), 90, np.uint8))
    ...     run = compare_many([(path, path, "a")], out=Path(folder) / "b", executor=threads, progress=False)
    ...     summary = summarise(Path(folder) / "b")
    >>> print(summary)
    1 pair, 0 failed; something found in 0 of 1 fakes, by recipe noise-aware
    >>> list(summary.missed.index)
    ['a']
    """
    check_choice(score, "score", SCORES)
    if check_whole(bins, "bins") < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    folder, manifest = finished(out)
    table = read_table(folder / PAIRS, list(COLUMNS)).set_index("name")
    return summary_of(table, str(folder), manifest["recipe"], score=score, bins=int(bins))


class _Queue:
    """The pairs that are still to be compared, counted as they come."""

    def __init__(self, pairs: Iterable[Any], store: Store) -> None:
        self._pairs = pairs
        self._known = store.known()
        self._files: dict[bytes, bytes] = {}
        self.given = self.kept = self.duplicates = 0

    def __iter__(self) -> Iterator[LabelledPair]:
        """Yield those that are not in the folder."""
        for item in self._pairs:
            pair = as_pair(item, self.given)
            self.given += 1
            key, files = key_of(pair.name), files_of(pair)
            if key in self._files:
                self._check_same(pair, files, self._files[key])
                self.duplicates += 1
                continue
            self._files[key] = files
            known = self._known.pop(key, None)
            if known is not None and known.still_holds(pair):
                self.kept += 1
            else:
                yield pair

    def _check_same(self, pair: LabelledPair, files: bytes, before: bytes) -> None:
        if files != before:
            raise ValueError(
                f"pairs must have names of their own, got {pair.name!r} for different files, the second time for "
                f"{pair.real} and {pair.fake}; name one of them otherwise"
            )

    def expected(self) -> int | None:
        """Return how many pairs will come, as far as that can be told."""
        try:
            return max(len(self._pairs) - len(self._known), 0)  # type: ignore[arg-type]
        except TypeError:
            return None


def _drain(queue: _Queue, flow: Flow, store: Store, *, progress: bool) -> None:
    """Compare what is in the queue; however that ends, what came of it is kept."""
    results = flow.results(in_tasks(queue))
    try:
        for result in with_progress(results, progress, what="comparing", total=queue.expected(), unit="pair"):
            store.add(result)
    except KeyboardInterrupt:
        for result in flow.finish():
            store.add(result)
        store.flush()
        raise KeyboardInterrupt(
            "interrupted; what is compared so far is kept: to go on, call compare_many with the same arguments"
        ) from None
    except BaseException:
        flow.take_back()
        with suppress(OSError):  # the disk is full: that is what is being said
            store.flush()
        raise


def _workers(executor: Executor | None, job: Job) -> AbstractContextManager[Executor]:
    if executor is not None:
        return nullcontext(executor)
    return Crew(shares_of_this_machine(), partial(warm_up, job))


def _manifest(job: Job, look: Look) -> dict[str, Any]:
    return {
        "schema": "facediff-run",
        "schema_version": _SCHEMA_VERSION,
        "versions": environment(),
        "recipe": job.recipe,
        "recipe_version": None if job.recipe is None else RECIPES[job.recipe].version,
        "parameters": look.parameters(),
        "clips": {"every": job.every, "length": job.length, "rate": job.rate},
    }


def _check_regions(recipe: str | None, **flags: bool) -> None:
    for name, wanted in flags.items():
        if wanted and recipe is None:
            raise ValueError(f"{name}=True takes a recipe, got recipe=None, which finds no regions; name a recipe")


def _check_flags(**flags: object) -> None:
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise TypeError(f"{name} must be True or False, got {value!r} ({type(value).__name__})")
