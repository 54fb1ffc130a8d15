"""A segmentation network as ONNX, for programs without PyTorch: one view of images of any size.

Several scales and flips are merged, and the CRF computed, outside (`wsss.models.multi_scale`, `wsss.crf`).
"""

from __future__ import annotations

import json
import logging
import warnings
from importlib import import_module
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from wsss.errors import InputError
from wsss.exported.model_folder import SegmentationModel
from wsss.files import whole_file
from wsss.models.segmentation_network import SegmentationNetwork

_NEEDED = ("onnx", "onnxscript")
_MOST = 2**15  # images in a batch, and positions along a side


class _View(nn.Module):
    """The two outputs of the file."""

    def __init__(self, network: SegmentationNetwork):
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.network(images)
        height, width = images.shape[-2:]
        return interpolate(logits, (height, width), mode="bilinear", align_corners=False).softmax(1), logits


def export_onnx(path: Path, network: SegmentationNetwork, model: SegmentationModel) -> None:
    """Write an ONNX file, whole or not at all, with model.json in its metadata under `wsss`.

    Its input is `images`, normalised (B, 3, H, W) float32, B, H and W being free as long as H and W are multiples of
    `model.images.multiple`. Its outputs: `probabilities` (B, C+1, H, W), and `logits` (B, C+1, h, w) at the network's
    own resolution, which merging scales needs.

    Args:
        network: in eval mode, on the CPU.

    Raises:
        InputError: the packages that this needs are not installed, or the network has an operation that ONNX lacks.
    """
    for name in _NEEDED:
        try:
            import_module(name)
        except ImportError:
            raise InputError(f"{path}: ONNX needs packages of its own: pip install {' '.join(_NEEDED)}") from None
    # sides are written down as multiples, as the network would ask
    positions = {side: torch.export.Dim(f"{side}_positions", min=1, max=_MOST) for side in ("height", "width")}
    multiple = model.images.multiple
    sides = [multiple * positions[side] if multiple > 1 else positions[side] for side in ("height", "width")]
    sizes = {0: torch.export.Dim("batch", min=1, max=_MOST), 2: sides[0], 3: sides[1]}
    example = torch.zeros(2, 3, max(6 * multiple, 96), max(8 * multiple, 128))  # no two sizes alike, none of them 1
    try:
        with warnings.catch_warnings(), _quiet():
            warnings.simplefilter("ignore")  # of the exporter, about itself
            program = torch.onnx.export(
                _View(network).eval(),
                (example,),
                dynamo=True,
                dynamic_shapes=(sizes,),
                input_names=["images"],
                output_names=["probabilities", "logits"],
                verbose=False,
            )
    except RuntimeError as error:  # those of the exporter are such
        reason = str(error).strip().splitlines()[0]
        raise InputError(f"{path}: {model.network.backbone} cannot be written as ONNX ({reason[:200]})") from error
    assert program is not None  # as no path was given
    program.model.metadata_props["wsss"] = json.dumps(model.model_dump())
    with whole_file(path) as part:
        program.save(part)


class _quiet:
    """Silence the exporter's logger: what it says is about packages that nothing here needs."""

    def __enter__(self) -> None:
        self.logger = logging.getLogger("torch.onnx")
        self.level = self.logger.level
        self.logger.setLevel(logging.ERROR)

    def __exit__(self, *error: object) -> None:
        self.logger.setLevel(self.level)
