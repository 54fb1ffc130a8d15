"""Make confident labels for AffinityNet: two dense CRFs over the seeds, one strict, one generous to the foreground.

python stages/label_affinity.py --dataset mini --data data/mini --seeds results/mini/main/seeds \
    --out results/mini/main/affinity_labels

With --part 2-of-7, labels of that part of the images; --parts gathers what was made of all.
"""

from functools import partial
from pathlib import Path

from wsss.affinity.confident_labels import confident_labels
from wsss.config import Parameters
from wsss.config.blocks import AffinityLabels
from wsss.crf import prepare
from wsss.data.prepared import PreparedDataset
from wsss.files import whole_directory, write_mask
from wsss.parallel import parallel
from wsss.parts import part_named
from wsss.progress import progress
from wsss.seed.seed_file import read_seed_of, seed_at_full_size
from wsss.stage import main


def run(parameters: Parameters, *, data: Path, seeds: Path, out: Path, part: str | None = None, threads: int) -> int:
    """Write `{id}.png` for every training image to `out`: class numbers, 255 where the two CRFs leave it open.

    Return how many.
    """
    dataset = PreparedDataset(data)
    ids = part_named(part).of(dataset.split(parameters.data.splits.train))
    prepare()  # once, before each process would
    with whole_directory(out) as folder:
        label = partial(_label, dataset, seeds, parameters.affinity_labels, folder)
        for _ in progress(parallel(label, ids, threads), len(ids), "confident labels"):
            pass
    return len(ids)


def _label(dataset: PreparedDataset, seeds: Path, settings: AffinityLabels, folder: Path, image_id: str) -> None:
    seed = read_seed_of(dataset, seeds, image_id)
    labels = confident_labels(dataset.image(image_id), seed_at_full_size(seed), seed.classes, settings)
    write_mask(folder / f"{image_id}.png", labels)


if __name__ == "__main__":
    main(run)
