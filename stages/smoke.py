"""Try the whole way at full size on 16 images, for ten minutes at most: does it run here, how fast, in what memory?

python stages/smoke.py --dataset voc --data data/voc --out results/voc/smoke.md

Snakemake runs the project in a temporary folder, with the networks, crops and batches of the data set. --minutes is
where it stops.
"""

import os
import platform
import tempfile
from functools import partial
from importlib.metadata import version
from pathlib import Path

import torch

from wsss.config import Parameters
from wsss.config.resolve import load_parameters
from wsss.data.prepared import PreparedDataset
from wsss.device import inference_device
from wsss.files import whole_file
from wsss.gpu import take_gpus
from wsss.paper.table_runs import TableRuns
from wsss.plan import Plan
from wsss.seed.create_network import create_seed_network
from wsss.smoke.forecast import forecasts
from wsss.smoke.page import smoke_page
from wsss.smoke.scratch import make_scratch
from wsss.smoke.speedups import speeds
from wsss.smoke.trial import run_trial
from wsss.smoke.utilisation import Utilisation
from wsss.stage import main
from wsss.workflow import Experiments


def run(parameters: Parameters, *, data: Path, minutes: int = 10, out: Path, threads: int) -> None:
    """Write the page to the Markdown file `out`."""
    dataset = PreparedDataset(data)
    with tempfile.TemporaryDirectory(prefix="wsss-smoke-") as name:
        scratch = Path(name)
        make_scratch(Path(), parameters, data, scratch)
        with Utilisation() as utilisation:
            outcome = run_trial(scratch, _targets(parameters), threads or os.cpu_count() or 1, 60 * minutes)
        take_gpus(1)  # for this process, when those that it has started have left it
        found = forecasts(scratch, dataset, partial(load_parameters, "params.yaml", parameters.dataset))
    page = smoke_page(
        parameters.dataset, found, outcome, utilisation, _speeds(parameters, len(dataset.classes)), _about(threads)
    )
    with whole_file(out) as part:
        part.write_text(page, encoding="utf-8")
    print(page.split("\n")[2])


def _targets(parameters: Parameters) -> list[Path]:
    """Return what the whole way of the data set ends in."""
    experiments = Experiments()
    return Plan(experiments, TableRuns(experiments), is_main=False).results(parameters.dataset)


def _speeds(parameters: Parameters, num_classes: int) -> dict[str, dict[str, float | str]]:
    device = inference_device()
    if device.type != "cuda":
        return {}
    settings = parameters.seed.model_copy(update={"weights": None})
    make = partial(create_seed_network, settings, num_classes)
    return {settings.backbone: speeds(make, settings.batch_size, settings.augmentation.crop_size, device)}


def _about(threads: int) -> dict[str, str]:
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return {
        "machine": f"{device}; {platform.machine()}, {threads or os.cpu_count()} cores",
        "versions": ", ".join(f"{name} {version(name)}" for name in ("torch", "timm", "numpy")),
    }


if __name__ == "__main__":
    main(run)
