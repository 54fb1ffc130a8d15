"""Take the backbone out of a trained seed network, as pretrained weights for other data sets.

python stages/export_backbone.py --dataset closeups --network results/closeups/main/seed_network \
    --out results/pretrained/tiny_transformer.safetensors
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.models.weights import read_weights, write_weights
from wsss.stage import main

PREFIX = "backbone.network."


def run(parameters: Parameters, *, network: Path, out: Path) -> None:
    """Write the backbone's weights to the safetensors file `out`, in float16: they are kept in git."""
    weights = read_weights(network / "network.safetensors")
    backbone = {name.removeprefix(PREFIX): value for name, value in weights.items() if name.startswith(PREFIX)}
    half = {name: value.half() if value.is_floating_point() else value for name, value in backbone.items()}
    write_weights(out, half, {"backbone": parameters.seed.backbone, "dataset": parameters.dataset})


if __name__ == "__main__":
    main(run)
