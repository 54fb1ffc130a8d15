"""Whether what a stage reads is what another stage has made: a file that was cut, lost or changed is found at once."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path

from wsss.errors import InputError
from wsss.product.record import Record, read_record, record_path


def check_intact(inputs: Iterable[tuple[str, Path]], digests: Mapping[str, str | None]) -> None:
    """Raise an `InputError` for the first input that is not what its record says.

    Args:
        inputs: options and paths; those without a record beside them are somebody's own, and may hold anything.
        digests: of what they hold, by option; None for nothing.
    """
    for option, path in inputs:
        record = read_record(path)
        if record is None or record.product is None or digests.get(option, record.product) == record.product:
            continue
        if digests[option] is None:
            raise InputError(f"{path}: is gone; to make it again, {remedy(path, record)}")
        raise InputError(
            f"{path}: is not what {record.stage} made: something in it was cut, lost or changed since. "
            f"To make it again, {remedy(path, record)}; to use it as it is, delete {record_path(path)}"
        )


def remedy(product: Path, record: Record) -> str:
    """Return how a product is made again, as `type: COMMAND` or `run PROGRAM`."""
    if Path("Snakefile").exists() and not product.is_absolute():
        return f"type: snakemake --cores all {shlex.quote(str(product))}"
    return f"run stages/{record.program or f'{record.stage}.py'} with --out {shlex.quote(str(product))}"
