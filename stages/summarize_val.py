"""Put the val mIoU beside that of seeds, masks, and the experiments compared with main.

python stages/summarize_val.py --dataset mini --results results/mini --out results/mini_val_miou.json
"""

from pathlib import Path
from typing import Any

from wsss.config import Parameters
from wsss.files import read_json, write_json
from wsss.stage import main


def run(parameters: Parameters, *, results: Path, out: Path) -> None:
    """Write `miou`, `per_class` and `images` of val, and what stands beside them, to the JSON file `out`."""
    val = read_json(results / "main" / "val_metrics.json")
    beside: dict[str, dict[str, Any]] = {
        "main": {what: _short(results, "main", what) for what in ("seed", "mask", "val")}
    }
    for what, compared in (("seed", parameters.compare.seed_experiments), ("val", parameters.compare.val_experiments)):
        for label, variant in compared.items():
            beside.setdefault(label, {"variant": variant})[what] = _short(results, variant, what)
    summary = {
        "miou": val["miou"],
        "split": val["split"],
        "images": val["images"],
        "per_class": {name: rates["iou"] for name, rates in val["per_class"].items()},
        "experiments": beside,
    }
    write_json(out, summary)
    print(f"\n{out}: mIoU {val['miou']:.2f} on the {val['images']} images of {val['split']}\n")
    print(f"  {'experiment':<24}{'seeds':>8}{'masks':>8}{'val':>8}   mIoU, %")
    for label, of_experiment in beside.items():
        cells = (of_experiment.get(what, {}).get("miou") for what in ("seed", "mask", "val"))
        print(f"  {label:<24}" + "".join(f"{'' if cell is None else f'{cell:.2f}':>8}" for cell in cells))


def _short(results: Path, variant: str, what: str) -> dict:
    metrics = read_json(results / variant / f"{what}_metrics.json")
    return {key: metrics[key] for key in ("miou", "fpr", "fnr", "threshold", "split", "images") if key in metrics}


if __name__ == "__main__":
    main(run)
