"""What the page says, as plain values: for its templates, and for its scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wsss.files import voc_palette
from wsss.page import numbers
from wsss.page.classes import class_rates, confusions
from wsss.page.experiment import LAYER_OF, STEPS, Experiment
from wsss.page.groups import GROUP_OF, Group
from wsss.page.image_scores import KINDS, ImageScores
from wsss.page.numbers import Paper
from wsss.page.packs import PER_PACK
from wsss.page.tiles import PER_ROW, PER_SHEET

EXAMPLES = 6  # good ones, and bad ones


def summary(
    dataset: str, classes: Sequence[str], experiments: Sequence[Experiment], groups: Sequence[Group], side: int
) -> dict[str, Any]:
    """Return what the page's scripts know from the start: names, colours, rates of classes, where pictures lie.

    `side`: pixels of a tile.
    """
    return {
        "dataset": dataset,
        "classes": ["background", *classes],
        "colours": [f"#{colour.tobytes().hex()}" for colour in voc_palette()[: len(classes) + 1]],
        "experiments": [one.label for one in experiments],
        "kinds": list(KINDS),
        "steps": {
            step: {"name": name, "group": GROUP_OF[step], "layer": LAYER_OF[step]} for step, name in STEPS.items()
        },
        "rates": class_rates(experiments),
        "confusions": confusions(experiments),
        "tiles": {"side": side, "perRow": PER_ROW, "perSheet": PER_SHEET},
        "perPack": PER_PACK,
        "groups": {
            one.name: {
                "split": one.split,
                "count": len(one.ids),
                "layers": one.layers,
                "hasTruth": bool(one.scores),
                "hasDoubt": bool(one.doubt),
                "steps": list(one.scores),
            }
            for one in groups
        },
    }


def first_view(experiments: Sequence[Experiment], groups: Sequence[Group], paper: Paper) -> dict[str, Any]:
    """Return the numbers, what they are over and mean, and six good and six bad examples of the last step there is."""
    rows = numbers.table(experiments, paper)
    measured = [step for step in STEPS if any(row["steps"][step] is not None for row in rows)]
    return {
        "rows": rows,
        "steps": measured,
        "scope": numbers.scope(rows),
        "meaning": numbers.meaning(rows) or numbers.without_truth(experiments[0]),
        "has_paper": bool(paper),
        "examples": _examples(groups),
    }


def _examples(groups: Sequence[Group]) -> dict[str, Any] | None:
    """Return which images of which group are the best and the worst of the first experiment at the last step."""
    for one in reversed(groups):
        if not one.scores:
            continue
        step = list(one.scores)[-1]
        number = min(one.scores[step])
        scores = one.scores[step][number]
        # in the group's order, the worst come first; an image without a wrong pixel and without an object shows nothing
        places = [place for place, name in enumerate(one.ids) if name in scores and len(scores[name].classes) > 1]
        bad = places[:EXAMPLES]
        good = [place for place in reversed(places) if place not in bad][:EXAMPLES]
        shown = {"good": good, "bad": bad}
        return {
            "step": step,
            "name": STEPS[step],
            "group": one.name,
            "layer": f"{LAYER_OF[step]}-{number}",
            **{what: [_example(one.ids[place], place, scores) for place in places] for what, places in shown.items()},
        }
    for one in groups:
        if one.doubt:
            places = list(range(min(2 * EXAMPLES, len(one.ids))))
            doubted = [_example(one.ids[place], place, {}) for place in places]
            return {"step": "mask", "name": "masks", "group": one.name, "layer": "mask-0", "good": [], "bad": doubted}
    return None


def _example(name: str, place: int, scores: Mapping[str, ImageScores]) -> dict[str, Any]:
    return {"place": place, "id": name, "iou": round(scores[name].iou, 1) if name in scores else None}
