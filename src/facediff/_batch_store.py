"""Where results are kept: part files while a run lasts, two tables made of them at its end.

The parts are the truth and stay: whatever becomes of the tables, they can be made of the parts again. A part is two
files of one number; that of the frames is renamed into place first, so that where there are rows of pairs, there are
those of their frames. Of a pair that stands in several parts the last one counts.
"""

from __future__ import annotations

import functools
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from facediff._batch_coco import COCO, write_coco
from facediff._batch_pairs import LabelledPair, key_of, sizes_of
from facediff._batch_tables import FRAMES, PAIRS, WRITTEN, Row, frame_schema, open_parquet, pair_schema, write_parquet
from facediff._batch_work import Result

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

# A part is written when it has so many rows of either kind, or so many seconds are gone: what SIGKILL can cost.
_PART_PAIRS, _PART_FRAMES, _PART_SECONDS = 1024, 1 << 17, 30.0
_GROUP = 1 << 16  # rows in a row group of the tables
_OPEN = 16  # parts held open when their frames are put in order
# What is to be known of a pair that was compared.
_KNOWN = ("name", "real", "fake", "error", "real_bytes", "fake_bytes", *WRITTEN)


def files_of(pair: LabelledPair) -> bytes:
    """Return what the two files of a pair are remembered by."""
    return key_of(f"{pair.real}\0{pair.fake}")


class Known(NamedTuple):
    """What is remembered of a pair that was compared."""

    files: bytes
    sizes: tuple[int | None, int | None]

    def still_holds(self, pair: LabelledPair) -> bool:
        """Say whether a pair is of the same files; one that is no longer there cannot have changed."""
        sizes = zip(sizes_of(pair), self.sizes, strict=True)
        return self.files == files_of(pair) and all(now in (None, before) for now, before in sizes)


