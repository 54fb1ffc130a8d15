"""The folder of a trained network that needs neither its data set nor params.yaml.

    model.json              classes, network, preprocessing, how to infer, where it comes from
    network.safetensors     weights
    README.md               all that and the measured numbers, for readers

`open_segmentation_model` and `open_seed_model` read it; class number c is `classes[c - 1]`, 0 the background.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wsss.config.block import Block, Count, Positive
from wsss.config.blocks import Extract, Predict
from wsss.config.choices import MAPPINGS
from wsss.errors import InputError
from wsss.files import read_json, whole_directory, write_json
from wsss.models.backbone import Backbone
from wsss.models.trained import NETWORK_FILE
from wsss.product.record import Record

MODEL_FILE, CARD_FILE = "model.json", "README.md"
FORMAT = 1
Channels = Annotated[list[float], Field(min_length=3, max_length=3)]


class Images(Block):
    """How a photo becomes what the network sees: RGB in [0, 1], minus `mean`, divided by `std`.

    longest_side: of the photos in the data set; larger ones show the network things at sizes that it has not learned.
    multiple: both sides of what the network sees are multiples of this.
    """

    mean: Channels
    std: Annotated[list[Positive], Field(min_length=3, max_length=3)]
    longest_side: Count
    multiple: Count


class SegmentationParts(Block):
    """What a segmentation network is built of (`wsss.models.segmentation_network`)."""

    backbone: str
    output_stride: Count
    head: str


class SeedParts(BaseModel):
    """What a seed network is built of (`wsss.seed.create_network`), with the parameters of its mapping beside."""

    model_config = ConfigDict(extra="allow", frozen=True)

    backbone: str
    output_stride: Count
    mapping: str
    background_logit: float


Parts = TypeVar("Parts", SegmentationParts, SeedParts)
Inference = TypeVar("Inference", Predict, Extract)


class Model(BaseModel, Generic[Parts, Inference]):
    """What model.json says. `origin` is for readers: data set, variant, and the record of the training."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1]
    makes: Literal["masks", "seeds"]
    classes: list[str]
    network: Parts
    images: Images
    inference: Inference
    origin: dict[str, Any]


SegmentationModel = Model[SegmentationParts, Predict]
SeedModel = Model[SeedParts, Extract]
AnyModel = TypeVar("AnyModel", SegmentationModel, SeedModel)


def images_of(backbone: Backbone, longest_side: int) -> Images:
    """Return how photos become what a network with this backbone sees."""
    mean, std = list(map(float, backbone.mean)), list(map(float, backbone.std))
    return Images(mean=mean, std=std, longest_side=longest_side, multiple=backbone.multiple)


def origin(dataset: str, variant: str, record: Record | None) -> dict[str, Any]:
    """Return what model.json says of where a network comes from.

    The record of its training loses what says nothing elsewhere: digests of code, and where the data lay.
    """
    trained = None
    if record is not None:
        trained = {key: value for key, value in asdict(record).items() if key not in ("code", "accepted")}
        trained["parameters"] = {name: block for name, block in record.parameters.items() if name != "data"}
    return {"dataset": dataset, "variant": variant, "trained": trained}


def write_model(folder: Path, model: SegmentationModel | SeedModel, network: Path, card: str) -> None:
    """Write the folder, whole or not at all. `network` is the folder that a training stage has written."""
    with whole_directory(folder) as part:
        shutil.copyfile(network / NETWORK_FILE, part / NETWORK_FILE)
        write_json(part / MODEL_FILE, model.model_dump())
        (part / CARD_FILE).write_text(card, encoding="utf-8")


def open_segmentation_model(folder: Path) -> SegmentationModel:
    """Read model.json of a segmentation network; of anything else, an `InputError` that says what it is."""
    return _open(folder, "masks", SegmentationModel)


def open_seed_model(folder: Path) -> SeedModel:
    """Read model.json of a seed network; of anything else, an `InputError` that says what it is."""
    model = _open(folder, "seeds", SeedModel)
    if model.network.mapping not in MAPPINGS:
        raise InputError(f"{folder / MODEL_FILE}: mapping {model.network.mapping!r} is not one of this version of wsss")
    return model


def _open(folder: Path, makes: str, kind: type[AnyModel]) -> AnyModel:
    path = folder / MODEL_FILE
    if not path.is_file():
        raise InputError(
            f"{folder}: not a model folder, as it has no {MODEL_FILE}; make one: "
            f"snakemake --cores 8 results/mini/main/{'model' if makes == 'masks' else 'seed_model'}"
        )
    read = read_json(path)
    known = read.get("format") if isinstance(read, dict) else None
    if known != FORMAT:
        raise InputError(f"{path}: format {known!r}, and this version of wsss reads {FORMAT}; install the one it is of")
    if read.get("makes") != makes:
        program = "load_seeder" if read.get("makes") == "seeds" else "load_segmenter"
        raise InputError(f"{folder}: a network that makes {read.get('makes')}, not {makes}; use {program}")
    try:
        return kind.model_validate(read)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        raise InputError(f"{path}: {where}: {problem['msg']}; get the folder again, or export it again") from None
