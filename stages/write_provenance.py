"""Say of everything behind the results what made it: when, where, by which code, how fast.

python stages/write_provenance.py --dataset mini --results results/mini/main/val_metrics.json ... \
    --products "results/mini/main/seeds; results/mini/main/masks; ..." --out results/mini/provenance.md

--results are metrics, and folders of masks where there are no metrics; --products names what is on the way to them,
whose records are read; `snakemake` gives all of it.
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.files import read_json, whole_file
from wsss.product.provenance import provenance_page
from wsss.product.record import read_record
from wsss.stage import main


def run(
    parameters: Parameters,
    *,
    results: list[str],
    products: str,
    older_code: str = "",
    accepted_code: str = "",
    out: Path,
) -> None:
    """Write the page to the Markdown file `out`.

    `products` stand between semicolons; so do those of them that other code has made than there is now, `older_code`,
    or that somebody has accepted as they are, `accepted_code`.
    """
    found = {path: read_json(path) for path in map(Path, results) if path.suffix == ".json"}
    tuned = {path: numbers["tuned_on"] for path, numbers in found.items() if "tuned_on" in numbers}
    with whole_file(out) as part:
        records = {Path(product): read_record(Path(product)) for product in products.split("; ")}
        part.write_text(
            provenance_page(parameters.dataset, records, older_code, accepted_code, tuned), encoding="utf-8"
        )


if __name__ == "__main__":
    main(run)
