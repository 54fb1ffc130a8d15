"""How many cores and GPUs, how much memory and time a job asks for: from its images, their size and its network.

docs/gpus_and_clusters.md says which numbers are measured and which are estimated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wsss.config.stages import ON_GPU, TRAININGS
from wsss.parts import part_named

if TYPE_CHECKING:
    from wsss.workflow import Experiments

_UNKNOWN = 10_000  # images, where a data set that is not there yet does not say how many it will have
_PHOTO = 500 * 375  # pixels: of VOC and COCO
_CROP, _SMALL_CROP = 448, 96  # side of the crops for which a training's time stands here, large and small
_PER_TRAINING = 8  # cores: loading and augmenting photos keeps this many busy beside one GPU
_ALL = 64  # cores, where they help one after the other; Snakemake makes it as many as it was given
_GENEROUS = 3  # times what a machine like those of the table takes
_START = 30  # minutes, for what does not follow the number of images: start, files that are read from far away
_OF_PART = "_part"  # how the rules of jobs over images end
_LEAST = 0.3  # of a photo's work that the smallest image takes: opening, writing


class Need(NamedTuple):
    """What a stage needs for photos of 500×375; `small_` is with a network that is trained from scratch in minutes.

    Memory is in MB: `base`, and `per_core` more for each core. Time is in seconds an image (an image and epoch of a
    training, in crops of `_CROP` or `_SMALL_CROP`): `fixed`, and `shared` among the cores.
    """

    base: int = 1000
    per_core: int = 0
    fixed: float = 0.0
    shared: float = 0.0
    small_base: int | None = None
    small_fixed: float | None = None
    cores: int = 1
    block: str | None = None  # of the parameters whose `backbone` is its network
    split: str | None = "train"  # the step of `data.splits` whose images it works on; None: its own wildcard `split`


_NEEDS: dict[str, Need] = {
    "prepare_data": Need(1500, 500, 0.1, cores=8),
    "inspect_data": Need(1500, 300, 0.1, cores=8),
    "train_seed": Need(4000, 500, 0.05, small_base=2000, small_fixed=0.1, block="seed"),
    "extract_seed": Need(8000, 0, 0.5, small_base=2000, small_fixed=0.2, block="seed"),
    "extract_features": Need(4000, small_base=2000, block="seed"),
    "evaluate_labels": Need(4000, 500, 0.1, small_base=2000, small_fixed=0.1, block="seed", split="val"),
    "evaluate_seed": Need(1200, 400, 0.0, 0.1, block="seed"),
    "label_affinity": Need(1500, 700, 0.0, 1.0, cores=_ALL),
    "train_affinity": Need(4000, 500, 0.05, small_base=2000, small_fixed=0.1, block="affinity"),
    "make_mask": Need(4000, 500, 0.5, small_base=2000, small_fixed=0.2, cores=8, block="affinity"),
    "inspect_masks": Need(1500, 300, 0.1, cores=8),
    "evaluate_mask": Need(1200, 400, 0.0, 0.1, cores=8),
    "train_segmentation": Need(4000, 500, 0.05, small_base=2000, small_fixed=0.1, block="segmentation"),
    "predict": Need(
        4000, 700, 0.3, 2.0, small_base=2000, small_fixed=0.2, cores=_ALL, block="segmentation", split=None
    ),
    "segment": Need(4000, 700, 0.3, 2.0, small_base=2000, cores=_ALL, block="segmentation"),
    "evaluate_val": Need(1200, 400, 0.0, 0.1, cores=8, split="val"),
    "export_model": Need(4000),
    "export_seed_model": Need(4000),
    "export_onnx": Need(8000),
    "export_seeds": Need(1500, 300, 0.1, cores=8),
    "export_crf": Need(1500, 700, 0.0, 1.0, cores=_ALL),
    "export_masks": Need(1500, 100, 0.1, cores=8),
    "smoke": Need(8000, 700, cores=_ALL),
    "make_page": Need(1500, 300, 0.3, cores=8),
    "compare_page": Need(1500, 300, 0.3, cores=8),
    "plot_overview": Need(2000),
    "plot_images": Need(2000),
    "plot_seeds": Need(2000),
}


class JobResources:
    """What the rules of an `Experiments` ask for, each by its name and its wildcards.

    gathers: says of a rule and its wildcards whether the job only gathers what others have made (`wsss.parts`).
    """

    def __init__(self, experiments: Experiments, gathers: Callable[[str, Mapping[str, str]], bool] | None = None):
        self.experiments = experiments
        self._gathers = gathers or (lambda rule, wildcards: False)

    def threads(self, rule: str, wildcards: Mapping[str, str]) -> int:
        """Return how many cores a job can use; Snakemake lowers that to what it has (`--cores`, `max-threads`)."""
        need = self._need(rule, wildcards)
        if need.block is None or need.cores > 1:
            return need.cores
        if not self._is_small(need, wildcards):
            return _PER_TRAINING
        return 1 if need.block == "seed" else 2  # several seed networks train side by side

    def gpu(self, rule: str, wildcards: Mapping[str, str]) -> int:
        """Return how many GPUs a job asks for: none where a tiny network computes, or seeds or masks are only read."""
        if rule == "smoke":  # for the jobs that it runs itself
            return 1
        if rule.removesuffix(_OF_PART) not in ON_GPU or self._gathers(rule, wildcards):
            return 0
        is_light = self._is_small(self._need(rule, wildcards), wildcards)
        return 0 if is_light or self.experiments.is_read(rule, *_of(wildcards)) else 1

    def mem_mb(self, rule: str, wildcards: Mapping[str, str], threads: int, attempt: int = 1) -> int:
        """Return the memory that a job asks for, with so many cores; twice as much for each attempt after the first."""
        need = self._need(rule, wildcards)
        base = need.base
        if need.small_base is not None and self._is_small(need, wildcards):
            base = need.small_base
        annotations = 6000 if rule == "prepare_data" and self._layout(wildcards) == "coco" else 0
        return (base + annotations + need.per_core * threads) * 2 ** (attempt - 1)

    def runtime(self, rule: str, wildcards: Mapping[str, str], threads: int, attempt: int = 1) -> int:
        """Return the minutes that a job asks for, with so many cores; twice as many for each attempt after that."""
        return round(_START + _GENEROUS * self.work(rule, wildcards, threads) / 60) * 2 ** (attempt - 1)

    def work(self, rule: str, wildcards: Mapping[str, str], threads: int) -> float:
        """Return the seconds that a job is estimated to work, with so many cores; none that depend on no images."""
        need = self._need(rule, wildcards)
        fixed = need.fixed
        if need.small_fixed is not None and self._is_small(need, wildcards):
            fixed = need.small_fixed
        if not fixed and not need.shared:
            return 0.0
        seconds = (fixed + need.shared / threads) * self._images(need, wildcards)
        if rule in TRAININGS:
            settings = getattr(self.experiments.parameters(*_of(wildcards)), TRAININGS[rule])
            crop = _SMALL_CROP if self._is_small(need, wildcards) else _CROP
            seconds *= settings.epochs * (settings.augmentation.crop_size / crop) ** 2
        else:
            seconds *= self._size(wildcards)
        return seconds

    def _need(self, rule: str, wildcards: Mapping[str, str]) -> Need:
        if self._gathers(rule, wildcards):
            return Need()
        return _NEEDS.get(rule.removesuffix(_OF_PART), Need())

    def _is_small(self, need: Need, wildcards: Mapping[str, str]) -> bool:
        return need.block is not None and self.experiments.is_small(need.block, *_of(wildcards))

    def _layout(self, wildcards: Mapping[str, str]) -> str:
        return self.experiments.parameters(*_of(wildcards)).data.layout

    def _size(self, wildcards: Mapping[str, str]) -> float:
        """Return how much an image is of a photo of VOC or COCO."""
        side = self.experiments.parameters(*_of(wildcards)).data.image_size
        return max(side * side / _PHOTO, _LEAST) if isinstance(side, int) else 1.0

    def _images(self, need: Need, wildcards: Mapping[str, str]) -> int:
        """Return how many images a job works on: as params.yaml says, as the prepared data say, or a guess."""
        return -(-self._all_images(need, wildcards) // part_named(wildcards.get("part")).count)

    def _all_images(self, need: Need, wildcards: Mapping[str, str]) -> int:
        data = self.experiments.parameters(*_of(wildcards)).data
        split = wildcards.get("split", "val") if need.split is None else need.split
        name = getattr(data.splits, split) or split
        counts = dict(data.counts or {}) | {str(scenes): count for scenes, count in (data.scenes or {}).items()}
        if name in counts:
            return counts[name]
        listed = Path(f"data/{wildcards['dataset']}/splits/{name}.txt")
        return len(listed.read_text().splitlines()) if listed.is_file() else _UNKNOWN


def _of(wildcards: Mapping[str, str]) -> tuple[str, str]:
    return wildcards["dataset"], wildcards.get("variant", "main")