class Store:
    """The results of one run in its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts = folder / "parts"
        self._parts.mkdir(exist_ok=True)
        self._rows: list[Row] = []
        self._frames: list[pa.Table] = []
        self._frame_rows = 0
        self._written = time.monotonic()
        numbers = [int(path.name.partition(".")[0]) for path in self._parts.glob("*.pairs.parquet")]
        self._next = max(numbers, default=0) + 1

    def known(self) -> dict[bytes, Known]:
        """Return the pairs that were compared, by the key of their name.

        Those that failed are none of them, nor those of which a file that was written about them is gone. Every part is
        read to its end. One that is damaged is set aside, and its pairs count as not compared.
        """
        found: dict[bytes, Known] = {}
        for path in self._pair_files():
            try:
                rows = _read_whole(path, _frames_of(path))
            except _DamagedError as error:
                warnings.warn(f"{error}; its pairs are compared again", RuntimeWarning, stacklevel=4)
                path.replace(f"{path}.damaged")
                (self._folder / PAIRS).unlink(missing_ok=True)
                continue
            for row in rows:
                key = key_of(row["name"])
                if row["error"] is None and self._has_files_of(row):
                    files = key_of(f"{row['real']}\0{row['fake']}")
                    found[key] = Known(files, (row["real_bytes"], row["fake_bytes"]))
                else:
                    found.pop(key, None)
        return found

    def add(self, result: Result) -> None:
        """Take in a result."""
        row = result.row | {"group": None if result.frames is None else len(self._frames)}
        self._rows.append(row)
        if result.frames is not None:
            self._frames.append(result.frames)
            self._frame_rows += result.frames.num_rows
        late = time.monotonic() - self._written > _PART_SECONDS
        if late or len(self._rows) >= _PART_PAIRS or self._frame_rows >= _PART_FRAMES:
            self.flush()

    def flush(self) -> None:
        """Write what was taken in."""
        if not self._rows:
            return
        import pyarrow as pa

        # What is added makes the tables stale: while they stand, they are whole.
        (self._folder / PAIRS).unlink(missing_ok=True)
        path = self._parts / f"{self._next:06d}.pairs.parquet"
        try:
            write_parquet(_frames_of(path), frame_schema(), self._frames)
            schema = pair_schema().append(pa.field("group", pa.int32()))
            write_parquet(path, schema, [pa.Table.from_pylist(self._rows, schema=schema)])
        except OSError as error:
            text = f"results could not be written ({error}); what was written before is kept: make room and call again"
            raise OSError(error.errno, text, str(self._folder)) from error
        self._next += 1
        self._rows, self._frames, self._frame_rows = [], [], 0
        self._written = time.monotonic()

    def finish(self, *, coco: bool = False) -> None:
        """Write the rest, and make the tables of all parts, and the COCO dataset if asked for, unless they stand."""
        self.flush()
        if all((self._folder / name).exists() for name in (PAIRS, COCO)[: 1 + coco]):
            return
        rows = self._in_order()
        write_parquet(self._folder / FRAMES, frame_schema(), self._frame_groups(rows))
        if coco:
            write_coco(self._folder, rows["coco"].drop_null().to_pylist())
        rows = rows.drop_columns(["part", "group"])
        groups = (rows.slice(start, _GROUP) for start in range(0, rows.num_rows, _GROUP))
        write_parquet(self._folder / PAIRS, pair_schema(), groups)

    def _has_files_of(self, row: Row) -> bool:
        return all(row[column] is None or (self._folder / row[column]).is_file() for column in WRITTEN)

    def _pair_files(self) -> list[Path]:
        return sorted(self._parts.glob("*.pairs.parquet"))

    def _in_order(self) -> pa.Table:
        """Return the last row of each pair, sorted by name, with the part and the row group of its frames."""
        import pyarrow as pa
        import pyarrow.compute as pc

        tables = [
            pair_schema().append(pa.field("group", pa.int32())).append(pa.field("part", pa.int32())).empty_table()
        ]
        for path in self._pair_files():
            rows = open_parquet(path).read()
            part = int(path.name.partition(".")[0])
            tables.append(rows.append_column("part", pa.array([part] * rows.num_rows, pa.int32())))
        rows = pa.concat_tables(tables)
        order = pc.sort_indices(rows.select(["name", "part"]), [("name", "ascending"), ("part", "descending")])
        names = rows["name"].take(order).combine_chunks()
        first = pc.fill_null(pc.not_equal(names, _shifted(names)), True)
        return rows.take(order.filter(first))

    def _frame_groups(self, rows: pa.Table) -> Iterator[pa.Table]:
        """Yield the frames of the pairs in their order, so many at a time whichever part they come from."""
        import pyarrow as pa

        @functools.lru_cache(maxsize=_OPEN)
        def opened(part: int) -> pq.ParquetFile:
            return open_parquet(_frames_of(self._parts / f"{part:06d}.pairs.parquet"))

        waiting = frame_schema().empty_table()
        for part, group in zip(rows["part"].to_pylist(), rows["group"].to_pylist(), strict=True):
            if group is None:
                continue
            waiting = pa.concat_tables([waiting, opened(part).read_row_group(group)])
            while waiting.num_rows >= _GROUP:
                yield waiting.slice(0, _GROUP)
                waiting = waiting.slice(_GROUP)
        if waiting.num_rows:
            yield waiting


class _DamagedError(ValueError):
    """A part that cannot be read."""


def _frames_of(path: Path) -> Path:
    return path.with_name(path.name.replace(".pairs.", ".frames."))


def _shifted(names: pa.Array) -> pa.Array:
    """Return each value's predecessor, null for the first."""
    import pyarrow as pa

    return pa.concat_arrays([pa.nulls(min(len(names), 1), names.type), names.slice(0, max(len(names) - 1, 0))])


def _read_whole(path: Path, frames: Path) -> list[Row]:
    """Return what is to be known of the rows of a part, all of which was read; a file that is not there is damage."""
    import pyarrow as pa

    try:
        rows = open_parquet(path).read()
        expected = rows.filter(rows["group"].is_valid())["frames"].to_pylist()
        file = open_parquet(frames)
        found = [file.read_row_group(number).num_rows for number in range(file.num_row_groups)]
    except PermissionError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise _DamagedError(f"part file {path} is damaged ({' '.join(str(error).split())})") from error
    if found != expected:
        raise _DamagedError(f"part file {frames} is damaged (rows of {len(found)} clips, not of {len(expected)})")
    known: list[Row] = rows.select(list(_KNOWN)).to_pylist()
    return known
