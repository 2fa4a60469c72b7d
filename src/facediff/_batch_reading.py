"""The tables of a finished run, as pandas data frames."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facediff import _batch_folder
from facediff._arrays import check_path
from facediff._batch_tables import FRAMES, PAIRS, need_pyarrow, open_parquet
from facediff._tables import need_pandas

if TYPE_CHECKING:
    import pandas as pd


def finished(out: object) -> tuple[Path, dict[str, Any]]:
    """Return a run's folder and what it says of itself, if the run came to its end."""
    folder = Path(check_path(out, "out"))
    manifest = _batch_folder.read_manifest(folder)
    for name in (PAIRS, FRAMES):
        if not (folder / name).is_file():
            text = f"this run is not finished, {name} is missing; call compare_many with the same arguments to go on"
            raise FileNotFoundError(errno.ENOENT, text, str(folder))
    return folder, manifest


def read_table(path: Path, columns: list[str] | None = None, *, rows: bool = True) -> pd.DataFrame:
    """Read a table, or its columns only; lists of boxes and of segments become tuples."""
    need_pyarrow()
    need_pandas()
    import pandas as pd
    import pyarrow as pa

    try:
        file = open_parquet(path)
        table = file.read(columns) if rows else file.schema_arrow.empty_table()
    except PermissionError:
        raise
    except (pa.ArrowException, OSError) as error:
        why = " ".join(str(error).split())
        raise ValueError(
            f"{path} is damaged ({why}); remove it and call compare_many with the same arguments: it is made again"
        ) from None
    nullable = {pa.bool_(): pd.BooleanDtype(), pa.int64(): pd.Int64Dtype()}
    data: pd.DataFrame = table.to_pandas(types_mapper=nullable.get)
    for column in ("boxes", "segments"):
        if column in data:
            data[column] = pd.Series([_tuples(value) for value in data[column]], data.index, dtype=object)
    return data


def count(folder: Path) -> tuple[int, int, int]:
    """Return how many pairs there are, how many were called manipulated, and how many failed."""
    import pyarrow.compute as pc

    table = open_parquet(folder / PAIRS).read(["manipulated", "error"])
    manipulated = pc.sum(table["manipulated"]).as_py() or 0
    return table.num_rows, manipulated, table.num_rows - table["error"].null_count


def _tuples(value: Any) -> tuple[tuple[Any, ...], ...]:
    """Return a list of records as a tuple of tuples; a missing one is empty."""
    return () if value is None else tuple(tuple(record.values()) for record in value)
