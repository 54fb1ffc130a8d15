"""A project folder to plan in."""

from pathlib import Path

import pytest
import yaml
from paths import REPOSITORY

from wsss.paper.table_runs import TableRuns
from wsss.plan import Plan
from wsss.workflow import Experiments


@pytest.fixture
def plan(tmp_path, monkeypatch):
    """A function that plans anew, as each run of Snakemake does, in a folder of its own."""
    (tmp_path / "params.yaml").write_text((REPOSITORY / "params.yaml").read_text())
    for folder in ("workflow", "stages"):
        (tmp_path / folder).symlink_to(REPOSITORY / folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def new(**changes) -> Plan:
        if changes:
            params = yaml.safe_load((REPOSITORY / "params.yaml").read_text())
            for block, keys in changes.items():
                params[block].update(keys)
            Path("params.yaml").write_text(yaml.safe_dump(params))
        experiments = Experiments("params.yaml")
        return Plan(experiments, TableRuns(experiments, REPOSITORY / "workflow/tables.yaml"))

    return new
