"""Requests that cannot succeed are refused when the run is planned: within ten lines, the sentence last."""

from __future__ import annotations

import pytest
from project import Project, small_params

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("project"), small_params())


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("results/mini/main/seed_metrcs.json", "did you mean results/mini/main/seed_metrics.json?"),
        (
            "results/mini/weights=imagnet/seed_metrics.json",
            "seed.weights: there is no imagnet; did you mean 'imagenet'?",
        ),
        ("results/photos_val_miou.json", "set the environment variable WSSS_PHOTOS"),
    ],
)
def test_the_sentence_comes_last_and_soon(project, target, sentence):
    done = project.snakemake("-n", target, WSSS_WEIGHTS="/nowhere")
    lines = done.stdout.strip().splitlines()
    assert done.returncode == 1 and sentence in lines[-1] and len(lines) <= 10, done.stdout
    assert not list((project.root / ".snakemake/locks").glob("*"))
