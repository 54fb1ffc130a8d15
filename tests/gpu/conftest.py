"""Machines with GPUs that do not exist."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from machine_with_gpus import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    """Give a function that makes a machine with GPUs of these UUIDs, or with what a listing says."""
    made = []

    def make(*uuids: str, listing: str | None = None) -> Machine:
        lines = [f"GPU {number}: NVIDIA H200 (UUID: {uuid})" for number, uuid in enumerate(uuids)]
        made.append(Machine(tmp_path, "\n".join(lines) if listing is None else listing))
        return made[-1]

    yield make
    for one in made:
        one.end()
