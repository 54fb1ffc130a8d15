"""Put the val mIoU beside that of seeds, masks, and the experiments compared with main.

python stages/summarize_val.py --dataset mini --metrics main/seed=results/mini/main/seed_metrics.json \
    main/mask=results/mini/main/mask_metrics.json main/val=results/mini/main/val_metrics.json ... \
    --out results/mini_val_miou.json

--metrics takes LABEL/WHAT=FILE, the label being main or that of an experiment that params.yaml compares with it;
`snakemake` gives them all.
"""

from pathlib import Path
from typing import Any

from wsss.config import Parameters
from wsss.errors import InputError
from wsss.files import read_json, write_json
from wsss.stage import labelled_paths, main


def run(parameters: Parameters, *, metrics: list[str], older_code: str = "", out: Path) -> None:
    """Write `miou`, `per_class` and `images` of val, and what stands beside them, to the JSON file `out`.

    `older_code` names products on the way that other code has made than there is now, between semicolons.
    """
    found = labelled_paths(metrics)

    def short(label: str, what: str) -> dict[str, Any]:
        if f"{label}/{what}" not in found:
            raise InputError(f"--metrics: {label}/{what}=FILE is missing")
        read = read_json(found[f"{label}/{what}"])
        return {
            key: read[key] for key in ("miou", "fpr", "fnr", "threshold", "tuned_on", "split", "images") if key in read
        }

    measured = [what for what in ("seed", "mask") if f"main/{what}" in found]
    beside: dict[str, dict[str, Any]] = {"main": {what: short("main", what) for what in (*measured, "val")}}
    val = read_json(found["main/val"])
    for what, compared in (("seed", parameters.compare.seed_experiments), ("val", parameters.compare.val_experiments)):
        for label, variant in compared.items() if what in (*measured, "val") else ():
            beside.setdefault(label, {"variant": variant})[what] = short(label, what)
    summary = {
        "miou": val["miou"],
        "split": val["split"],
        "images": val["images"],
        "per_class": {name: rates["iou"] for name, rates in val["per_class"].items()},
        "experiments": beside,
    }
    if older_code:
        summary["made_by_older_code"] = older_code.split("; ")
    write_json(out, summary)
    print(f"\n{out}: mIoU {val['miou']:.2f} on the {val['images']} images of {val['split']}\n")
    print(f"  {'experiment':<24}{'seeds':>8}{'masks':>8}{'val':>8}   mIoU, %")
    for label, of_experiment in beside.items():
        cells = (of_experiment.get(what, {}).get("miou") for what in ("seed", "mask", "val"))
        print(f"  {label:<24}" + "".join(f"{'' if cell is None else f'{cell:.2f}':>8}" for cell in cells))


if __name__ == "__main__":
    main(run)
