"""Which fake belongs to which real in the well-known data sets, what is in them, and what is wrong with them.

    pairs = facediff.datasets.find_pairs("dfdc_train_part_0")
    metadata = facediff.datasets.read_metadata("dfdc_train_part_0/metadata.json")
    audit = facediff.datasets.audit(pairs)

Tables are pandas data frames and need the extra ``facediff[datasets]``; finding pairs needs nothing. To compare the
clips of an audit takes ``facediff[video]``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from facediff import _audit, _layouts, _metadata, _rule
from facediff._arrays import check_choice, check_path, check_whole
from facediff._audit import Audit
from facediff._pairs import Unpaired, VideoPair, VideoPairs, check_folder, clips_in
from facediff._tables import check_table, need_pandas

if TYPE_CHECKING:
    import pandas as pd

    from facediff._rule import Rule


def find_pairs(root: str | os.PathLike[str], *, layout: str | None = None, rule: Rule | None = None) -> VideoPairs:
    """Find out which fake was made from which real in the folder of a data set.

    Parameters
    ----------
    root : str or os.PathLike
        The data set's own folder.
    layout : {"celeb-df", "deepfaketimit", "dfdc", "faceforensics++"}, optional
        How it is laid out; recognised unless given.

        - "celeb-df", version 1 or 2: Celeb-synthesis with Celeb-real beside it. The split is "test" for what
          List_of_testing_videos.txt names, else "train".
        - "deepfaketimit": higher_quality and lower_quality, with VidTIMIT within or beside the folder.
        - "dfdc": metadata.json beside the clips, or folders that have it, such as dfdc_train_part_0.
        - "faceforensics++": manipulated_sequences and original_sequences, all methods and compressions, masks where
          there are some, DeepFakeDetection with its actors; the split from train.json, val.json and test.json, in the
          folder or in its splits.
    rule : callable, optional
        For any other data set: called with the path of each clip in the folder and below, in sorted order, it
        returns the path of the real clip that this one was made from, or None if it is no fake.

    Returns
    -------
    VideoPairs
        A sequence of `VideoPair` sorted by name, with what has no partner, and why, in its ``unpaired``.

    Raises
    ------
    TypeError
        If an argument, or what the rule returns, is of the wrong kind.
    FileNotFoundError, NotADirectoryError
        If there is no such folder, or `root` is a file.
    ValueError
        If the folder has no known layout, several, or not the one that was asked for; if layout and rule are both
        given; if a metadata file or a list of splits is damaged, see `read_metadata`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from facediff.datasets import find_pairs
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("real/id0_0000.mp4", "synthesis/id0_id1_0000.mp4", "synthesis/id2_id1_0000.mp4"):
    ...         file = Path(folder) / f"Celeb-{name}"
    ...         file.parent.mkdir(exist_ok=True)
    ...         file.touch()
    ...     pairs = find_pairs(folder)
    >>> len(pairs), pairs.unpaired[0].path.name
    (1, 'id2_id1_0000.mp4')
    >>> print(pairs[0])
    id0_id1_0000: id0_id1_0000.mp4 made from id0_0000.mp4, Celeb-synthesis
    """
    if layout is not None:
        check_choice(layout, "layout", tuple(_layouts.LAYOUTS))
        if rule is not None:
            raise ValueError(f"layout and rule exclude each other, got layout={layout!r} and a rule; pass one of them")
    if rule is not None and not callable(rule):
        raise TypeError(f"rule must be callable, a clip's path to that of its original, got {type(rule).__name__}")
    folder = check_folder(root, "root")
    if rule is not None:
        return _rule.pair_by_rule(folder, rule)
    if layout is None:
        return _layouts.recognise(folder).pair(folder)
    chosen = _layouts.LAYOUTS[layout]
    if not chosen.fits(folder):
        raise ValueError(f"root must have the layout {layout!r}, which needs {chosen.needs}; not so {folder}")
    return chosen.pair(folder)


def read_metadata(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read the metadata.json of a DFDC folder into a table.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Returns
    -------
    pandas.DataFrame
        One row per clip, in the file's order, indexed by "file", with the columns "label" ("FAKE" or "REAL"), "split"
        and "original": the real clip that a fake was made from, missing where the file has null or nothing.

    Raises
    ------
    TypeError
        If `path` is of the wrong kind.
    FileNotFoundError, IsADirectoryError, OSError
        If there is no such file, it is a folder, or it cannot be read.
    ValueError
        If the file is empty or not JSON; if an entry lacks "label" or "split" or has another kind of value there; if
        it names a file twice; if a name is absolute or leads out of the folder.
    ImportError
        If pandas is missing.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from facediff.datasets import read_metadata
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "metadata.json"
    ...     _ = file.write_text('{"a.mp4": {"label": "FAKE", "split": "train", "original": "b.mp4"}}')
    ...     metadata = read_metadata(file)
    >>> metadata.loc["a.mp4"].to_dict()
    {'label': 'FAKE', 'split': 'train', 'original': 'b.mp4'}
    """
    need_pandas()
    import pandas as pd

    entries = _metadata.read_entries(Path(check_path(path, "path")))
    return pd.DataFrame.from_records(entries, columns=_metadata.Entry._fields, index="file")


