"""Make the page of a result: numbers, classes, every image, curves, and how all of it was made.

python stages/make_page.py --dataset mini --data data/mini --seeds USAGE=results/mini/main/seeds \
    --seed-metrics USAGE=results/mini/main/seed_metrics.json --out results/mini/page

It is a folder of static files; open its index.html from disk. --seeds, --labels, --masks and --predictions take several
LABEL=FOLDER, --seed-metrics, --mask-metrics, --val-metrics and --mask-quality LABEL=FILE: of an experiment each; the
one that params.yaml compares with nothing else is shown first. --networks takes LABEL=FOLDER with a curve.csv.
--experiments says which variant each LABEL stands for, as JSON, and their order, in place of params.yaml.
--products names what is behind all this, between semicolons; --paper and --changed are JSON: the paper's rates by
"label/step", and [default, value] by parameter. --look is a folder of templates and assets, this project's by default.
"""

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from wsss.config import Parameters
from wsss.data.prepared import PreparedDataset
from wsss.figures.plots import learning_rates, threshold_curves, training_curves, write_svg
from wsss.files import VOID, read_json, read_mask, whole_directory
from wsss.page.content import first_view, summary
from wsss.page.experiment import Experiment, shown_variants
from wsss.page.groups import Group, group, group_rows
from wsss.page.layers import webp
from wsss.page.origin import origin
from wsss.page.packs import PER_PACK, packed, tiles_of
from wsss.page.render import LOOK, render
from wsss.page.script_data import script
from wsss.page.tiles import PER_SHEET, SIDE, sheet
from wsss.parallel import chunks, parallel
from wsss.product.record import read_record
from wsss.progress import progress
from wsss.seed.seed_file import read_seed_of, seed_at_threshold
from wsss.stage import labelled_paths, main
from wsss.training.curve_file import read_curve


def run(
    parameters: Parameters,
    *,
    data: Path,
    seeds: list[str] | None = None,
    seed_metrics: list[str] | None = None,
    labels: list[str] | None = None,
    masks: list[str] | None = None,
    mask_metrics: list[str] | None = None,
    mask_quality: list[str] | None = None,
    predictions: list[str] | None = None,
    val_metrics: list[str] | None = None,
    networks: list[str] | None = None,
    experiments: str = "{}",
    products: str = "",
    paper: str = "{}",
    changed: str = "{}",
    look: Path = LOOK,
    out: Path,
    threads: int,
) -> int:
    """Write the page to the folder `out`; return how many images it shows."""
    dataset = PreparedDataset(data)
    folders = {"seeds": seeds, "labels": labels, "masks": masks, "predictions": predictions}
    metrics = {"seed": seed_metrics, "mask": mask_metrics, "val": val_metrics}
    shown = _experiments(parameters, json.loads(experiments), folders, metrics, labelled_paths(mask_quality or []))
    groups = _groups(parameters, dataset, shown)
    side = min(SIDE, max(max(dataset.image_size(name)) for one in groups for name in one.ids[:PER_SHEET]))
    with whole_directory(out) as part:
        for name in ("tiles", "packs", "rows"):
            (part / name).mkdir()
        for path in sorted((look / "assets").iterdir()):
            shutil.copy(path, part / path.name)
        for one in groups:
            rows = group_rows(one, dataset.classes, [_classes_in(dataset, name) for name in one.ids])
            _write(part / "rows" / f"{one.name}.js", script(f"rows/{one.name}", rows))
            _draw(dataset, one, part, side, threads)
        known = summary(parameters.dataset, dataset.classes, shown, groups, side)
        _write(part / "summary.js", script("summary", known))
        page = {
            "dataset": parameters.dataset,
            "summary": known,
            "first": first_view(shown, groups, json.loads(paper)),
            "charts": _charts(part, shown, labelled_paths(networks or [])),
            "changed": json.loads(changed),
            "origin": origin({Path(name): read_record(Path(name)) for name in products.split("; ") if name}),
            "scripts": sorted(
                path.name for path in (look / "assets").glob("*.js") if path.name not in ("store.js", "start.js")
            ),
        }
        _write(part / "index.html", render(page, look))
    count = sum(len(one.ids) for one in groups)
    print(f"{out / 'index.html'}: {len(shown)} experiments, {count} images")
    return count


