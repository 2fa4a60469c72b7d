"""The way to pandas, and what a table must be."""

from __future__ import annotations


def need_pandas() -> None:
    """Say which extra brings pandas if it is missing."""
    try:
        import pandas  # noqa: F401
    except ImportError as error:
        raise ImportError('tables need pandas, which is not installed; pip install "facediff[datasets]"') from error


def check_table(table: object, name: str, column: object = None) -> None:
    """Let in a data frame that has rows, and a column of this name if one is needed."""
    need_pandas()
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        raise TypeError(
            f"{name} must be a pandas DataFrame, got {type(table).__name__}; "
            "make one with facediff.datasets.read_metadata"
        )
    if table.empty:
        raise ValueError(f"{name} must have rows and columns, got {table.shape[0]} by {table.shape[1]}")
    if column is None:
        return
    if not isinstance(column, str):
        raise TypeError(f"column must be a column's name, got {type(column).__name__}")
    if column not in table.columns:
        raise ValueError(f"{name} must have a column {column!r}, got {', '.join(map(str, table.columns))}")
