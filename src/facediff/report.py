"""One HTML file for a pair, a clip or a whole run: pictures to slide, blend and flip, numbers, and what made them.

The file opens from disk and asks for nothing: pictures, style and script are in it, and a content security policy in
its head forbids every request. What is shown of the outside, such as the names of files, is text and stays text.

>>> import tempfile
>>> from pathlib import Path
>>> import numpy as np
>>> import facediff
>>> from facediff.report import write_report
>>> real = np.full((64, 64, 3), 90, np.uint8)
>>> fake = real.copy()
>>> fake[20:30, 20:40] = 200
>>> comparison = facediff.compare_images(real, fake)
>>> found = facediff.find_regions(comparison)
>>> with tempfile.TemporaryDirectory() as folder:
...     written = write_report((comparison, found), Path(folder) / "report.html")
...     print(written.name, "Manipulated" in written.read_text(encoding="utf-8"))
report.html True
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

from facediff._arrays import check_path
from facediff._batch_reading import finished
from facediff._report_clip import clip_context
from facediff._report_page import need_jinja, write_page
from facediff._report_pair import pair_context
from facediff._report_run import run_context
from facediff.batch import read_results, summarise
from facediff.compare import Comparison
from facediff.localise import Localisation
from facediff.timeline import VideoComparison

_SUFFIXES = (".html", ".htm")


def write_report(
    result: tuple[Comparison, Localisation] | VideoComparison | str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    files: tuple[str | os.PathLike[str], str | os.PathLike[str]] | None = None,
) -> Path:
    """Write a result as one HTML file that opens from disk, without a network.

    Parameters
    ----------
    result : tuple of Comparison and Localisation, VideoComparison, or path
        A pair, as ``(comparison, found)``; a clip; or the folder of a run, which `facediff.batch.compare_many` wrote.
    path : str or os.PathLike
        The page: .html or .htm. What is there is replaced, once the new page is whole.
    files : tuple of two paths, optional
        For a pair: where its pictures were read from. The page names them, with their sizes and SHA-256; without them
        it bears the SHA-256 of the arrays. Clips and runs know their files.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If `path` does not end in .html, the two values of a pair do not belong together, `files` is given for something
        else than a pair, or a run's table is damaged.
    ImportError
        If Jinja is missing, or for a run pandas or pyarrow.
    FileNotFoundError, OSError
        If the folder holds no finished run, or the page cannot be written.

    Notes
    -----
    The same result gives the same bytes: a page bears no date. Its size is bounded, and it says where it leaves
    something out: pictures are scaled down to 1280 pixels a side, the first 100 regions or tracks are listed, and a
    timeline has at most 2000 points, each the frame that differs most of those it stands for. The table of a run holds
    the 1000 pairs most worth a look, with thumbnails of the first 100: fakes in which nothing was found, reals in which
    something was and pairs that failed come before all others. Its numbers and charts count all pairs.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> import facediff
    >>> from facediff.report import write_report
    >>> real = np.full((64, 64), 90, np.uint8)
    >>> comparison = facediff.compare_images(real, real)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = write_report((comparison, facediff.find_regions(comparison)), Path(folder) / "same.html")
    ...     "Nothing changed" in written.read_text(encoding="utf-8")
    True
    """
    name = check_target(path)
    if files is not None and not isinstance(result, tuple):
        raise ValueError("files is for a pair of pictures; clips and runs know their files: leave it out")
    if isinstance(result, VideoComparison):
        write_page(name, "_report_clip.html.jinja", clip_context(result))
    elif isinstance(result, (str, os.PathLike)):
        write_page(name, "_report_run.html.jinja", _run(result))
    else:
        comparison, found = _check_pair(result)
        write_page(name, "_report_pair.html.jinja", pair_context(comparison, found, _check_files(files)))
    return Path(name)


def check_target(path: object) -> str:
    """Let in where a page shall be written, and see that it can be: before hours of work, not after them."""
    need_jinja()
    name = check_path(path, "path")
    if os.path.splitext(name)[1].lower() not in _SUFFIXES:
        raise ValueError(f"path must end in .html, got {name!r}; a report is an HTML page")
    folder = os.path.dirname(os.path.realpath(name))
    if not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, "there is no such folder; create it first", folder)
    return name


def _run(out: str | os.PathLike[str]) -> dict[str, Any]:
    _, manifest = finished(out)
    # The recipe "otsu" has no margin, and metrics alone have no mask either.
    score = (
        "mse" if manifest["recipe"] is None else "margin" if "false_alarm_rate" in manifest["parameters"] else "changed"
    )
    return run_context(summarise(out, score=score), read_results(out, frames=False).pairs, manifest)


def _check_pair(result: object) -> tuple[Comparison, Localisation]:
    parts = result if isinstance(result, tuple) else (result,)
    if len(parts) != 2 or not isinstance(parts[0], Comparison) or not isinstance(parts[1], Localisation):
        got = " and ".join(type(part).__name__ for part in parts)
        raise TypeError(
            f"result must be (comparison, found), a VideoComparison or the folder of a run, got {got}; "
            "pass (comparison, facediff.find_regions(comparison))"
        )
    comparison, found = parts
    if found.mask.shape != comparison.shape:
        raise ValueError(
            f"found must come from this comparison, got a mask of {found.mask.shape} for pictures of "
            f"{comparison.shape}; pass facediff.find_regions(comparison)"
        )
    return comparison, found


def _check_files(files: object) -> tuple[str, str] | None:
    if files is None:
        return None
    if not isinstance(files, tuple) or len(files) != 2:
        raise TypeError(f"files must be a tuple of two paths, real and fake, got {files!r}")
    return check_path(files[0], "files"), check_path(files[1], "files")


__all__ = ["write_report"]
