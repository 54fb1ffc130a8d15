"""Write an exported segmentation network as ONNX, for programs without PyTorch.

python stages/export_onnx.py --model results/mini/main/model --out results/mini/main/model.onnx
"""

from pathlib import Path

from wsss.exported.onnx_file import export_onnx
from wsss.exported.segmenter import load_segmenter
from wsss.stage import main


def run(*, model: Path, out: Path) -> None:
    """Write the ONNX file `out` (`wsss.exported.onnx_file`)."""
    segmenter = load_segmenter(model)
    export_onnx(out, segmenter.network.cpu(), segmenter.model)
    print(f"{out}: images (B, 3, H, W) to probabilities and logits, for any B, H and W")


if __name__ == "__main__":
    main(run)
