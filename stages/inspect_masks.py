"""Tell how good masks are without a true mask, and show the worst ones.

python stages/inspect_masks.py --dataset mini --data data/mini --labels results/mini/main/affinity_labels \
    --masks results/mini/main/masks --out results/mini/main/mask_quality.json

Beside the JSON file it writes a page of the same name, .html. --label-metrics are those of evaluate_labels.py, where
some labels are held out: they go onto the page.
"""

from functools import partial
from pathlib import Path

from wsss.config import Parameters
from wsss.data.prepared import PreparedDataset
from wsss.evaluation.mask_quality import MaskQuality, mask_quality, summary
from wsss.figures.quality_page import quality_page
from wsss.files import read_json, read_mask, whole_file, write_json
from wsss.parallel import parallel, processes_for
from wsss.progress import progress
from wsss.stage import main

SHOWN = 48


def run(
    parameters: Parameters,
    *,
    data: Path,
    labels: Path,
    masks: Path,
    label_metrics: Path | None = None,
    out: Path,
    threads: int,
) -> int:
    """Judge the masks of all training images; write the numbers to `out` and the page beside it. Return how many."""
    dataset, split = PreparedDataset(data), parameters.data.splits.train
    ids = dataset.split(split)
    judged = parallel(partial(_judge, dataset, labels, masks), ids, processes_for(len(ids), threads))
    qualities = dict(zip(ids, progress(judged, len(ids), "judging masks"), strict=True))
    numbers = {"split": split, **summary(qualities, dataset.classes)}
    known = read_json(label_metrics) if label_metrics else None
    if known is not None:
        numbers["labels_held_out"] = {key: known[key] for key in ("map", "images")}
    with whole_file(out.with_suffix(".html")) as part:
        part.write_text(quality_page(dataset, parameters.dataset, numbers, masks, labels, known, SHOWN))
    write_json(out, numbers)
    print(
        f"{masks}: {numbers['images_lacking_a_class']} of {len(ids)} masks lack a class of their image; the CRFs leave "
        f"{numbers['void']:.1f} % of the pixels open, and contradict {numbers['contradicted']:.1f} %"
    )
    return len(ids)


def _judge(dataset: PreparedDataset, labels: Path, masks: Path, image_id: str) -> MaskQuality:
    mask, confident = (read_mask(folder / f"{image_id}.png") for folder in (masks, labels))
    return mask_quality(mask, dataset.labels([image_id])[0], confident, str(masks / f"{image_id}.png"))


if __name__ == "__main__":
    main(run, beside=True)
