"""A job: a stage with what its paths name, and the options that its program is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wsss.product.options import Value

Options = dict[str, Value]
Given = Mapping[str, Value | None]  # None and what is empty is no option


@dataclass(frozen=True)
class Job:
    """A stage with what its paths name."""

    stage: str
    dataset: str
    variant: str = "main"
    split: str = "val"
    name: str = ""  # of a table or figure
    experiments: str = ""  # variants, with + between them
    ids: str = ""  # of images, with + between them
    photos: str = ""  # a name under `files` in params.yaml
    part: str = ""  # of its images, as in `wsss.parts`; all, where it is empty
