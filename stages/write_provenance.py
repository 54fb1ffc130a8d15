"""Say of everything behind the val mIoU what made it: when, where, by which code, how fast.

python stages/write_provenance.py --dataset mini --products results/mini/main/seeds ... \
    --out results/mini/provenance.md

--products takes what is on the way to the numbers; `snakemake` gives all of it.
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.files import read_json, whole_file
from wsss.product.provenance import provenance_page
from wsss.product.record import read_record
from wsss.stage import main


def run(parameters: Parameters, *, products: list[str], older_code: str = "", out: Path) -> None:
    """Write the page to the Markdown file `out`.

    `older_code` names products that other code has made than there is now, between semicolons.
    """
    paths = [Path(product) for product in products]
    metrics = {path: read_json(path) for path in paths if path.suffix == ".json"}
    tuned = {path: found["tuned_on"] for path, found in metrics.items() if "tuned_on" in found}
    with whole_file(out) as part:
        records = {path: read_record(path) for path in paths}
        part.write_text(provenance_page(parameters.dataset, records, older_code, tuned))


if __name__ == "__main__":
    main(run)
