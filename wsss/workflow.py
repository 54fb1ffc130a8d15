"""What the Snakefile asks about parameters: paths and variants. No torch, no Snakemake in here."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from wsss.config import Parameters, read_params
from wsss.config.choices import BACKBONES
from wsss.config.paths import expand_path
from wsss.config.resolve import resolve
from wsss.config.stage_variant import stage_variant
from wsss.config.stages import OVER_IMAGES, source_of
from wsss.data.download.sources import read_sources

PRODUCTS = {  # what stages make below results/{dataset}/{variant}/
    "train_seed": "seed_network",
    "extract_seed": "seeds",
    "extract_features": "features",
    "evaluate_labels": "label_metrics.json",
    "evaluate_seed": "seed_metrics.json",
    "label_affinity": "affinity_labels",
    "train_affinity": "affinity_network",
    "make_mask": "masks",
    "evaluate_mask": "mask_metrics.json",
    "inspect_masks": "mask_quality.json",
    "train_segmentation": "segmentation_network",
    "predict": "predictions/{split}",
    "evaluate_val": "val_metrics.json",
    "export_model": "model",
    "export_onnx": "model.onnx",
    "segment": "segmented/{photos}",
    "export_seed_model": "seed_model",
    "export_seeds": "export/seeds",
    "export_crf": "export/crf",
    "export_masks": "export/masks",
    "export_labels": "export/labels",
}


class Experiments:
    """Every experiment that params.yaml describes, by data set and variant."""

    def __init__(self, params_path: Path | str = "params.yaml"):
        self.params = read_params(params_path)
        self.parameters = cache(self._parameters)
        self.variant_of = cache(self._variant_of)
        self.sources = read_sources()

    def _parameters(self, dataset: str, variant: str = "main") -> Parameters:
        return resolve(self.params, dataset, variant)

    def _variant_of(self, dataset: str, variant: str, stage: str) -> str:
        return stage_variant(variant, stage, self.params, dataset)

    @property
    def dataset(self) -> str:
        """The active data set."""
        return self.params["dataset"]

    def unpacked(self, dataset: str) -> list[str]:
        """Return the folders that the archives of a data set are unpacked to, none where it has a root or is drawn."""
        data = self.parameters(dataset).data
        if data.root is not None or data.sources is None:
            return []
        return [f"archives/unpacked/{source.file}" for source in self.sources.archives_of(data.sources)]

    def archive(self, file: str) -> str:
        """Return where an archive is: in the `archives` of a data set that uses it, if it is there, or fetched."""
        for name, entry in self.params["datasets"].items():
            folder = ((entry or {}).get("data") or {}).get("archives")
            if folder is not None and f"archives/unpacked/{file}" in self.unpacked(name):
                path = expand_path(folder, f"datasets.{name}.data.archives") / file
                if path.is_file():
                    return str(path)
        return f"archives/{file}"

    def product(self, stage: str, dataset: str, variant: str = "main") -> str:
        """Return the path of what `stage` makes for this experiment: that of the variant which the stage can tell."""
        return f"results/{dataset}/{self.variant_of(dataset, variant, stage)}/{PRODUCTS[stage].format(split='val')}"

    def is_small(self, block: str, dataset: str, variant: str) -> bool:
        """Return whether a training is so small that more cores or a GPU would not help."""
        own = BACKBONES.get(getattr(self.parameters(dataset, variant), block).backbone)
        return own is not None and own.is_small

    def is_read(self, stage: str, dataset: str, variant: str) -> bool:
        """Return whether what a stage makes is read from another method's folder, which takes no GPU."""
        return source_of(stage, self.parameters(dataset, variant)) is not None

    def jobs_over_images(self, stage: str, dataset: str, variant: str = "main") -> int:
        """Return among how many jobs a stage's images are divided; what is only read is not."""
        if stage not in OVER_IMAGES or self.is_read(stage, dataset, variant):
            return 1
        return self.parameters(dataset, variant).jobs.over_images

    def compared(self, what: str, dataset: str) -> dict[str, str]:
        """Return {label: variant} of the experiments shown beside main; `what` is "seeds" or "val"."""
        compare = self.parameters(dataset).compare
        return {"seeds": compare.seed_experiments, "val": compare.val_experiments}[what]

    def shown(self, what: str, dataset: str) -> dict[str, str]:
        """Return {label: variant} of main and the experiments compared with it, in the order of a figure's columns.

        For "seeds", where main improves on the others, it comes last; for "val", where they bound it, first. Its label
        is USAGE as long as its parameters are those of that method.
        """
        compared, parameters = self.compared(what, dataset), self.parameters(dataset)
        method = (parameters.seed.mapping, parameters.seed.regularization)
        is_ours = parameters.extract.source is None and parameters.mask.source is None
        is_usage = is_ours and method == ("cm", "aa") and "USAGE" not in compared
        main = {"USAGE" if is_usage else "main": "main"}
        return compared | main if what == "seeds" else main | compared


def forced(dag: Any) -> list[str]:
    """Return the rules and files that -R, -f and -F of Snakemake name, `all` for every one.

    dag: its DAGSettings, which it has once it plans.
    """
    if dag is None:
        return []
    targets = dag.targets if dag.forcetargets else ()
    return list(map(str, [*dag.forcerun, *targets, *(["all"] if dag.forceall else [])]))


def tell_what_is_forced(names: Iterable[str]) -> None:
    """Set WSSS_AGAIN, which jobs inherit, to what `forced` gives."""
    os.environ["WSSS_AGAIN"] = " ".join(names)
