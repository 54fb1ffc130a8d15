"""The curve that a training leaves beside its network: `curve.csv`, with a row for each epoch."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from wsss.errors import InputError, one_line
from wsss.files import whole_file


def growing_curve(checkpoint: Path) -> Path:
    """Return where the curve so far lies while a training runs: beside its checkpoint."""
    return checkpoint.with_suffix(".curve.csv")


def write_curve(path: Path, rows: list[dict[str, float]]) -> None:
    """Write a curve, a row for each epoch, whole or not at all."""
    with whole_file(path) as part:
        pd.DataFrame(rows).to_csv(part, index=False)


def read_curve(folder: Path) -> pd.DataFrame:
    """Return the curve in the folder of a trained network: columns epoch, lr, loss, its terms, and perhaps t."""
    try:
        return pd.read_csv(folder / "curve.csv")
    except (FileNotFoundError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(
            f"{folder / 'curve.csv'}: no training curve ({one_line(error)}); train {folder} again"
        ) from None
