"""The curve that a training leaves beside its network: `curve.csv`, with a row for each epoch."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from wsss.errors import InputError, one_line


def read_curve(folder: Path) -> pd.DataFrame:
    """Return the curve in the folder of a trained network: columns epoch, lr, loss, its terms, and perhaps t."""
    try:
        return pd.read_csv(folder / "curve.csv")
    except (FileNotFoundError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(
            f"{folder / 'curve.csv'}: no training curve ({one_line(error)}); train {folder} again"
        ) from None
