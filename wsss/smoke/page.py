"""The smoke page in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wsss.smoke.forecast import Forecast
from wsss.smoke.scratch import IMAGES, LEAST_STEPS
from wsss.smoke.speedups import SETTINGS
from wsss.smoke.trial import Outcome
from wsss.smoke.utilisation import Utilisation

_COLUMNS = (
    *("made", "on", "precision", "took, s", "of it start, s", "images/s", "waited for images", "GPU busy"),
    *("memory, MB", "GPU memory, MB", "images of all", "hours for all"),
)


def smoke_page(
    dataset: str,
    forecasts: Sequence[Forecast],
    outcome: Outcome,
    utilisation: Utilisation,
    speeds: Mapping[str, Mapping[str, float | str]],
    about: Mapping[str, str],
) -> str:
    """Return the page.

    Args:
        dataset: its name.
        forecasts: of the stages that have finished.
        outcome: how the trial ended.
        utilisation: of the GPUs meanwhile.
        speeds: {network: {setting: images per second, or why there are none}}; empty where there is no GPU.
        about: {what: value} of the machine.
    """
    return "\n".join(
        [
            f"# {dataset}: a trial run\n",
            _outcome(outcome, forecasts),
            "",
            *(f"- {what}: {value}" for what, value in about.items()),
            "",
            f"The whole way on {IMAGES} images of each split, with the networks, crops and batches of the whole set.",
            "Images to train on are there several times, as often as a full batch takes; each network is trained for",
            f"{LEAST_STEPS} steps or more. So what it learns, and every number of quality, is worth nothing.\n",
            *_table(forecasts, utilisation),
            *_speeds(speeds),
        ]
    )


def _outcome(outcome: Outcome, forecasts: Sequence[Forecast]) -> str:
    minutes = f"{outcome.seconds / 60:.1f} minutes"
    reached = str(forecasts[-1].product) if forecasts else "nothing"
    if outcome.finished:
        return f"**Everything ran**, in {minutes}."
    if outcome.stopped:
        return f"**Stopped at the limit**, after {minutes}. The last that was made: {reached}."
    reasons = "\n".join(f"- {failure}" for failure in outcome.failures)
    return f"**It failed**, after {minutes}. The last that was made: {reached}.\n\n{reasons}"


def _table(forecasts: Sequence[Forecast], utilisation: Utilisation) -> list[str]:
    rows = []
    for one in forecasts:
        record, measured = one.record, one.record.measured
        busy = utilisation.during(record.made, record.seconds)
        cells = (
            str(one.product),
            record.device,
            str(measured.get("precision", "")),
            f"{record.seconds:.1f}",
            f"{one.start:.1f}",
            f"{one.images_per_second:.3g}",
            "" if one.waiting is None else f"{one.waiting:.0%}",
            "" if busy is None else f"{busy:.0f}%",
            f"{record.peak_memory_mb:.0f}",
            f"{measured['peak_gpu_memory_mb']:.0f}" if "peak_gpu_memory_mb" in measured else "",
            f"{one.images}",
            f"{one.hours:.2f}",
        )
        rows.append(f"| {' | '.join(cells)} |")
    total = sum(one.hours for one in forecasts)
    return [
        f"| {' | '.join(_COLUMNS)} |",
        f"| {' | '.join(['---'] * 3 + ['---:'] * (len(_COLUMNS) - 3))} |",
        *rows,
        "",
        f"**{total:.1f} hours** for these stages on the whole data set, one after the other. Images per second are",
        "without a stage's start and the first item of its work; of few images they are rough. Where a training waits",
        "for images much of its time, the GPU was not the limit: give it more cores.\n",
    ]


def _speeds(speeds: Mapping[str, Mapping[str, float | str]]) -> list[str]:
    if not speeds:
        return [
            "What bfloat16, channels-last and torch.compile are worth is measured on a GPU alone: here is none.",
            "",
        ]
    networks = list(speeds)
    lines = [
        "## A training step's images per second\n",
        f"| | {' | '.join(networks)} |",
        f"| --- | {' | '.join(['---:'] * len(networks))} |",
    ]
    for setting in SETTINGS:
        values = (speeds[network].get(setting.name, "") for network in networks)
        cells = (f"{value:.1f}" if isinstance(value, float) else value for value in values)
        lines.append(f"| {setting.name} | {' | '.join(cells)} |")
    about = "On random images, without loss, optimiser and loading. The stages train channels-last, in bfloat16 where"
    return [*lines, "", f"{about} that is fast (the column `precision`), without torch.compile.", ""]
