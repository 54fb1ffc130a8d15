"""The card of an exported network: what it does, what was measured of it, and where it comes from, in Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wsss.config.blocks import Crf
from wsss.exported.model_folder import SeedModel, SegmentationModel

_RATES = ("miou", "fpr", "fnr")
_WHAT = {"val": "predictions", "masks": "masks that it was trained on", "seeds": "seeds, at their best threshold"}


def segmentation_card(
    model: SegmentationModel, metrics: Mapping[str, dict], quality: dict | None, not_measured: str | None
) -> str:
    """Return the card of a segmentation network.

    Args:
        metrics: what was measured on true masks, of its predictions (`val`) and of what it was trained on (`masks`).
        quality: of those masks, told without true masks (`wsss.evaluation.mask_quality.summary`).
        not_measured: why there are no metrics of val.
    """
    supervision = model.origin["trained"] and model.origin["trained"]["settings"]["segmentation"]["supervision"]
    learned = {
        "masks": "It has learned from masks that were made from image-level labels; no mask was drawn for it.",
        "ground_truth": "It has learned from true masks.",
    }.get(supervision or "", "There is no record of what it has learned from.")
    use = [
        "from wsss import load_segmenter",
        f'segmenter = load_segmenter("{_folder(model, "model")}")  # wherever this folder is',
        'mask, probabilities = segmenter("photo.jpg")  # (H, W) class numbers, (C+1, H, W)',
    ]
    return _card(
        model,
        f"Marks in a photo, pixel by pixel, {_classes(model)}. {learned}",
        use,
        [*_measured(metrics, not_measured), *_judged(quality)],
        _inference_of_masks(model),
    )


def seed_card(model: SeedModel, metrics: Mapping[str, dict], known: dict | None, not_measured: str | None) -> str:
    """Return the card of a seed network.

    Args:
        metrics: what was measured on true masks, of its `seeds`.
        known: how well it knows labels that were held out (`wsss.evaluation.average_precision.ranking_metrics`).
        not_measured: why there are no metrics of seeds.
    """
    use = [
        "from wsss import load_seeder",
        f'seeder = load_seeder("{_folder(model, "seed_model")}")  # wherever this folder is',
        f'seed = seeder("photo.jpg", ["{model.classes[0]}"])  # the classes that the photo holds',
    ]
    numbers = _measured(metrics, not_measured)
    if known is not None and known["map"] is not None:
        numbers.append(
            f"Mean average precision {known['map']:.2f} % on the labels of {known['images']} photos that were held out."
        )
    inference = model.inference
    maps = "alpha, eq. 7 of the paper" if inference.seed_map == "alpha" else "activations"
    refined = ", refined by the affinity of patches" if inference.patch_affinity else ""
    return _card(
        model,
        f"Shows roughly where in a photo each of the classes is that it is labelled with, of {_classes(model)}. It is "
        "a classifier that has learned from image-level labels alone; its maps are seeds of masks, not masks.",
        use,
        numbers,
        [
            f"Maps: {maps} of mapping `{model.network.mapping}`{refined}, in sum over {_views(inference)}; "
            f"normalised by `{inference.normalize}`, at a quarter of the resolution."
        ],
    )


def _card(
    model: SegmentationModel | SeedModel, about: str, use: list[str], numbers: list[str], inference: list[str]
) -> str:
    kind = "Segmentation" if model.makes == "masks" else "Seed"
    return (
        "\n\n".join(
            [
                f"# {kind} network of {model.origin['dataset']}, {model.origin['variant']}",
                about,
                "```python\n" + "\n".join(use) + "\n```",
                "## Numbers",
                *numbers,
                "## Classes",
                "| number | class |\n| ---: | --- |\n| 0 | background |\n"
                + "\n".join(f"| {number} | {name} |" for number, name in enumerate(model.classes, 1)),
                "## How it infers",
                _network(model),
                _images(model),
                *inference,
                "## Where it comes from",
                *_origin(model.origin),
                "`model.json` has all of this for programs; `network.safetensors` are the weights.",
            ]
        )
        + "\n"
    )


def _folder(model: SegmentationModel | SeedModel, name: str) -> str:
    return f"results/{model.origin['dataset']}/{model.origin['variant']}/{name}"


def _classes(model: SegmentationModel | SeedModel) -> str:
    return "one class" if len(model.classes) == 1 else f"{len(model.classes)} classes"


def _measured(metrics: Mapping[str, dict], not_measured: str | None) -> list[str]:
    lines = []
    if metrics:
        rows = [
            f"| {_WHAT[what]} | {', '.join(_about(found))} | "
            + " | ".join(f"{found[rate]:.2f}" for rate in _RATES)
            + " |"
            for what, found in metrics.items()
        ]
        head = "| of | on | mIoU, % | FPR, % | FNR, % |\n| --- | --- | ---: | ---: | ---: |"
        lines.append("\n".join([head, *rows]))
        what, found = next(iter(metrics.items()))
        per_class = [
            f"| {name} | {'in none' if rates['iou'] is None else format(rates['iou'], '.2f')} |"
            for name, rates in found["per_class"].items()
        ]
        lines.append("\n".join([f"| class | IoU of {_WHAT[what]}, % |\n| --- | ---: |", *per_class]))
    return lines + ([not_measured] if not_measured else [])


def _about(found: dict) -> list[str]:
    about = [f"{found['images']} images of {found['split']}"]
    if "images_without_mask" in found:
        about.append(f"{found['images_without_mask']} more have no true mask")
    if "tuned_on" in found:
        about.append(f"chosen by true masks: {found['tuned_on']}")
    return about


def _judged(quality: dict | None) -> list[str]:
    if quality is None:
        return []
    text = (
        f"Told without true masks: of the {quality['images']} masks that it was trained on, "
        f"{quality['images_lacking_a_class']} lack a class of their photo, and {quality['images_hardly_marked']} mark "
        "less than 1 % of a photo that has one"
    )
    if "void" in quality:  # masks of another method have no CRFs
        text += (
            f"; the dense CRFs over the seeds leave {quality['void']:.1f} % of the pixels open, and contradict "
            f"{quality['contradicted']:.1f} %"
        )
    return [f"{text}."]


def _network(model: SegmentationModel | SeedModel) -> str:
    parts = model.network.model_dump()
    return "Network: " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in parts.items()) + "."


def _images(model: SegmentationModel | SeedModel) -> str:
    images = model.images
    mean, std = (" ".join(f"{value:g}" for value in values) for values in (images.mean, images.std))
    multiple = f" Their sides are rounded to multiples of {images.multiple}." if images.multiple > 1 else ""
    return (
        f"Photos: RGB in [0, 1], minus {mean}, divided by {std}. The longest in the data set has {images.longest_side} "
        f"pixels; larger ones are made smaller, and the result is brought back to their size.{multiple}"
    )


def _views(inference: Any) -> str:
    scales = ", ".join(f"{scale:g}" for scale in inference.scales)
    return f"the scale{'s' * (len(inference.scales) > 1)} {scales}" + (", each flipped, too" if inference.flip else "")


def _inference_of_masks(model: SegmentationModel) -> list[str]:
    inference = model.inference
    crf: Crf | None = inference.crf
    then = "No CRF." if crf is None else "Then a dense CRF: " + ", ".join(f"{k} {v:g}" for k, v in crf) + "."
    return [f"Softmaxes of {_views(inference)}, merged by their {inference.merge}. {then}"]


def _origin(origin: dict[str, Any]) -> list[str]:
    trained = origin["trained"]
    if trained is None:
        return [f"Data set {origin['dataset']}, variant `{origin['variant']}`. There is no record of its training."]
    settings = next(block for block in trained["settings"].values() if isinstance(block, dict))
    code = f"commit {trained['commit']}{' with changes' * bool(trained['dirty'])}" if trained["commit"] else "no commit"
    versions = ", ".join(f"{name} {number}" for name, number in trained["versions"].items())
    return [
        f"Data set {origin['dataset']}, variant `{origin['variant']}`, {settings['epochs']} epochs; it began with "
        f"{_start(settings.get('weights'))}. Random seed {settings['random_seed']}.",
        f"Trained by `{trained['program']}` of {code}, on {trained['made']}, in {trained['seconds']:g} s on "
        f"{trained['device']}, with {versions}.",
    ]


def _start(weights: str | None) -> str:
    return {None: "random weights", "file": "weights of a file", "imagenet": "ImageNet's weights"}.get(
        weights, "a seed network's weights"
    )
