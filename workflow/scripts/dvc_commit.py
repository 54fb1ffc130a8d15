"""Tell DVC what a Snakemake run has made: `dvc commit` of the stages whose outputs all exist."""

import os
import subprocess
import sys
from pathlib import Path

import yaml

PIPELINES = {Path("dvc.yaml"): "", Path("tables/dvc.yaml"): "tables/dvc.yaml:"}  # and how DVC calls their stages


def complete_stages() -> list[str]:
    """Return the names of the stages whose outputs and metrics are all there, for the active data set."""
    dataset = yaml.safe_load(Path("params.yaml").read_text())["dataset"]
    complete = []
    for file, prefix in PIPELINES.items():
        stages = yaml.safe_load(file.read_text())["stages"] if file.exists() else {}
        for name, stage in stages.items():
            entries = [*stage.get("outs", []), *stage.get("metrics", []), *stage.get("plots", [])]
            paths = [next(iter(entry)) if isinstance(entry, dict) else entry for entry in entries]
            if all(Path(path.replace("${dataset}", dataset)).exists() for path in paths):
                complete.append(prefix + name)
    return complete


def main() -> None:
    """Commit; a checkout without git or without DVC keeps working, it just has no versions."""
    if "DVC_STAGE" in os.environ:  # DVC itself has started this run, and follows it
        return
    stages = complete_stages()
    if not stages:
        return
    dvc = [sys.executable, "-m", "dvc"]
    done = subprocess.run([*dvc, "commit", "--force", "--quiet", *stages], capture_output=True, text=True)
    if done.returncode:
        print(f"DVC did not record this run: {done.stderr.strip() or done.stdout.strip()}", file=sys.stderr)


if __name__ == "__main__":
    main()
