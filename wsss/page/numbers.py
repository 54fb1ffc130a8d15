"""The numbers of the first view: what each experiment reached at each step, and what that means in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wsss.page.experiment import STEPS, Experiment

Paper = Mapping[str, Mapping[str, str]]  # the paper's rates by "label/step": "miou", perhaps "fpr" and "fnr"


def cell(metrics: Mapping[str, Any], paper: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return what is shown of one metrics file: rates in percent, over what, and what was tuned on true masks."""
    occurring = [name for name, rates in metrics["per_class"].items() if rates["iou"] is not None]
    shown = {key: metrics.get(key) for key in ("miou", "fpr", "fnr", "images", "split", "threshold", "tuned_on")}
    return {**shown, "classes": len(occurring), "paper": paper, "labelled_only": metrics.get("labelled_only")}


def table(experiments: Sequence[Experiment], paper: Paper) -> list[dict[str, Any]]:
    """Return a row for each experiment with a cell for each step that was measured."""
    return [
        {
            "label": one.label,
            "variant": one.variant,
            "steps": {
                step: cell(one.metrics[step], paper.get(f"{one.label}/{step}")) if step in one.metrics else None
                for step in STEPS
            },
        }
        for one in experiments
    ]


def scope(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a line for each step: over how many classes and images its numbers are, and what was tuned on what."""
    lines = []
    for step, what in STEPS.items():
        cells = [row["steps"][step] for row in rows if row["steps"][step] is not None]
        if not cells:
            continue
        first = cells[0]
        text = (
            f"{what.capitalize()}: {first['images']:,} images of {first['split']}, "
            f"mean over {first['classes']} classes, background included"
        )
        tuned = dict.fromkeys(cell["tuned_on"] for cell in cells if cell["tuned_on"])
        if tuned:
            chosen = "each threshold" if step == "seed" else "the score of the background"
            text += f"; {chosen} was chosen by the true masks of {' and of '.join(tuned)}"
        lines.append(f"{text}.")
        if (labelled := first["labelled_only"]) is not None:
            lines.append(
                f"Over the {labelled['images']:,} of them that are of a class, as others report, mIoU is "
                f"{labelled['miou']:.1f} % (FPR {labelled['fpr']:.1f}, FNR {labelled['fnr']:.1f})."
            )
    return lines


def meaning(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return sentences that say what the numbers of the first row mean, and how far the others are from it."""
    first = {step: one for step, one in rows[0]["steps"].items() if one is not None and one["miou"] is not None}
    if not first:
        return []
    step, last = list(first.items())[-1]
    sentences = [
        f"Of all that the {STEPS[step]} mark as a class or that truly is of it, {last['miou']:.1f} % is both, "
        f"{last['fpr']:.1f} % is marked wrongly, and {last['fnr']:.1f} % is missed."
    ]
    if "seed" in first and "mask" in first:
        gained = _points(first["mask"]["miou"] - first["seed"]["miou"])
        sentences.append(
            f"The masks are {gained}{' with' if gained == 'level' else ' than'} the seeds that they are made of."
        )
    others = [
        f"the {STEPS[of]} of {row['label']} are {_points(row['steps'][of]['miou'] - first[of]['miou'])}"
        for row in rows[1:]
        for of in reversed(STEPS)
        if of in first and row["steps"][of] is not None and row["steps"][of]["miou"] is not None
    ]
    if others:
        sentences.append(f"Compared with {rows[0]['label']}, {'; '.join(others)}.")
    return sentences


def without_truth(experiment: Experiment) -> list[str]:
    """Return sentences about masks that no true mask tells anything of."""
    quality = experiment.quality
    if quality is None:
        return []
    sentences = [
        f"There are no true masks, so nothing here says how good the result is. Of {quality['images']:,} masks of "
        f"{quality['split']}, {quality['images_lacking_a_class']:,} lack a class that their image is labelled with, "
        f"and {quality['images_hardly_marked']:,} mark less than 1 % of an image that has one."
    ]
    if "void" in quality:
        sentences.append(
            f"The dense CRFs leave {quality['void']:.1f} % of the pixels open, and contradict the masks in "
            f"{quality['contradicted']:.1f} %."
        )
    if "labels_held_out" in quality and quality["labels_held_out"]["map"] is not None:
        known = quality["labels_held_out"]
        sentences.append(
            f"The seed network ranks {known['images']:,} images that it was not trained on by their labels with a "
            f"mean average precision of {known['map']:.1f} %."
        )
    return sentences


def _points(difference: float) -> str:
    if abs(difference) < 0.05:
        return "level"
    return f"{abs(difference):.1f} points {'higher' if difference > 0 else 'lower'}"
