"""Tell how good masks are without a true mask, and show the worst ones.

python stages/inspect_masks.py --dataset mini --data data/mini --labels results/mini/main/affinity_labels \
    --masks results/mini/main/masks --out results/mini/main/mask_quality.json

Beside the JSON file it writes a page of the same name, .html. --label-metrics are those of evaluate_labels.py, where
some labels are held out: they go onto the page. Masks of another method (`mask.from`) come without --labels, and
are held against the labels of their images alone.
"""

from functools import partial
from pathlib import Path

from wsss.config import Parameters
from wsss.data.prepared import PreparedDataset
from wsss.evaluation.mask_quality import MaskQuality, mask_quality, summary
from wsss.figures.quality_page import quality_page
from wsss.files import read_json, read_mask, whole_file, write_json
from wsss.parallel import parallel
from wsss.progress import progress
from wsss.stage import main

SHOWN = 48


def run(
    parameters: Parameters,
    *,
    data: Path,
    labels: Path | None = None,
    masks: Path,
    label_metrics: Path | None = None,
    out: Path,
    threads: int,
) -> int:
    """Judge the masks of all training images; write the numbers to `out` and the page beside it. Return how many."""
    dataset, split = PreparedDataset(data), parameters.data.splits.train
    ids = dataset.split(split)
    judged = parallel(partial(_judge, dataset, labels, masks), ids, threads)
    qualities = dict(zip(ids, progress(judged, len(ids), "judging masks"), strict=True))
    numbers = {"split": split, **summary(qualities, dataset.classes)}
    known = read_json(label_metrics) if label_metrics else None
    if known is not None:
        numbers["labels_held_out"] = {key: known[key] for key in ("map", "images")}
    with whole_file(out.with_suffix(".html")) as part:
        part.write_text(
            quality_page(dataset, parameters.dataset, numbers, masks, labels, known, SHOWN), encoding="utf-8"
        )
    write_json(out, numbers)
    of_crfs = (
        f"; the CRFs leave {numbers['void']:.1f} % of the pixels open, and contradict {numbers['contradicted']:.1f} %"
        if labels is not None
        else ""
    )
    print(
        f"{masks}: {numbers['images_lacking_a_class']} of {len(ids)} masks lack a class of their image; "
        f"{numbers['images_hardly_marked']} mark less than 1 % of one that has a class{of_crfs}"
    )
    return len(ids)


def _judge(dataset: PreparedDataset, labels: Path | None, masks: Path, image_id: str) -> MaskQuality:
    mask = read_mask(masks / f"{image_id}.png")
    confident = None if labels is None else read_mask(labels / f"{image_id}.png")
    return mask_quality(mask, dataset.labels([image_id])[0], confident, str(masks / f"{image_id}.png"))


if __name__ == "__main__":
    main(run, beside=True)
