"""Killed at random moments, under either engine, the pipeline goes on and ends the same; so with a full disk."""

import contextlib
import os
import shutil

import pytest
from survival import disks, kills

pytestmark = pytest.mark.slow


def test_four_kills_are_survived(tmp_path):
    hit = kills.survive(tmp_path, kills=4, seed=1)
    assert hit.total() >= 4


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="mounts a disk, which needs root")
def test_a_disk_that_is_full_or_may_not_be_written_is_survived(tmp_path):
    with contextlib.ExitStack() as stack:
        try:
            root = stack.enter_context(disks.disk(tmp_path))
        except OSError as error:
            pytest.skip(f"no disk can be mounted here: {error}")
        assert len(list(disks.survive(root, only=("extract_seed", "train_affinity", "evaluate_val")))) == 6
