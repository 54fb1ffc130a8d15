"""The images of a page in two groups: those that masks are made of, and those that are predicted. Worst come first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wsss.page.experiment import STEPS, Experiment
from wsss.page.image_scores import ImageScores, read_scores

GROUP_OF = {"seed": "made", "mask": "made", "val": "val"}  # steps
_KINDS_OF = {"made": ("seeds", "labels", "masks"), "val": ("predictions",)}  # of folders
LAYER = {"seeds": "seed", "labels": "labels", "masks": "mask", "predictions": "prediction"}

Scores = Mapping[str, Mapping[int, Mapping[str, ImageScores]]]  # by step, number of the experiment, and id


@dataclass(frozen=True)
class Group:
    """Images of a split, and what there is of them.

    masks: {layer: folder of masks}, such as "mask-0" of the first experiment.
    seeds: {number of the experiment: (folder, threshold)}; without a threshold where none was chosen.
    scores: {step: {number of the experiment: {id: scores}}} of what was measured.
    doubt: rows of `mask_quality.json` by id.
    """

    name: str
    split: str
    ids: tuple[str, ...]
    masks: Mapping[str, Path]
    seeds: Mapping[int, tuple[Path, float | None]]
    scores: Scores
    doubt: Mapping[str, Mapping[str, Any]]

    @property
    def layers(self) -> list[str]:
        """Names of the layers that are class masks, without the truth."""
        seeds = [f"seed-{number}" for number, (_, threshold) in self.seeds.items() if threshold is not None]
        return [*seeds, *self.masks]


def group(name: str, split: str, ids: Sequence[str], experiments: Sequence[Experiment]) -> Group:
    """Return the group `made` or `val`, its images ordered by the first experiment: the worst come first.

    By the IoU of the last step that was measured, or by doubt, or as they are in the split.
    """
    scores = {
        step: {number: read_scores(one.rows[step]) for number, one in enumerate(experiments) if step in one.rows}
        for step in STEPS
        if GROUP_OF[step] == name
    }
    scores = {step: of_step for step, of_step in scores.items() if of_step}
    masks = {
        f"{LAYER[kind]}-{number}": one.folders[kind]
        for number, one in enumerate(experiments)
        for kind in _KINDS_OF[name]
        if kind in one.folders and kind != "seeds"
    }
    seeds = {
        number: (one.folders["seeds"], one.metrics["seed"]["threshold"] if "seed" in one.metrics else None)
        for number, one in enumerate(experiments)
        if name == "made" and "seeds" in one.folders
    }
    doubts = {row["id"]: row for row in (experiments[0].quality or {}).get("worst_first", ())} if name == "made" else {}
    return Group(name, split, tuple(_worst_first(ids, scores, doubts)), masks, seeds, scores, doubts)


def _worst_first(ids: Sequence[str], scores: Scores, doubts: Mapping[str, Any]) -> list[str]:
    if scores:
        last = list(scores.values())[-1]
        first = last[min(last)]
        return sorted(ids, key=lambda name: (first[name].iou if name in first else 0.0, name))
    places = {name: place for place, name in enumerate(doubts)}
    return sorted(ids, key=lambda name: places.get(name, len(places)))


def group_rows(one: Group, classes: Sequence[str], labels: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Return what the view of all images needs of a group, image after image in its order.

    Args:
        classes: names without the background; `background` is number 0.
        labels: class numbers that each image is labelled with, or that its mask has.
    """
    numbers = {name: number for number, name in enumerate(("background", *classes))}
    return {
        "ids": list(one.ids),
        "labels": [list(of_image) for of_image in labels],
        "steps": {
            step: {
                str(number): [_row(of_experiment.get(name), numbers) for name in one.ids]
                for number, of_experiment in of_step.items()
            }
            for step, of_step in one.scores.items()
        },
        "doubt": [_doubt(one.doubt[name], numbers) for name in one.ids] if one.doubt else None,
    }


def _row(scores: ImageScores | None, numbers: Mapping[str, int]) -> list[Any] | None:
    """Return [IoU, missed, too much, wrong class, kind or -1, {class number: IoU}]."""
    if scores is None:
        return None
    kind = -1 if scores.kind is None else scores.kind
    ious = {str(numbers[name]): round(iou, 2) for name, iou in scores.classes.items()}
    return [round(scores.iou, 2), *(round(share, 2) for share in scores.wrong), kind, ious]


def _doubt(row: Mapping[str, Any], numbers: Mapping[str, int]) -> list[Any]:
    """Return [class numbers that are lacking, % open or None, % contradicted or None]."""
    shares = (round(row[key], 2) if key in row else None for key in ("void", "contradicted"))
    return [[numbers[name] for name in row["lacking"]], *shares]
