"""Hold our number against a published one: a line of the calibration.

python stages/calibrate.py --dataset voc --line psa_cam --tables workflow/tables.yaml \
    --metrics results/voc/backbone=resnet38,mapping=cam,regularization=none/seed_metrics.json \
    --products "data/voc; results/voc/backbone=resnet38,mapping=cam,regularization=none/seed_network; ..." \
    --out results/voc/calibration/psa_cam.json

--products names what is on the way to the metrics, whose records tell how long it took; `snakemake` gives it.
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.files import read_json, write_json
from wsss.paper.calibration import measured_line
from wsss.paper.table_file import read_tables
from wsss.product.record import read_record
from wsss.stage import main


def run(parameters: Parameters, *, line: str, tables: Path, metrics: Path, products: str, out: Path) -> None:
    """Write the line with our number to the JSON file `out`."""
    found, records = read_tables(tables).line(line), [read_record(Path(product)) for product in products.split("; ")]
    numbers = measured_line(line, found, parameters.dataset, read_json(metrics), records)
    write_json(out, numbers)
    beside = "" if numbers["published"] is None else f", published {numbers['published']:.1f}: {numbers['verdict']}"
    print(f"{found.title}: mIoU {numbers['ours']:.1f}{beside}")


if __name__ == "__main__":
    main(run)
