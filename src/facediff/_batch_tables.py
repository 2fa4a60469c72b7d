"""The two tables of a run, a row for each pair and a row for each frame, and their files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from facediff._whole_file import whole_file

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

Row: TypeAlias = dict[str, Any]

PAIRS, FRAMES = "pairs.parquet", "frames.parquet"
WRITTEN = ("mask", "coco", "annotated")  # the columns that name files about a pair, relative to the run's folder


def need_pyarrow() -> None:
    """Say which extra brings pyarrow if it is missing."""
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise ImportError(
            'batches of pairs need pyarrow, which is not installed; pip install "facediff[datasets]"'
        ) from error


def pair_schema() -> pa.Schema:
    """Return the columns of a pair."""
    import pyarrow as pa

    box = pa.struct([(side, pa.int32()) for side in ("left", "top", "right", "bottom")])
    segment = [("start", pa.int64()), ("stop", pa.int64()), ("start_time", pa.float64()), ("stop_time", pa.float64())]
    text = ("name", "real", "fake", "label", "method", "split", "kind", "error")
    numbers = ("margin", "mse", "psnr", "ssim", "changed")
    counts = ("width", "height", "frames", "manipulated_frames", "refused_frames", "regions")
    return pa.schema(
        [
            *((column, pa.string()) for column in text),
            ("manipulated", pa.bool_()),
            *((column, pa.float64()) for column in numbers),
            *((column, pa.int64()) for column in counts),
            ("boxes", pa.list_(box)),
            ("segments", pa.list_(pa.struct(segment))),
            *((column, pa.string()) for column in WRITTEN),
            *((f"{side}_bytes", pa.int64()) for side in ("real", "fake")),
            *((f"{side}_sha256", pa.string()) for side in ("real", "fake")),
        ]
    )


def frame_schema() -> pa.Schema:
    """Return the columns of a frame."""
    import pyarrow as pa

    return pa.schema(
        [
            ("name", pa.string()),
            ("index", pa.int64()),
            *((column, pa.float64()) for column in ("time", "mse", "psnr", "ssim", "margin")),
            ("manipulated", pa.bool_()),
            ("area", pa.int64()),
            ("boxes", pair_schema().field("boxes").type),
        ]
    )


def write_parquet(path: Path, schema: pa.Schema, groups: Iterable[pa.Table]) -> None:
    """Write a Parquet file, whole or not at all, a row group for each table; the same rows give the same bytes."""
    import pyarrow.parquet as pq

    with whole_file(str(path), kind="table") as temporary:
        with pq.ParquetWriter(temporary, schema, compression="zstd", write_page_checksum=True) as writer:
            for group in groups:
                # In one piece: where a table's chunks end would show in the pages.
                writer.write_table(group.combine_chunks(), row_group_size=max(group.num_rows, 1))
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())  # or a power cut could leave the name without the content


def open_parquet(path: Path) -> pq.ParquetFile:
    """Open a Parquet file; whatever is read from it is held against its checksums."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(path, page_checksum_verification=True)
