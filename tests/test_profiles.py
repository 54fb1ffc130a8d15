"""Snakemake's profiles: one that stands in place of another repeats what matters there."""

from __future__ import annotations

import yaml
from paths import REPOSITORY

from wsss.config.stages import ON_GPU, OVER_IMAGES


def profile(name: str) -> dict:
    return yaml.safe_load((REPOSITORY / "profiles" / name / "config.yaml").read_text())


def test_all_profiles_say_what_the_default_says_but_of_resources():
    default = {key: value for key, value in profile("default").items() if key != "resources"}
    for folder in (REPOSITORY / "profiles").iterdir():
        assert default.items() <= profile(folder.name).items(), folder.name


def test_a_cluster_has_no_limit_of_gpus_for_all_its_jobs_together():
    assert "resources" not in profile("slurm")


def test_every_stage_on_gpus_goes_to_their_partition():
    resources = profile("slurm")["set-resources"]
    parts = {f"{stage}_part" for stage in OVER_IMAGES if stage in ON_GPU}
    assert set(resources) == {*ON_GPU, *parts, "smoke"}
    assert all(one == resources["predict"] and "gpu_model" in one for one in resources.values())


def test_only_a_cluster_tries_again():
    """Where a user's error would run twice, a second attempt is no help."""
    tries = {folder.name: profile(folder.name).get("retries", 0) for folder in (REPOSITORY / "profiles").iterdir()}
    assert tries == {"default": 0, "local-gpus": 0, "slurm": 2}
