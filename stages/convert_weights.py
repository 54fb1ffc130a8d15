"""Convert published weights to safetensors: MXNet's .params of ResNet38, or a PyTorch checkpoint (.pth, .ckpt, ...).

python stages/convert_weights.py --weights ilsvrc-cls_rna-a1_cls1000_ep-0001.params --backbone resnet38 \
    --out weights/resnet38.safetensors

Nothing in the file is run, and MXNet is not needed. With --backbone the names and shapes are held against that network:
what does not fit is an error, and what the network has no use for (a classifier) is listed.
"""

from pathlib import Path

from wsss.models.checkpoint import without_prefix
from wsss.models.create_backbone import create_backbone
from wsss.models.weights import load_weights, read_weights, write_weights
from wsss.stage import main


def run(*, weights: Path, backbone: str = "", out: Path) -> None:
    """Write the weights of the file `weights` to the safetensors file `out`; says what is in it on stdout."""
    tensors = read_weights(weights)
    if backbone:
        network = create_backbone(backbone, None).network
        tensors = without_prefix(tensors, network.state_dict(), str(weights))
        for message in load_weights(network, tensors, str(weights)):
            print(message)
    write_weights(out, tensors, {"source": weights.name, **({"backbone": backbone} if backbone else {})})
    numbers = sum(tensor.numel() for tensor in tensors.values())
    print(f"{out}: {len(tensors)} tensors, {numbers / 1e6:.2f} million numbers")


if __name__ == "__main__":
    main(run, record=False)
