"""What a worker does: pairs compared one after the other, each of them a row, whatever becomes of it."""

from __future__ import annotations

import errno
import functools
import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from facediff._batch_files import write_annotated, write_mask, write_regions
from facediff._batch_pairs import LabelledPair, is_clip, text_of
from facediff._batch_tables import Row, frame_schema
from facediff._versions import versions
from facediff.compare import Comparison, compare_images, psnr_of_mse
from facediff.images import read_pair
from facediff.localise import Localisation, find_regions
from facediff.regions import Box

if TYPE_CHECKING:
    import pyarrow as pa

    from facediff.timeline import VideoComparison

# As many frames as make a track: what fewer show is no finding, so it is no score either.
_SEEN = 3


@dataclass(frozen=True, slots=True)
class Job:
    """How every pair of a run is compared."""

    recipe: str | None
    false_alarm_rate: float | None
    align: bool
    every: int
    length: str
    rate: str
    # The folders that files about each pair are written to, those that are asked for.
    masks: str | None = None
    coco: str | None = None
    annotated: str | None = None


class Result(NamedTuple):
    """What is known of a pair: its row, and for a clip the rows of its frames."""

    row: Row
    frames: pa.Table | None


class Done(NamedTuple):
    """A task that was done, and what it was done with."""

    environment: dict[str, str]
    results: tuple[Result, ...]


def work(job: Job, pairs: tuple[LabelledPair, ...], number: int) -> Done:  # noqa: ARG001
    """Compare some pairs; the number tells a task from the same one tried again, which Dask would else not run."""
    return Done(environment(), tuple(_result(job, pair) for pair in pairs))


def warm_up(job: Job) -> None:
    """Run a small pair through, so that whatever is compiled at its first call is compiled, and kept on disk."""
    real = np.random.default_rng(0).integers(60, 200, (64, 64, 3), np.uint8)
    fake = real ^ 1
    fake[20:40, 20:40] = 255
    _find(job, compare_images(real, fake))


@functools.cache
def environment() -> dict[str, str]:
    """Return the versions of all that a row rests on; looked up once, since every task says them."""
    found = versions()._asdict()
    for package in ("av", "pyarrow"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "none"
    return found


def stops_the_run(error: BaseException) -> bool:
    """Say whether an error is about the place where it happened, and would befall every pair."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return full or isinstance(error, ImportError)


def failed(pair: LabelledPair, error: str) -> Result:
    """Return the row of a pair that could not be compared."""
    return Result(_about(pair) | {"error": text_of(error)}, None)


def _result(job: Job, pair: LabelledPair) -> Result:
    try:
        return _compare_clips(job, pair) if is_clip(pair) else _compare_pictures(job, pair)
    except Exception as error:
        if stops_the_run(error):
            raise
        return failed(pair, f"{type(error).__name__}: {error}")


def _compare_pictures(job: Job, pair: LabelledPair) -> Result:
    comparison = compare_images(*read_pair(pair.real, pair.fake))
    height, width = comparison.shape
    row = _about(pair) | {
        "mse": comparison.mse,
        "psnr": comparison.psnr,
        "ssim": comparison.ssim,
        "width": width,
        "height": height,
        "frames": 1,
    }
    if (found := _find(job, comparison)) is not None:
        row |= {
            "manipulated": found.manipulated,
            "margin": found.margin,
            "changed": float(found.mask.mean()),
            "manipulated_frames": int(found.manipulated),
            "refused_frames": 0,
            "regions": len(found.regions),
            "boxes": _boxes(region.box for region in found.regions),
            "mask": write_mask(job.masks, pair, found),
            "coco": write_regions(job.coco, pair, found),
        }
    return Result(row, None)


def _find(job: Job, comparison: Comparison) -> Localisation | None:
    if job.recipe is None:
        return None
    return find_regions(comparison, recipe=job.recipe, false_alarm_rate=job.false_alarm_rate, align=job.align)


def _compare_clips(job: Job, pair: LabelledPair) -> Result:
    from facediff.timeline import compare_videos

    found = compare_videos(
        pair.real,
        pair.fake,
        recipe=job.recipe,
        false_alarm_rate=job.false_alarm_rate,
        align=job.align,
        every=job.every,
        length=job.length,
        rate=job.rate,
    )
    height, width = found.shape
    error = float(found.mse.mean())
    row = _about(pair) | {
        "mse": error,
        "psnr": psnr_of_mse(error, 255),
        "ssim": float(found.ssim.mean()),
        "width": width,
        "height": height,
        "frames": found.index.size,
    }
    if job.recipe is not None:
        row |= {
            "manipulated": bool(found.tracks),
            "margin": _lasting(found.margin),
            "changed": int(found.area.sum()) / (found.index.size * width * height),
            "manipulated_frames": int(found.manipulated.sum()),
            "refused_frames": len(found.refused),
            "regions": len(found.tracks),
            "boxes": _boxes(_hull(track.boxes) for track in found.tracks),
            "segments": [{side: getattr(each, side) for side in each.__slots__} for each in found.segments],
        }
    row["annotated"] = write_annotated(job.annotated, pair, found)
    return Result(row, _frames(pair, found))


def _lasting(margins: npt.NDArray[np.float64]) -> float:
    """Return the margin that as many frames reach as make a track; of a shorter clip, the least."""
    known = np.sort(margins[~np.isnan(margins)])[::-1]
    return float(known[min(_SEEN, known.size) - 1]) if known.size else np.nan


def _hull(boxes: tuple[Box, ...]) -> Box:
    hull = boxes[0]
    for box in boxes:
        hull = hull.union(box)
    return hull


def _frames(pair: LabelledPair, found: VideoComparison) -> pa.Table:
    import pyarrow as pa

    series = {field.name: getattr(found, field.name, None) for field in frame_schema()}
    series["name"] = [text_of(pair.name)] * found.index.size
    series["boxes"] = [_boxes(each) for each in found.boxes]
    return pa.table(series, schema=frame_schema())


def _boxes(boxes: Iterable[Box]) -> list[dict[str, int]]:
    return [{"left": b.left, "top": b.top, "right": b.right, "bottom": b.bottom} for b in boxes]


def _about(pair: LabelledPair) -> Row:
    """Return what stands in a pair's row whatever becomes of it."""
    real, fake = os.fspath(pair.real), os.fspath(pair.fake)
    row: Row = {
        "name": text_of(pair.name),
        "real": text_of(real),
        "fake": text_of(fake),
        "label": pair.label,
        "method": None if pair.method is None else text_of(pair.method),
        "split": None if pair.split is None else text_of(pair.split),
        "kind": "clip" if is_clip(pair) else "picture",
    }
    for side, path in (("real", real), ("fake", fake)):
        with suppress(OSError, ValueError), open(path, "rb") as file:
            row[f"{side}_sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
            row[f"{side}_bytes"] = file.tell()
    return row
