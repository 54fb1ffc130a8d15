"""A training's checkpoint: written after each epoch, read by the next run of the same training."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from wsss.files import whole_file


def write_checkpoint(path: Path, state: dict) -> None:
    """Write `state` (tensors and plain values), whole or not at all."""
    with whole_file(path) as part, part.open("wb") as file:  # an opened file, so that a full disk says so
        torch.save(state, file)


def read_checkpoint(path: Path, fingerprint: dict) -> dict | None:
    """Return the state in `path`; None, saying why, where there is none, or one of another training."""
    if not path.exists():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        print(f"{path}: unreadable checkpoint ({type(error).__name__}); starting anew", file=sys.stderr)
        return None
    if not isinstance(state, dict) or state.get("fingerprint") != repr(fingerprint):
        print(f"{path}: of other parameters or inputs; starting anew", file=sys.stderr)
        return None
    return state
