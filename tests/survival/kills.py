"""Kill the pipeline at random moments, over the whole way and under both engines, and see that the end is the same.

    python tests/survival/kills.py --kills 20        # from the project's folder, with its tests' dependencies

A small pipeline is run whole once. A second one is killed (SIGKILL) while it works, started again as a user would, and
so on; once it is done its products are held against the first one's and deleted, and it begins anew, until it has been
killed so many times. Three of four kills hit all processes, every fourth the engine alone, which its stages outlive.
Prints a line for each kill: when, what was running, and how the next run began.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))
from project import Project, small_params  # noqa: E402

from wsss.product.digest import digest_of  # noqa: E402

ENGINES = {
    "snakemake": ("snakemake", "--cores", "2"),
    "dvc": ("dvc", "repro"),
}
MADE = ("data", "results", "logs")  # what is deleted before the way begins anew
ALONE = 0.25  # of the kills hit the engine alone, which its stages outlive
TRIES = 20  # of one run, once it is no longer killed


def main() -> None:
    """Exit with status 1 where a product differs or a run does not go on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        hit = survive(Path(folder), given.kills, given.seed)
    print(f"{sum(hit.values())} of {given.kills} kills survived, products equal. Hit: {dict(hit.most_common())}")


def survive(folder: Path, kills: int, seed: int) -> Counter[str]:
    """Return which stages were killed, how often; raises AssertionError where the end is not the same."""
    chance = random.Random(seed)
    whole, project = (_project(folder / name) for name in ("whole", "killed"))
    start = time.monotonic()
    done = whole.run(*ENGINES["snakemake"])
    longest = (time.monotonic() - start) / 2
    assert done.returncode == 0, done.stdout
    wanted, hit, number = _products(whole.root), Counter[str](), 0
    while number < kills:
        engine, moment, alone = list(ENGINES)[number % 2], chance.uniform(0.5, longest), chance.random() < ALONE
        if _finished(project, engine, moment, alone, hit):
            _compare_and_delete(project, wanted)
        else:
            number += 1
            print(f"{number}: {engine} killed after {moment:.1f} s{', its stages not' * alone}", flush=True)
    _to_the_end(project, engine)
    _compare_and_delete(project, wanted)
    return hit


def _compare_and_delete(project: Project, wanted: dict[str, str | None]) -> None:
    found = _products(project.root)
    assert found == wanted, sorted(path for path in wanted | found if wanted.get(path) != found.get(path))
    print("done: all products are equal", flush=True)
    for name in MADE:
        shutil.rmtree(project.root / name)


def _project(root: Path) -> Project:
    project = Project(root, small_params())
    assert project.run("git", "init", "-q").returncode == 0
    return project


def _finished(project: Project, engine: str, moment: float, alone: bool, hit: Counter[str]) -> bool:
    """Run for so many seconds and kill; return whether it was done before that."""
    process = project.start(*ENGINES[engine])
    try:
        output, _ = process.communicate(timeout=moment)
    except subprocess.TimeoutExpired:
        family = [process := psutil.Process(process.pid), *process.children(recursive=True)]
        hit.update(_stages(family) or {"no stage"})
        for one in family:
            if not (alone and _stages([one])):
                _kill(one)
        psutil.wait_procs(family if not alone else [process], timeout=30)
        return False
    if process.returncode != 0:
        _wait_for_others(output)
        return _finished(project, engine, moment, alone, hit)
    return True


def _kill(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()


def _stages(family: list[psutil.Process]) -> set[str]:
    """Return the stages that processes work on."""
    found = set()
    for process in family:
        try:
            words = " ".join(process.cmdline())
        except psutil.Error:
            continue
        found |= set(re.findall(r"stages/(\w+)\.py", words))
    return found


def _wait_for_others(output: str) -> None:
    """Wait for the stage that a run has refused to compete with; any other failure is one."""
    assert "Others are at work in this folder" in output, output
    time.sleep(2)


def _to_the_end(project: Project, engine: str) -> None:
    for _ in range(TRIES):
        done = project.run(*ENGINES[engine])
        if done.returncode == 0:
            return
        _wait_for_others(done.stdout)
    raise AssertionError(done.stdout)


_WITH_TIMES = (".run.json", "provenance.md", "page/index.html")


def _products(root: Path) -> dict[str, str | None]:
    """Return the digest of every file that was made, by its path; records, and pages made of them, hold times."""
    files = [path for folder in ("data/mini", "results") for path in (root / folder).rglob("*") if path.is_file()]
    paths = {path.relative_to(root): path for path in files if not str(path).endswith(_WITH_TIMES)}
    return {str(name): digest_of(path) for name, path in paths.items() if not any(p[0] == "." for p in name.parts)}


if __name__ == "__main__":
    main()