def missing_values(table: pd.DataFrame) -> pd.DataFrame:
    """Count what is missing in each column of a table.

    Parameters
    ----------
    table : pandas.DataFrame
        Such as from `read_metadata`.

    Returns
    -------
    pandas.DataFrame
        One row per column of `table`: "missing", how many rows have no value there; "percent" of all rows; "dtype",
        the kind of its values.

    Raises
    ------
    TypeError
        If `table` is no data frame.
    ValueError
        If it has no rows.

    Examples
    --------
    >>> import pandas as pd
    >>> from facediff.datasets import missing_values
    >>> missing_values(pd.DataFrame({"original": ["a.mp4", None, None, None]}))[["missing", "percent"]]
              missing  percent
    original        3     75.0
    """
    check_table(table, "table")
    import pandas as pd

    missing = table.isna().sum()
    return pd.DataFrame({"missing": missing, "percent": 100 * missing / len(table), "dtype": table.dtypes.astype(str)})


def unique_values(table: pd.DataFrame) -> pd.DataFrame:
    """Count the values, and the different ones among them, in each column of a table.

    Parameters
    ----------
    table : pandas.DataFrame
        Such as from `read_metadata`.

    Returns
    -------
    pandas.DataFrame
        One row per column of `table`: "values", how many rows have one; "unique", how many of these are different.

    Raises
    ------
    TypeError
        If `table` is no data frame.
    ValueError
        If it has no rows.

    Examples
    --------
    >>> import pandas as pd
    >>> from facediff.datasets import unique_values
    >>> unique_values(pd.DataFrame({"original": ["a.mp4", "b.mp4", "a.mp4", None]}))
              values  unique
    original       3       2
    """
    check_table(table, "table")
    import pandas as pd

    return pd.DataFrame({"values": table.count(), "unique": table.nunique()})


def most_frequent_values(table: pd.DataFrame) -> pd.DataFrame:
    """Name the most frequent value in each column of a table.

    Parameters
    ----------
    table : pandas.DataFrame
        Such as from `read_metadata`.

    Returns
    -------
    pandas.DataFrame
        One row per column of `table`: "value", the most frequent one, and of several the first to appear; "count", how
        often; "percent" of the rows that have a value; "ties", how many values are that frequent, this one included.
        A column without any value has none here, 0 times.

    Raises
    ------
    TypeError
        If `table` is no data frame.
    ValueError
        If it has no rows.

    Examples
    --------
    >>> import pandas as pd
    >>> from facediff.datasets import most_frequent_values
    >>> most_frequent_values(pd.DataFrame({"original": ["a.mp4", "b.mp4", "a.mp4", "b.mp4", "c.mp4"]}))
              value  count  percent  ties
    original  a.mp4      2     40.0     2
    """
    check_table(table, "table")
    import pandas as pd

    rows = []
    for column in table.columns:
        counts = count_values(table, column) if table[column].notna().any() else None
        if counts is None:
            rows.append((None, 0, 0.0, 0))
        else:
            most = counts["count"].iloc[0]
            ties = int((counts["count"] == most).sum())
            rows.append((counts.index[0], int(most), 100 * most / counts["count"].sum(), ties))
    return pd.DataFrame.from_records(rows, columns=["value", "count", "percent", "ties"], index=table.columns)


