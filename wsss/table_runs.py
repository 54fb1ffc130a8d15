"""Which seed metrics the paper's tables and claims are made of: equal settings are one path, and so one training."""

from __future__ import annotations

from pathlib import Path

from wsss.errors import InputError
from wsss.table_file import read_tables
from wsss.workflow import Experiments


class TableRuns:
    """The runs of workflow/tables.yaml for the data sets of params.yaml."""

    def __init__(self, experiments: Experiments, path: Path | str = "workflow/tables.yaml"):
        self.experiments, self.file = experiments, read_tables(path)

    @property
    def tables(self) -> list[str]:
        """The names of all tables."""
        return list(self.file.tables)

    def of_table(self, table: str, dataset: str) -> dict[str, str]:
        """Return {"row/random seed": path of the metrics} of a table, rows by their number from 0."""
        runs = [row.run for row in self.file.table(table).rows]
        return self._metrics(runs, self.experiments.parameters(dataset).tables.seeds, dataset)

    def of_claims(self, dataset: str) -> dict[str, str]:
        """Return {"run/random seed": path of the metrics} of the claims, runs by their number from 0."""
        return self._metrics(
            self.file.runs_of_claims(), self.experiments.parameters(dataset).tables.claim_seeds, dataset
        )

    def trainings(self, metrics: dict[str, str]) -> int:
        """Return how many seed networks these metrics need: a setting in several rows is trained once."""
        return len(set(metrics.values()))  # no run differs from another in the extraction alone

    def all_trainings(self, dataset: str) -> int:
        """Return how many seed networks all tables need together."""
        return len({path for table in self.tables for path in self.of_table(table, dataset).values()})

    def _metrics(self, runs: list[str], seeds: list[int], dataset: str) -> dict[str, str]:
        backbones = self.experiments.parameters(dataset).tables.backbones
        paths = {}
        for number, run in enumerate(runs):
            kind, variant = run.split(" ")
            backbone = getattr(backbones, kind)
            if backbone is None:
                continue
            for seed in seeds:
                full = f"{'' if variant == 'main' else variant + ','}backbone={backbone},random_seed={seed}"
                paths[f"{number}/{seed}"] = self.experiments.product("evaluate_seed", dataset, full)
        if not paths:
            raise InputError(f"{dataset}: tables.backbones in params.yaml names no network for any row; name one")
        return paths
