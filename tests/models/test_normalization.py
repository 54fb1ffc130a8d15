"""Images are normalised as the weights expect, in training as in extraction, and the trained file says how."""

from __future__ import annotations

import pytest
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from small import params, write_dataset

from stages.extract_seed import run as extract_seed
from stages.train_seed import run as train_seed
from wsss.config.resolve import resolve
from wsss.errors import InputError
from wsss.models.trained import NETWORK_FILE

VIT = "test_vit3"  # mean and std of 0.5


@pytest.fixture
def seen(monkeypatch) -> list:
    """Note the mean and std of every image that is normalised."""
    from wsss.data import augment

    calls, normalize = [], augment.F.normalize
    monkeypatch.setattr(augment.F, "normalize", lambda image, *by: calls.append(by) or normalize(image, *by))
    return calls


def test_one_mean_and_std_from_training_to_seeds(tmp_path, seen):
    parameters = resolve(params(), "toy", f"backbone={VIT},epochs=1")
    write_dataset(tmp_path / "data", images=2)
    for stage, options in (
        (train_seed, {"out": tmp_path / "network"}),
        (extract_seed, {"network": tmp_path / "network", "out": tmp_path / "seeds"}),
    ):
        seen.clear()
        stage(parameters, data=tmp_path / "data", threads=1, **options)
        assert set(seen) == {((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))}
    path = tmp_path / "network" / NETWORK_FILE
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    assert metadata == {"stage": "train_seed", "mean": "0.5 0.5 0.5", "std": "0.5 0.5 0.5"}
    save_file(load_file(path), path, metadata | {"mean": "0.485 0.456 0.406"})
    with pytest.raises(InputError, match=f"images whose mean was 0.485 0.456 0.406, and that of '{VIT}' is now 0.5"):
        extract_seed(parameters, data=tmp_path / "data", network=tmp_path / "network", out=tmp_path / "s", threads=1)
