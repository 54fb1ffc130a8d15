"""workflow/sources.yaml: the archives of published data sets, where they are and how to know them."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from wsss.config.yaml_text import read_yaml
from wsss.errors import InputError, did_you_mean


class Source(BaseModel):
    """One archive."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    file: Annotated[str, Field(pattern=r"^[\w][\w.-]*$")]
    mirrors: Annotated[list[str], Field(min_length=1)]
    md5: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None  # None: taken as it comes, and printed
    bytes: Annotated[int, Field(gt=0)] | None

    @property
    def advice(self) -> str:
        """What to do where the file cannot be fetched."""
        return (
            f"Where you have a copy, put it at archives/{self.file}, or set `archives` of the data set in params.yaml "
            "to the folder it is in, or `root` to the unpacked data: then nothing is fetched. Behind a proxy, set "
            "HTTPS_PROXY and HTTP_PROXY. Another mirror can be added in workflow/sources.yaml"
        )

    def problem_of(self, path: Path) -> str | None:
        """Read a file whole and say in what it differs from this source, or None."""
        size = path.stat().st_size
        if self.bytes is not None and size != self.bytes:
            return f"has {size} bytes instead of {self.bytes}"
        with path.open("rb") as file:
            md5 = hashlib.file_digest(file, "md5").hexdigest()
        if self.md5 is None:
            print(f"{path}: md5 {md5}, nothing to compare with; add it to workflow/sources.yaml", file=sys.stderr)
        elif md5 != self.md5:
            return f"has the md5 {md5} instead of {self.md5}"
        return None


@dataclass(frozen=True)
class Sources:
    """Every archive, by the name that `sources` in params.yaml uses."""

    archives: dict[str, list[Source]]

    def archives_of(self, name: str) -> list[Source]:
        """Return the archives of a published data set."""
        if name not in self.archives:
            raise InputError(f"sources: {name!r} is not in workflow/sources.yaml{did_you_mean(name, self.archives)}")
        return self.archives[name]

    @property
    def files(self) -> dict[str, Source]:
        """Every archive by its file name."""
        return {source.file: source for sources in self.archives.values() for source in sources}


def read_sources(path: Path | str = "workflow/sources.yaml") -> Sources:
    """Read workflow/sources.yaml; an InputError names what is wrong with it."""
    try:
        return Sources(TypeAdapter(dict[str, list[Source]]).validate_python(read_yaml(path)))
    except ValidationError as error:
        problem = error.errors()[0]
        raise InputError(f"{path}: {'.'.join(map(str, problem['loc']))}: {problem['msg']}") from None
