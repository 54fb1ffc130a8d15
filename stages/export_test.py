"""Pack the predictions on test for the PASCAL VOC evaluation server, and check the archive.

python stages/export_test.py --dataset mini --data data/mini --predictions results/mini/main/predictions/test \
    --out results/mini_test_submission.tar.gz
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.files import whole_file
from wsss.segmentation.submission import check_submission, write_submission
from wsss.stage import main


def run(parameters: Parameters, *, data: Path, predictions: Path, out: Path) -> None:
    """Write the archive `out`; it is there only if it passes the check."""
    dataset = PreparedDataset(data)
    split = parameters.data.splits.test
    if split is None:
        raise InputError(f"datasets.{parameters.dataset}.data.splits.test is null: this data set has no such split")
    sizes = {image_id: dataset.image_size(image_id) for image_id in dataset.split(split)}
    with whole_file(out) as part:
        write_submission(part, predictions, list(sizes))
        check_submission(part, sizes, len(dataset.classes))
    print(f"{out}: {len(sizes)} images, ready for the evaluation server")


if __name__ == "__main__":
    main(run)
