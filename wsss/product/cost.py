"""A page of what results have cost: hours, memory, images per second by stage, beside what was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wsss.config.stages import STAGES
from wsss.product.record import Record

_COLUMNS = ("stage", "jobs", "hours", "images/s", "longest, min", "asked for", "most memory, MB", "asked for")
_SPARE = 4  # times what a job takes: which of them ask for more memory than that is said


@dataclass(frozen=True)
class Asked:
    """What a job has asked for: MB of memory, minutes of time."""

    memory_mb: int
    minutes: int


def cost_page(dataset: str, records: Mapping[Path, Record | None], asked: Mapping[Path, Asked]) -> str:
    """Return the page in Markdown.

    Args:
        dataset: whose results they are.
        records: of all that is behind them, None where there is none.
        asked: what the job of each has asked for, of those that have a record.
    """
    known = {product: record for product, record in sorted(records.items()) if record is not None}
    stages: dict[str, list[Path]] = {}
    for product, record in known.items():
        stages.setdefault(record.stage, []).append(product)
    hours = sum(record.seconds for record in known.values()) / 3600
    on_gpu = sum(record.seconds for record in known.values() if "peak_gpu_memory_mb" in record.measured) / 3600
    return "\n".join(
        [
            f"# What the results of {dataset} have cost\n",
            f"**{hours:.2g} hours** of {len(known)} jobs, one after the other{_gpus(on_gpu)}: all that the results",
            "and the experiments beside them were made of, each once.\n",
            f"| {' | '.join(_COLUMNS)} |",
            f"| --- |{' ---: |' * (len(_COLUMNS) - 1)}",
            *(_row(stage, stages[stage], known, asked) for stage in sorted(stages, key=_order)),
            "",
            "Memory is that of a job's processes together, sampled every two seconds. Of a training that was",
            "interrupted, time is that since then. Images count as often as a training has seen them.\n",
            *_misjudged(known, asked),
            *_unknown([product for product, record in sorted(records.items()) if record is None]),
        ]
    )


def _gpus(hours: float) -> str:
    return f" ({hours:.2g} hours with a GPU)" if hours else ""


def _order(stage: str) -> int:
    return list(STAGES).index(stage) if stage in STAGES else -1  # the first is prepare_data


def _row(stage: str, products: Sequence[Path], known: Mapping[Path, Record], asked: Mapping[Path, Asked]) -> str:
    records = [known[product] for product in products]
    seconds = sum(record.seconds for record in records)
    images = sum(record.images or 0 for record in records)
    longest = max(products, key=lambda product: known[product].seconds)
    largest = max(products, key=lambda product: known[product].peak_memory_mb)
    cells = (
        stage,
        f"{len(products)}",
        f"{seconds / 3600:.2g}",
        f"{images / seconds:.3g}" if images and seconds else "",
        f"{known[longest].seconds / 60:.1f}",
        f"{asked[longest].minutes}",
        f"{known[largest].peak_memory_mb:.0f}",
        f"{asked[largest].memory_mb}",
    )
    return f"| {' | '.join(cells)} |"


def _misjudged(known: Mapping[Path, Record], asked: Mapping[Path, Asked]) -> list[str]:
    """Say which jobs took more than they had asked for, or asked for far more than they took."""
    short, lavish = [], []
    for product, record in known.items():
        memory, minutes = asked[product].memory_mb, asked[product].minutes
        took = f"{product}: {record.peak_memory_mb:.0f} of {memory} MB, {record.seconds / 60:.1f} of {minutes} minutes"
        if record.peak_memory_mb > memory or record.seconds > 60 * minutes:
            short.append(f"- {took}")
        elif record.peak_memory_mb * _SPARE < memory:
            lavish.append(f"- {took}")
    return [
        "## More than was asked for\n",
        *(short or ["Nothing: on a cluster, none of these jobs would have been stopped."]),
        "\n## Less than a quarter of the memory\n",
        *(lavish or ["Nothing."]),
        "",
    ]


def _unknown(products: Sequence[Path]) -> list[str]:
    return ["## No record\n", *(f"- {product}" for product in products), ""] if products else []
