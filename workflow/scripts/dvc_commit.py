"""Tell DVC what a Snakemake run has made, once the data set's results are there.

DVC wants every output of its one stage to be there, the val mIoU, too. Of a data set without true masks to measure on,
a file in its place says why there is none.
"""

import os
import subprocess
import sys
from pathlib import Path

from wsss.config.resolve import load_parameters
from wsss.config.yaml_text import read_yaml
from wsss.files import write_json


def main() -> None:
    """Commit; a checkout without git or without DVC keeps working, it just has no versions."""
    dataset = read_yaml("params.yaml")["dataset"]
    summary = Path(f"results/{dataset}_val_miou.json")
    if not load_parameters("params.yaml", dataset, "main").data.measures("val"):
        if not Path(f"results/{dataset}/provenance.md").exists():
            return
        why = f"datasets.{dataset} has no true masks to measure val on; look at results/{dataset}/"
        write_json(summary, {"miou": None, "why": why})
        write_json(Path(f"{summary}.run.json"), {"why": why})
    if "DVC_STAGE" in os.environ:  # DVC itself has started this run, and follows it
        return
    needed = (summary, Path(f"{summary}.run.json"), Path(f"data/{dataset}.run.json"))
    if not all(path.exists() for path in needed):
        return
    Path(f"results/tables/{dataset}").mkdir(parents=True, exist_ok=True)
    dvc = [sys.executable, "-m", "dvc", "commit", "--force", "--quiet", f"results@{dataset}"]
    done = subprocess.run(dvc, capture_output=True, text=True)
    if done.returncode:
        reason = done.stderr.strip() or done.stdout.strip() or f"{' '.join(dvc)} ended with status {done.returncode}"
        print(f"DVC did not record this run: {reason}", file=sys.stderr)


if __name__ == "__main__":
    main()
