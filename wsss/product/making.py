"""What a stage asks before it starts, and leaves when it has finished."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from wsss.config import Parameters, blocks_of
from wsss.config.choices import BACKBONES
from wsss.config.paths import expand_path
from wsss.config.stages import STAGES, TRAININGS, settings_of, source_of
from wsss.config.start import start_experiment
from wsss.parts import product_of_part
from wsss.product.code import WATCHING, changed_code, loaded_code
from wsss.product.digest import digest_of
from wsss.product.kept import keep, kept_path, kept_record, restore
from wsss.product.options import paths_of, structured
from wsss.product.record import Record, circumstances, is_whole, read_record, write_record

# What takes seconds follows its code at once. These may take hours: made by older code, they are named, not made again.
LONG_STAGES = (
    *("prepare_data", "train_seed", "extract_seed", "extract_features", "label_affinity", "train_affinity"),
    *("export_crf", "make_mask", "train_segmentation", "predict"),
)


def wanted_record(stage: str, options: dict[str, Any], content: Callable[[Path], str | None] = digest_of) -> Record:
    """Return the record, without its product, of what a stage would make now.

    Args:
        stage: one of `STAGES`, or the name of a program.
        options: the keyword arguments of its `run`, but for `threads`; `parameters` where it takes them.
        content: gives a digest of what a path holds.
    """
    given = dict(options)
    parameters: Parameters | None = given.pop("parameters", None)
    given.pop("out", None)
    values = {name: structured(value) for name, value in given.items() if value is not None}
    paths = given_paths(options)
    # Archives were checked when they were unpacked, and may be deleted afterwards: their names will do.
    inputs = {name: path.name if name.startswith("sources[") else content(path) for name, path in paths}
    plain = {name: value for name, value in values.items() if isinstance(value, str | int)}
    if parameters is not None:
        inputs |= {name: content(path) for name, path in files_named_by(stage, parameters) if name not in inputs}
    return Record(
        stage=stage,
        dataset=parameters.dataset if parameters else None,
        settings=settings_of(stage, parameters, given.get("split", "val")) if parameters else {},
        options=plain,
        inputs=inputs,
        product=None,
        parameters=parameters.blocks(blocks_of(stage, parameters)) if parameters and stage in STAGES else {},
    )


def given_paths(options: dict[str, Any]) -> list[tuple[str, Path]]:
    """Return the paths that a stage's `run` is given to read, by option, and by label where an option has several."""
    others = ("parameters", "out")
    given = {name: value for name, value in options.items() if name not in others and value is not None}
    return [pair for option, value in given.items() for pair in paths_of(option, structured(value))]


def files_named_by(stage: str, parameters: Parameters) -> Iterator[tuple[str, Path]]:
    """Yield files and folders that parameters name and this stage reads: the user's own, or fetched."""
    block = TRAININGS.get(stage)
    if block is not None:
        settings = getattr(parameters, block)
        own = BACKBONES.get(settings.backbone)
        if settings.weights == "imagenet":
            if own is not None and own.fetched_weights is not None:
                yield "weights", Path(own.fetched_weights)
        elif settings.weights is not None and start_experiment(settings.weights, own="") is None:
            yield "weights", expand_path(settings.weights, f"{block}.weights")
    source = source_of(stage, parameters)
    if source is not None:
        yield "foreign", parameters.foreign_path(source)[0]
    if stage == "prepare_data" and parameters.data.root is not None:
        root = expand_path(parameters.data.root, f"datasets.{parameters.dataset}.data.root")
        yield "root", root
        yield from _beside(Path(os.path.normpath(root)), parameters)


def _beside(root: Path, parameters: Parameters) -> Iterator[tuple[str, Path]]:
    """Yield what the block `data` names beside its root, and does not lie below it."""
    data, key = parameters.data, f"datasets.{parameters.dataset}.data"
    named = {"labels": data.labels, "masks": data.masks}
    named |= {f"lists_{split}": path for split, path in (data.lists or {}).items()}
    for name, value in named.items():
        if value is None:
            continue
        path = Path(os.path.normpath(root / expand_path(value, f"{key}.{name}")))
        if not path.is_relative_to(root):
            yield name, path


def is_there(product: Path, wanted: Record, program: Path) -> bool:
    """Return whether a product is there, made of what is wanted; one that was only kept is put in its place."""
    if not _is_here(product, wanted, program):
        if not _is_kept(product, wanted, program):
            return False
        restore(product, wanted)
    _touch(product)
    return True


def needs_no_part(part: Path, wanted: Record, program: Path) -> bool:
    """Return whether the product of which a part is wanted is there, or kept, so that its own job will take that."""
    found = product_of_part(part)
    if found is None:
        return False
    whole = replace(wanted, options={name: value for name, value in wanted.options.items() if name != "part"})
    return _is_here(found[0], whole, program) or _is_kept(found[0], whole, program)


def _is_here(product: Path, wanted: Record, program: Path) -> bool:
    here = read_record(product)
    return here is not None and _serves(product, here, wanted, program)


def _is_kept(product: Path, wanted: Record, program: Path) -> bool:
    kept = kept_record(product, wanted)
    return kept is not None and _serves(kept_path(product, wanted), kept, wanted, program)


def _serves(product: Path, record: Record, wanted: Record, program: Path) -> bool:
    if not record.asks_for(wanted) or not is_whole(product, record):
        return False
    return may_be_older(record) or not changed_code(record.known_code(), program)


def may_be_older(record: Record) -> bool:
    """Return whether a product stays though code has changed; not a part, beside which newer code makes the others."""
    return record.stage in LONG_STAGES and "part" not in record.options


def _touch(product: Path) -> None:
    """Make a file newer than its inputs, as planners that compare times expect; in folders they have a file for it."""
    if product.is_file():
        os.utime(product)


def finish(
    product: Path, wanted: Record, program: Path, seconds: float, images: int | None = None, memory_mb: float = 0
) -> None:
    """Write the record of a finished product, with what it took for so many images, and give it a second name."""
    made = replace(
        wanted,
        product=digest_of(product),
        code=loaded_code(program, without=WATCHING if wanted.stage in TRAININGS else ()),
        program=program.name,
        **circumstances(seconds, images, memory_mb),
    )
    write_record(product, made)
    if "part" not in made.options:
        keep(product)
