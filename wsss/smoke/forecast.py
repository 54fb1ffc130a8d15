"""From the records of a scratch project to what each stage needs for the whole data set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wsss.config import Parameters
from wsss.config.stages import TRAININGS
from wsss.data.prepared import PreparedDataset
from wsss.plan.job import Job
from wsss.plan.rows import job_of
from wsss.product.record import Record, read_record

_SPLITS = {  # the steps of `data.splits` whose images a stage works on
    **dict.fromkeys(("extract_seed", "make_mask"), ("train", "evaluate")),
    **dict.fromkeys(("label_affinity", "inspect_masks"), ("train",)),
    **dict.fromkeys(("evaluate_seed", "evaluate_mask"), ("evaluate",)),
    "evaluate_val": ("val",),
}


@dataclass(frozen=True)
class Forecast:
    """What a stage did on a few images, and how long it will take for all."""

    product: Path
    record: Record
    images: int  # that the whole data set makes it work on; of a training, as often as it sees them

    @property
    def hours(self) -> float:
        """The hours for all images: their number stretches the work on them, not the start."""
        return (self.start + self.images / max(self.images_per_second, 1e-9)) / 3600

    @property
    def start(self) -> float:
        """The seconds before and after the work on images."""
        return max(self.record.seconds - self._loop, 0.0)

    @property
    def images_per_second(self) -> float:
        """The speed without the start."""
        return (self.record.images or 0) / max(self._loop, 1e-3)

    @property
    def waiting(self) -> float | None:
        """The share of a training's time in which it waited for images to be loaded; None for other stages."""
        waited = self.record.measured.get("waiting_seconds")
        return None if waited is None else min(float(waited) / max(self._loop, 1e-3), 1.0)

    @property
    def _loop(self) -> float:
        return float(self.record.measured.get("loop_seconds", self.record.seconds))


def forecasts(scratch: Path, dataset: PreparedDataset, parameters: Callable[[str], Parameters]) -> list[Forecast]:
    """Return a forecast for each stage that a scratch project has finished, in the order in which they did.

    Args:
        scratch: the project.
        dataset: all of it.
        parameters: by variant, of the whole data set.
    """
    found = []
    for path in sorted(scratch.glob("results/*/**/*.run.json"), key=lambda one: one.stat().st_mtime):
        product = path.with_name(path.name.removesuffix(".run.json"))
        relative = product.relative_to(scratch)
        job, record = job_of(relative), read_record(product)
        if job is None or record is None or not record.images or job.stage not in {*TRAININGS, *_SPLITS, "predict"}:
            continue
        found.append(Forecast(relative, record, _images(job, dataset, parameters(job.variant))))
    return found


def _images(job: Job, dataset: PreparedDataset, parameters: Parameters) -> int:
    splits = parameters.data.splits
    if job.stage not in TRAININGS:
        steps = (job.split,) if job.stage == "predict" else _SPLITS[job.stage]
        names = [getattr(splits, step) for step in steps]
        return len(dataset.union(*(name for name in names if name is not None)))
    settings = getattr(parameters, TRAININGS[job.stage])
    count = len(dataset.split(splits.train))
    return settings.epochs * max(count // settings.batch_size, 1) * min(settings.batch_size, count)
