"""List what each variant takes on disk, and what of it nothing needs; with --prune, delete that.

python workflow/scripts/space.py [--prune]

Needed is what the val mIoU of params.yaml's data sets, and what is there of figures, tables, claims and pages, are made
of. --prune deletes the rest: other variants, versions that others have replaced, and in DVC's cache what the present
dvc.lock does not name, which is all that only other commits and experiments have.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from wsss.paper.table_runs import TableRuns
from wsss.plan import Plan
from wsss.plan.needed import remove, taken
from wsss.product.kept import discard
from wsss.workflow import Experiments

_MB = 2**20


def main() -> None:
    """List, and delete where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prune", action="store_true", help="delete what nothing needs")
    prune = parser.parse_args().prune
    experiments = Experiments("params.yaml")
    plan = Plan(experiments, TableRuns(experiments, "workflow/tables.yaml"))
    print(f"{'MB':<60}{'needed':>10}{'not needed':>12}{'earlier':>10}")
    removable = []
    for dataset in experiments.params["datasets"]:
        for variant, of_variant in taken(plan, dataset).items():
            sizes = (of_variant.needed, of_variant.not_needed, of_variant.earlier)
            needed, others, earlier = (f"{size / _MB:.1f}" if size else "" for size in sizes)
            print(f"{f'results/{dataset}/{variant}':<60}{needed:>10}{others:>12}{earlier:>10}")
            removable += of_variant.removable
    print(f"{'.dvc/cache, beside what it shares with results':<60}{_only_in_cache() / _MB:>10.1f}")
    if not prune:
        print("\n--prune deletes what is not needed and earlier versions" if removable else "\nAll of it is needed.")
        return
    for path in removable:
        print(f"deleting {path}")
        discard(path) if ".kept" in path.parts else remove(path)
    if Path("dvc.lock").exists():
        subprocess.run([sys.executable, "workflow/scripts/dvc_commit.py"], check=True)
        subprocess.run([sys.executable, "-m", "dvc", "gc", "--workspace", "--force", "--quiet"], check=True)


def _only_in_cache() -> int:
    """Return the bytes of files in DVC's cache that have no other name."""
    files = [Path(folder, name) for folder, _, names in os.walk(".dvc/cache") for name in names]
    return sum(file.stat().st_size for file in files if file.stat().st_nlink == 1)


if __name__ == "__main__":
    main()
