"""Which metrics the paper's tables, claims and figures are made of: equal settings are one path, and one training."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from wsss.config.stages import MEASURED, needed_stages
from wsss.config.variant import join_variant, split_variant
from wsss.errors import InputError
from wsss.paper.table_file import ComparedRow, read_tables
from wsss.workflow import Experiments

_STAGE_OF = {  # test: VOC's server alone
    "seed": "evaluate_seed",
    "mask": "evaluate_mask",
    "val": "evaluate_val",
    "val_labelled": "evaluate_val",
}


class TableRuns:
    """The runs of workflow/tables.yaml for the data sets of params.yaml."""

    def __init__(self, experiments: Experiments, path: Path | str = "workflow/tables.yaml"):
        self.experiments, self.file = experiments, read_tables(path)

    @property
    def figures(self) -> list[str]:
        """The names of all figures."""
        return list(self.file.figures)

    @property
    def tables(self) -> list[str]:
        """The names of all tables."""
        return list(self.file.tables)

    @property
    def lines(self) -> list[str]:
        """The names of all lines of the calibration."""
        return list(self.file.calibration)

    def table_metrics(self, table: str, dataset: str) -> dict[str, str]:
        """Return {"row/random seed": path of the metrics} of a table, rows by their number from 0."""
        runs = [row.run for row in self.file.table(table).rows]
        return self._metrics(runs, self.experiments.parameters(dataset).tables.random_seeds, dataset)

    @property
    def comparisons(self) -> list[str]:
        """The names of all tables of published methods."""
        return list(self.file.comparisons)

    def comparison_metrics(self, table: str, dataset: str) -> dict[str, str]:
        """Return {"row/column/random seed": path of the metrics} of our numbers in a table of published methods."""
        settings, published = self.experiments.parameters(dataset).tables, self.file.comparison(table)
        paths = {}
        for number, row in enumerate(published.rows):
            variant = self._variant_of(row, dataset)
            if variant is None:
                continue
            for column in published.columns:
                for seed in settings.random_seeds if column in _STAGE_OF else ():
                    full = _with_seed(variant, seed)
                    paths[f"{number}/{column}/{seed}"] = self.experiments.product(_STAGE_OF[column], dataset, full)
        if not paths:
            raise InputError(
                f"{dataset}: tables.segmentation in params.yaml has nothing for {table}; name an experiment"
            )
        return paths

    def calibration_lines(self, dataset: str) -> dict[str, str]:
        """Return {line: path of the metrics} of the calibration lines that a data set has a network and true masks for.

        Transformer or CNN is a matter of seeds: a network that true masks supervise is of any data set.
        """
        data, paths = self.experiments.parameters(dataset).data, {}
        for name, line in self.file.calibration.items():
            stage = _STAGE_OF[line.of]
            path = self._product(stage, line.run, None, dataset) if data.measures(MEASURED[stage]) else None
            if path is not None:
                paths[name] = path
        if not paths:
            raise InputError(
                f"{dataset}: no line of the calibration can be measured; it takes true masks, and a network under "
                "tables.backbones in params.yaml"
            )
        return paths

    def about_line(self, dataset: str, name: str) -> str:
        """Return what a line of the calibration measures on a data set, and the hours that are estimated for it."""
        line = self.file.line(name)
        hours = f", about {line.hours[dataset]:g} hours on one A100 (estimated)" if dataset in line.hours else ""
        return f"{line.title} of {dataset}{hours}"

    def claim_metrics(self, dataset: str) -> dict[str, str]:
        """Return {"run/random seed": path of the metrics} of the claims, runs by their number from 0."""
        return self._metrics(
            self.file.runs_of_claims(), self.experiments.parameters(dataset).tables.claim_random_seeds, dataset
        )

    def trainings(self, metrics: dict[str, str]) -> int:
        """Return how many seed networks these metrics need: a setting in several rows is trained once."""
        return len(self._trained(metrics.values()))  # no run differs from another in the extraction alone

    def all_trainings(self, dataset: str) -> int:
        """Return how many seed networks all tables need together."""
        return len(self._trained(path for table in self.tables for path in self.table_metrics(table, dataset).values()))

    def _trained(self, paths: Iterable[str]) -> set[str]:
        """Return those of metrics that are of seeds of our own networks."""

        def is_trained(path: str) -> bool:
            dataset, variant = Path(path).parts[1:3]
            return "train_seed" in needed_stages(self.experiments.parameters(dataset, variant))

        return set(filter(is_trained, paths))

    def figure_folders(self, figure: str, dataset: str) -> dict[str, str]:
        """Return {column: folder of seeds or feature maps} of a figure, columns by their number from 0."""
        seed = self.experiments.parameters(dataset).tables.random_seeds[0]
        paths = {}
        for number, column in enumerate(self.file.figure(figure).columns):
            stage = {"seed": "extract_seed", "features": "extract_features", "prediction": "predict"}[column.show]
            paths[str(number)] = self._product(stage, column.run, seed, dataset)
        return self._without_absent_networks(paths, dataset)

    def _metrics(self, runs: list[str], seeds: list[int], dataset: str) -> dict[str, str]:
        paths = {
            f"{number}/{seed}": self._product("evaluate_seed", run, seed, dataset)
            for number, run in enumerate(runs)
            for seed in seeds
        }
        return self._without_absent_networks(paths, dataset)

    def _variant_of(self, row: ComparedRow, dataset: str) -> str | None:
        """Return the experiment behind a row of published methods; None if the data set has none."""
        settings = self.experiments.parameters(dataset).tables
        variant = row.ours and getattr(settings.segmentation, row.ours)
        if not variant or row.run is None:
            return variant or None
        kind, own = row.run.split(" ")
        backbone = getattr(settings.backbones, kind)
        return None if backbone is None else _joined(variant, own, f"backbone={backbone}")

    def _product(self, stage: str, run: str, seed: int | None, dataset: str) -> str | None:
        """Return the path of what `stage` makes for a run, of a random seed or that of params.yaml.

        None if the data set has no network of its kind.
        """
        kind, variant = run.split(" ")
        backbone = getattr(self.experiments.parameters(dataset).tables.backbones, kind)
        if backbone is None:
            return None
        random = "" if seed is None else f",random_seed={seed}"
        return self.experiments.product(stage, dataset, _joined(variant, f"backbone={backbone}{random}"))

    def _without_absent_networks(self, paths: dict[str, str | None], dataset: str) -> dict[str, str]:
        known = {label: path for label, path in paths.items() if path is not None}
        if not known:
            raise InputError(f"{dataset}: tables.backbones in params.yaml names no network for any row; name one")
        return known


def _with_seed(variant: str, seed: int) -> str:
    seeds = ",".join(f"{block}random_seed={seed}" for block in ("", "affinity.", "segmentation."))
    return _joined(variant, seeds)


def _joined(*variants: str) -> str:
    """Return the variant with the overrides of all of them; of a key given twice, the later one counts."""
    merged: dict[str, object] = {}
    for variant in variants:
        merged |= split_variant(variant)
    return join_variant(merged)
