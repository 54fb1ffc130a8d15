"""Fill the disk, and take away the right to write, in the middle of every stage, and see that nothing half is believed.

    sudo python tests/survival/disks.py        # mounts a disk in memory, which needs root

A small pipeline is run whole on a disk of its own. Then each stage is run again with room for half of what it writes,
and on a disk that may only be read: it says so in one line, and leaves nothing. With room again, it makes what it made.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from planned import in_order, make, plan_here  # noqa: E402
from project import Project, small_params  # noqa: E402

from wsss.plan import Plan  # noqa: E402
from wsss.product.digest import digest_of  # noqa: E402
from wsss.product.record import record_path  # noqa: E402

SIZE = 200  # of the disk, in MiB


def main() -> None:
    """Exit with an AssertionError where a stage believes what is half, or says something else."""
    with tempfile.TemporaryDirectory() as folder, disk(Path(folder)) as root:
        for line in survive(root):
            print(line, flush=True)


@contextlib.contextmanager
def disk(folder: Path) -> Iterator[Path]:
    """Mount a disk in memory; raises OSError where this user may not."""
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", folder], capture_output=True)
    if done.returncode:
        raise OSError(done.stderr.decode().strip())
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def survive(root: Path, only: tuple[str, ...] = ()) -> Iterator[str]:
    """Run every stage, or only those, in both ways; yield a line for each."""
    project = Project(root / "project", small_params())
    with contextlib.chdir(project.root):
        plan = plan_here()
        products = in_order(plan, plan.results("mini"))
        for product in products:
            assert run(plan, product, project.root)[0] == 0, product
        for product in products:
            job = plan.maker(product)
            if only and job.stage not in only:
                continue
            made, written = digest_of(product), size_of(product)
            forget(product)
            with full_disk(root, room=written // 2):
                status, said = run(plan, product, project.root)
            check(product, status, said, "the disk is full")
            yield f"{job.stage}: full after {written // 2} of {written} bytes: {said}"
            with read_only(root):
                status, said = run(plan, product, project.root)
            check(product, status, said, "read-only file system")
            yield f"{job.stage}: read-only: {said}"
            assert run(plan, product, project.root)[0] == 0
            assert digest_of(product) == made, product


def run(plan: Plan, product: Path, folder: Path) -> tuple[int, str]:
    """Run the stage that makes a product; return its exit status and the line in which it says what is wrong."""
    done = make(plan, product, folder)
    assert "Traceback" not in done.stderr, done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == (done.returncode != 0), done.stderr
    return done.returncode, "".join(errors)


def check(product: Path, status: int, said: str, reason: str) -> None:
    assert status == 1 and reason in said, (product, said)
    assert not product.exists() and not record_path(product).exists(), product
    left = [path.name for path in product.parent.iterdir() if path.name.endswith(".part")]
    assert not left, left


@contextlib.contextmanager
def full_disk(root: Path, room: int) -> Iterator[None]:
    """Leave so many bytes on the disk."""
    ballast = root / "ballast"
    with ballast.open("wb") as file:
        free = os.statvfs(root).f_bavail * os.statvfs(root).f_frsize
        os.posix_fallocate(file.fileno(), 0, max(free - room, 1))
    try:
        yield
    finally:
        ballast.unlink()


@contextlib.contextmanager
def read_only(root: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", root], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", root], check=True)


def size_of(product: Path) -> int:
    files = [path for path in product.rglob("*") if path.is_file()] if product.is_dir() else [product]
    return sum(path.stat().st_size for path in files)


def forget(product: Path) -> None:
    """Delete a product, its record and what was kept of it."""
    shutil.rmtree(product) if product.is_dir() else product.unlink()
    record_path(product).unlink()
    shutil.rmtree(product.parent / ".kept", ignore_errors=True)


if __name__ == "__main__":
    main()