def _experiments(
    parameters: Parameters,
    named: dict[str, str],
    folders: dict[str, list[str] | None],
    metrics: dict[str, list[str] | None],
    quality: dict[str, Path],
) -> list[Experiment]:
    """Return the experiments that options have something of: as `named`, or main, then those compared with it."""
    of_folders = {kind: labelled_paths(values or []) for kind, values in folders.items()}
    of_metrics = {step: labelled_paths(values or []) for step, values in metrics.items()}
    given = [label for paths in (*of_folders.values(), *of_metrics.values(), quality) for label in paths]
    compare = parameters.compare
    variants = named or shown_variants(compare.seed_experiments, compare.val_experiments)
    order = [label for label in dict.fromkeys(given) if label not in variants]
    order += [label for label in variants if label in given]
    return [
        Experiment(
            label,
            variants.get(label, "main"),
            {kind: paths[label] for kind, paths in of_folders.items() if label in paths},
            {step: read_json(paths[label]) for step, paths in of_metrics.items() if label in paths},
            {step: paths[label].with_suffix(".csv") for step, paths in of_metrics.items() if label in paths},
            read_json(quality[label]) if label in quality else None,
        )
        for label in order
    ]


def _groups(parameters: Parameters, dataset: PreparedDataset, experiments: list[Experiment]) -> list[Group]:
    splits = parameters.data.splits
    split_of = {"made": splits.shown, "val": getattr(splits, splits.predicted)}
    has = {"made": ("seeds", "masks"), "val": ("predictions",)}
    return [
        group(name, split, dataset.masked(split) or dataset.split(split), experiments)
        for name, split in split_of.items()
        if any(kind in one.folders for one in experiments for kind in has[name])
    ]


def _classes_in(dataset: PreparedDataset, name: str) -> list[int]:
    """Return the classes of an image: those that it is labelled with, or else that its mask has."""
    if dataset.knows_labels(name):
        return dataset.classes_of(name)
    found = np.unique(dataset.mask(name)).tolist() if dataset.has_mask(name) else []
    return [number for number in found if number not in (0, VOID)]


def _draw(dataset: PreparedDataset, one: Group, part: Path, side: int, threads: int) -> None:
    """Write the sheets of tiles and the packs of larger pictures of a group."""
    tasks = list(enumerate(chunks(list(one.ids), PER_SHEET)))
    drawn = parallel(partial(_draw_sheet, dataset, one, part, side), tasks, threads)
    for _ in progress(drawn, len(tasks), f"drawing {one.split}"):
        pass


def _draw_sheet(dataset: PreparedDataset, one: Group, part: Path, side: int, task: tuple[int, list[str]]) -> None:
    number, ids = task
    tiles: dict[str, list[Image.Image]] = {}
    entries: list[dict[str, Any]] = []
    for name in ids:
        photo, seeds = dataset.image(name), {}
        masks = {layer: read_mask(folder / f"{name}.png") for layer, folder in one.masks.items()}
        for experiment, (folder, threshold) in one.seeds.items():
            seeds[experiment] = read_seed_of(dataset, folder, name)
            if threshold is not None:
                masks[f"seed-{experiment}"] = seed_at_threshold(seeds[experiment], threshold)
        if dataset.has_mask(name):
            masks["truth"] = dataset.mask(name)
        entries.append(packed(photo, masks, seeds))
        small = tiles_of(photo, masks, side)
        for layer in ("photo", *(["truth"] if one.scores else []), *one.layers):
            tiles.setdefault(layer, []).append(small[layer])
    for layer, pictures in tiles.items():
        content = webp(sheet(pictures, side), lossless=layer != "photo", quality=75)
        (part / "tiles" / f"{one.name}-{number}-{layer}.webp").write_bytes(content)
    for place, several in enumerate(chunks(entries, PER_PACK), number * (PER_SHEET // PER_PACK)):
        _write(part / "packs" / f"{one.name}-{place}.js", script(f"packs/{one.name}-{place}", several))


def _charts(part: Path, experiments: list[Experiment], networks: dict[str, Path]) -> list[dict[str, Any]]:
    """Write the curves as SVG; return file and what it shows, of each."""
    curves = {label: read_curve(folder) for label, folder in networks.items()}
    figures = {f"Loss of the {label}": training_curves({label: curve}) for label, curve in curves.items()}
    if curves:
        figures["Learning rates"] = learning_rates(curves)
    of_seeds = {one.label: one.metrics["seed"] for one in experiments if "seed" in one.metrics}
    if of_seeds:
        figures["mIoU, FPR and FNR of seeds over the threshold"] = threshold_curves(of_seeds)
    charts: list[dict[str, Any]] = []
    for number, (title, figure) in enumerate(figures.items()):
        write_svg(part / f"chart-{number}.svg", figure)
        charts.append({"file": f"chart-{number}.svg", "title": title, "wide": "threshold" in title})
    return charts


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(run)