def count_values(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Count how often each value of a column occurs.

    Parameters
    ----------
    table : pandas.DataFrame
        Such as from `read_metadata`.
    column : str
        The column, such as "label".

    Returns
    -------
    pandas.DataFrame
        One row per value, the index called like the column, the most frequent first, of equally frequent ones the
        first to appear: "count", and "percent" of all rows, those that have no value included.

    Raises
    ------
    TypeError
        If `table` is no data frame, or `column` no text.
    ValueError
        If it has no rows, no such column, or no value in it.

    Examples
    --------
    >>> import pandas as pd
    >>> from facediff.datasets import count_values
    >>> count_values(pd.DataFrame({"label": ["FAKE", "REAL", "FAKE", "FAKE"]}), "label").reset_index()
      label  count  percent
    0  FAKE      3     75.0
    1  REAL      1     25.0
    """
    check_table(table, "table", column)
    import pandas as pd

    counts = table[column].value_counts(sort=False).sort_values(ascending=False, kind="stable")
    if counts.empty:
        raise ValueError(f"column {column!r} must hold a value, got only missing ones; drop it")
    return pd.DataFrame({"count": counts, "percent": 100 * counts / len(table)})


def file_types(folder: str | os.PathLike[str]) -> pd.DataFrame:
    """Count the files in a folder and below by their extension.

    Parameters
    ----------
    folder : str or os.PathLike
        The folder.

    Returns
    -------
    pandas.DataFrame
        One row per "extension", in lower case with its dot, "(none)" for files without one; the most frequent first:
        "files", and "percent" of all files.

    Raises
    ------
    TypeError
        If `folder` is of the wrong kind.
    FileNotFoundError, NotADirectoryError
        If there is no such folder, or it is a file.
    ValueError
        If there is no file in it.
    ImportError
        If pandas is missing.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from facediff.datasets import file_types
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("a.mp4", "b.MP4", "c.mp4", "metadata.json"):
    ...         (Path(folder) / name).touch()
    ...     file_types(folder).reset_index()
      extension  files  percent
    0      .mp4      3     75.0
    1     .json      1     25.0
    """
    need_pandas()
    import pandas as pd

    files = [path for path in sorted(check_folder(folder, "folder").rglob("*")) if path.is_file()]
    if not files:
        raise ValueError(f"folder must hold a file, got none in {folder}; is it the right one?")
    counts = count_values(pd.DataFrame({"extension": [path.suffix.lower() or "(none)" for path in files]}), "extension")
    return counts.rename(columns={"count": "files"})


def compare_with_folder(metadata: pd.DataFrame, folder: str | os.PathLike[str]) -> pd.DataFrame:
    """List the clips that are in the metadata and not in the folder, and the reverse.

    Parameters
    ----------
    metadata : pandas.DataFrame
        Indexed by file, as from `read_metadata`.
    folder : str or os.PathLike
        Where the clips lie; other files there do not count.

    Returns
    -------
    pandas.DataFrame
        One row per clip that is not in both, indexed by "file", sorted, with the column "only_in": "metadata" or
        "folder". Without rows if all is well.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    FileNotFoundError, NotADirectoryError
        If there is no such folder, or it is a file.
    ValueError
        If `metadata` has no rows.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from facediff.datasets import compare_with_folder
    >>> metadata = pd.DataFrame({"label": ["FAKE", "REAL"]}, index=pd.Index(["a.mp4", "b.mp4"], name="file"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("a.mp4", "c.mp4"):
    ...         (Path(folder) / name).touch()
    ...     compare_with_folder(metadata, folder).reset_index()
        file   only_in
    0  b.mp4  metadata
    1  c.mp4    folder
    """
    check_table(metadata, "metadata")
    import pandas as pd

    place = check_folder(folder, "folder")
    listed = {str(name) for name in metadata.index}
    found = {clip.name for clip in clips_in(place)} | {name for name in listed if (place / name).is_file()}
    rows = sorted([*((name, "metadata") for name in listed - found), *((name, "folder") for name in found - listed)])
    return pd.DataFrame.from_records(rows, columns=["file", "only_in"], index="file")


def same_original(metadata: pd.DataFrame, original: str | None = None, *, at_least: int | None = None) -> pd.DataFrame:
    """Pick the fakes that were made from the same original.

    Parameters
    ----------
    metadata : pandas.DataFrame
        From `read_metadata`.
    original : str, optional
        The original, by its file's name.
    at_least : int, optional
        Instead of one original: all from which this many fakes or more were made.

    Returns
    -------
    pandas.DataFrame
        The rows of these fakes with one more column, "fakes": how many were made from that original. Sorted by this,
        most first, then by original and file. Without rows if there are no such fakes.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If not exactly one of `original` and `at_least` is given, `at_least` is below 1, `metadata` has no rows or no
        column "original", or it nowhere names the original.

    Examples
    --------
    >>> import pandas as pd
    >>> from facediff.datasets import same_original
    >>> files = pd.Index(["a.mp4", "b.mp4", "c.mp4"], name="file")
    >>> metadata = pd.DataFrame({"original": ["r.mp4", "s.mp4", "r.mp4"]}, index=files)
    >>> same_original(metadata, at_least=2).reset_index()
        file original  fakes
    0  a.mp4    r.mp4      2
    1  c.mp4    r.mp4      2
    """
    check_table(metadata, "metadata", "original")
    if (original is None) == (at_least is None):
        raise ValueError(f"one of original and at_least is needed, got {original!r} and {at_least!r}")
    fakes = metadata[metadata["original"].notna()]
    fakes = fakes.assign(fakes=fakes.groupby("original")["original"].transform("size").astype(int))
    if at_least is not None:
        if check_whole(at_least, "at_least") < 1:
            raise ValueError(f"at_least must be at least 1 fake, got {at_least}")
        chosen = fakes[fakes["fakes"] >= at_least]
    else:
        chosen = fakes[fakes["original"] == _check_known(original, metadata)]
    return chosen.rename_axis(index="file").sort_values(["fakes", "original", "file"], ascending=[False, True, True])


def audit(data: str | os.PathLike[str] | Iterable[VideoPair], *, frames: int = 5, progress: bool = False) -> Audit:
    """Check the clips of a data set against each other, pair by pair.

    What is wrong with one clip or pair is reported with its name, and the rest is done. Findings are:

    - "unpaired": a clip without a partner, unless it is a real one that is there and no fake was made from;
    - "unreadable": a clip that could not be opened, measured or read to where it was sampled;
    - "size", "length", "rate": the clips of a pair differ in width and height, in frames, or in frames a second (by
      half a frame or more until the clip's end);
    - "offset": the fake runs some frames before or after the real;
    - "misaligned": sampled frames are shifted by more than half a pixel, so they cannot be judged;
    - "unmanipulated": in some of the sampled frames nothing was changed beyond coding noise;
    - "duplicate": a fake that is the same file, byte by byte, as another one or as its real.

    Parameters
    ----------
    data : str, os.PathLike, or iterable of VideoPair
        The folder of a data set, or pairs from `find_pairs`.
    frames : int
        How many frames of each pair are compared, spread evenly; 0 = none, files are checked only.
    progress : bool
        Whether to draw a progress bar on the standard error stream.

    Returns
    -------
    Audit
        Findings, and a table with a row per pair; printed, it is a summary in one line.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    ValueError
        If `frames` is below 0, there is nothing to audit, or two pairs have the same name; for a folder, as
        `find_pairs`.
    FileNotFoundError, NotADirectoryError
        For a folder, as `find_pairs`.
    ImportError
        If pandas or PyAV is missing, or `progress` needs tqdm and it is not installed.

    Notes
    -----
    Frames are judged by `facediff.find_regions` at a false-alarm rate of 1 % each; where an offset was measured they
    are compared in step.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from facediff.datasets import audit
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     fakes = Path(folder) / "Celeb-synthesis"
    ...     fakes.mkdir()
    ...     (fakes / "id0_id1_0000.mp4").touch()
    ...     print(audit(folder))
    0 pairs, 0 sound; findings: 1 unpaired
    """
    need_pandas()
    if check_whole(frames, "frames") < 0:
        raise ValueError(f"frames must be at least 0, got {frames}; 0 compares none")
    if not isinstance(progress, bool):
        raise TypeError(f"progress must be True or False, got {progress!r} ({type(progress).__name__})")
    pairs, unpaired = _check_pairs(data)
    return _audit.run(pairs, unpaired, int(frames), progress=progress)


def _check_known(original: object, metadata: pd.DataFrame) -> str:
    if not isinstance(original, str):
        raise TypeError(f"original must be a file's name, got {type(original).__name__}")
    if original not in metadata.index and not (metadata["original"] == original).any():
        raise ValueError(f"original must be a file that the metadata name, got {original!r}; check its spelling")
    return original


def _check_pairs(data: object) -> tuple[tuple[VideoPair, ...], tuple[Unpaired, ...]]:
    if isinstance(data, (str, os.PathLike)):
        data = find_pairs(data)
    if not isinstance(data, Iterable):
        raise TypeError(f"data must be a folder or an iterable of VideoPair, got {type(data).__name__}")
    unpaired = data.unpaired if isinstance(data, VideoPairs) else ()
    pairs = tuple(data)
    names = set()
    for pair in pairs:
        if not isinstance(pair, VideoPair):
            raise TypeError(f"data must hold nothing but VideoPair, got {type(pair).__name__}; see find_pairs")
        if pair.name in names:
            raise ValueError(f"pairs must have names of their own, got {pair.name!r} twice; rename one of them")
        names.add(pair.name)
    if not pairs and not unpaired:
        raise ValueError("data must hold a pair, got none; is it the right folder?")
    return pairs, unpaired


__all__ = [
    "Audit",
    "Unpaired",
    "VideoPair",
    "VideoPairs",
    "audit",
    "compare_with_folder",
    "count_values",
    "file_types",
    "find_pairs",
    "missing_values",
    "most_frequent_values",
    "read_metadata",
    "same_original",
    "unique_values",
]
