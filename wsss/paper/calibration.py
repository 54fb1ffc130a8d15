"""Published numbers beside ours: how near a line of the calibration came, and the page of all lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wsss.paper.table_file import CalibrationLine
from wsss.product.record import Record

WITHIN = 1.0  # mIoU in %; MCTformer's author gives it as the spread of runs of one setting (its issue 22)
_WHAT = {"seed": "seeds", "mask": "masks", "val": "val"}


def measured_line(
    name: str, line: CalibrationLine, dataset: str, metrics: Mapping[str, Any], behind: Iterable[Record | None]
) -> dict[str, Any]:
    """Return a line with our number: plain values.

    Args:
        name, line: of the calibration.
        dataset: a name.
        metrics: of what the line is about.
        behind: the records of all that was made on the way to it, from the data on.
    """
    published = line.published.get(dataset)
    records = [record for record in behind if record is not None]
    return {
        "line": name,
        "of": line.of,
        "ours": metrics["miou"],
        "images": metrics["images"],
        "split": metrics["split"],
        "published": published,
        "difference": None if published is None else metrics["miou"] - published,
        "verdict": None if published is None else verdict(metrics["miou"], published, line.others.get(dataset, [])),
        "hours": sum(record.seconds for record in records) / 3600,
        "devices": sorted({record.device for record in records if record.stage.startswith("train_")}),
    }


def verdict(ours: float, published: float, others: Iterable[float] = ()) -> str:
    """Say how a number stands to the published one, all mIoU in %: agrees, as others got, higher or lower."""
    if abs(ours - published) <= WITHIN:
        return "agrees"
    numbers = [published, *others]
    if len(numbers) > 1 and min(numbers) - WITHIN <= ours <= max(numbers) + WITHIN:
        return "as others got"
    return "higher" if ours > published else "lower"


def calibration_markdown(
    dataset: str, lines: Mapping[str, CalibrationLine], measured: Mapping[str, Mapping[str, Any]]
) -> str:
    """Return the page in Markdown.

    Args:
        dataset: a name.
        lines: all that can be measured on it.
        measured: what `measured_line` gives, of those that are done.
    """
    published = any(dataset in line.published for line in lines.values())
    estimated = any(dataset in line.hours for line in lines.values())
    columns = ["line", "ours", "on"]
    columns += ["published", "difference", "verdict", "source", "what others got"] if published else []
    columns += ["estimated, hours"] if estimated else []
    columns += ["took, hours", "trained on", "target"]
    rows = [_cells(dataset, name, line, measured.get(name), columns) for name, line in lines.items()]
    done = sum(name in measured for name in lines)
    about = [f"# {dataset}: calibration\n", f"{done} of {len(lines)} lines are done. mIoU in %.\n"]
    if published:
        verdicts = [one["verdict"] for one in measured.values() if one["verdict"] is not None]
        counts = ", ".join(f"{verdicts.count(one)} {one}" for one in dict.fromkeys(verdicts))
        about += [f"Verdicts: {counts}.\n"] if verdicts else []
    total = sum(line.hours.get(dataset, 0) for line in lines.values())
    notes = []
    if published:
        notes.append(
            f"A number agrees within {WITHIN:g}: MCTformer's author gives this as the spread of runs of one setting. "
            "It is as others got where it lies between the published number and those that others report of the "
            "published code."
        )
    else:
        notes.append(f"Nothing is published of these lines on {dataset}; they show that the targets run.")
    if estimated:
        notes.append(
            f"Hours are estimated, for one A100 and 8 cores, of what no line above makes; together {total:.0f}. None "
            "was measured (docs/voc_and_coco.md); smoke.md has what this machine would take."
        )
    notes.append("A line took the time of everything on its way, whichever line it was made for.")
    rule = ["---"] + [
        "---:" if "hours" in one or one in ("ours", "published", "difference") else "---" for one in columns[1:]
    ]
    table = [f"| {' | '.join(columns)} |", f"| {' | '.join(rule)} |", *rows]
    return "\n".join([*about, *table, "", "\n\n".join(notes), ""])


def _cells(dataset: str, name: str, line: CalibrationLine, done: Mapping[str, Any] | None, columns: list[str]) -> str:
    published, others = line.published.get(dataset), line.others.get(dataset)
    cells = {
        "line": line.title,
        "published": "–" if published is None else f"{published:.1f}",
        "source": line.source,
        "what others got": "" if not others else f"{', '.join(f'{one:.1f}' for one in others)} ({line.others_source})",
        "estimated, hours": f"{line.hours[dataset]:.1f}" if dataset in line.hours else "",
        "target": f"`results/{dataset}/calibration/{name}.json`",
    }
    if done is not None:
        cells |= {
            "ours": f"{done['ours']:.1f}",
            "on": f"{_WHAT[done['of']]} of {done['images']} images, {done['split']}",
            "difference": "" if done["difference"] is None else f"{done['difference']:+.1f}",
            "verdict": "" if done["verdict"] is None else f"**{done['verdict']}**",
            "took, hours": f"{done['hours']:.2f}",
            "trained on": ", ".join(done["devices"]),
        }
    return f"| {' | '.join(cells.get(column, '') for column in columns)} |"
