"""The record beside a product: what it was made of, by which code, where, when and how fast."""

from __future__ import annotations

import platform
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from wsss.errors import InputError
from wsss.files import read_json, write_json
from wsss.product.digest import digest_of
from wsss.product.own_measurements import own_measurements

_PACKAGES = ("torch", "timm", "numpy", "pillow", "numba")
_WATCHED = ("wsss", "stages", "workflow", "Snakefile", ":!workflow/own_folders")  # code: what makes a commit dirty


@dataclass(frozen=True)
class Record:
    """What made a product.

    A product is current if its stage would get the same `settings`, `options` and `inputs` today, and its content is
    still `product`. The rest is for readers.
    """

    stage: str
    dataset: str | None
    settings: dict[str, Any]  # the parameters that the stage itself reads
    options: dict[str, Any]  # of the command line, but for paths
    inputs: dict[str, str | None]  # digests by option, and by label where an option takes several
    product: str | None  # the digest of what was made
    parameters: dict[str, Any] = field(default_factory=dict)  # also those of the stages before it
    code: dict[str, str] = field(default_factory=dict)  # digests by module
    program: str = ""
    commit: str | None = None
    dirty: bool | None = None  # whether code differed from the commit
    versions: dict[str, str] = field(default_factory=dict)
    device: str = "cpu"
    made: str = ""  # when it was finished
    seconds: float = 0
    images: int | None = None  # that it worked on; of a training, as often as it saw them
    images_per_second: float | None = None
    peak_memory_mb: float = 0  # of the stage's processes together (`wsss.product.memory`)
    measured: dict[str, float | str] = field(default_factory=dict)  # by the stage itself (`own_measurements`)
    accepted: dict[str, Any] = field(default_factory=dict)  # code that has changed since, `by` whom, and `when`

    def known_code(self) -> dict[str, str]:
        """Return digests by module, of the code that made the product or was accepted for it since."""
        return self.code | self.accepted.get("code", {})

    def asks_for(self, other: Record) -> bool:
        """Return whether both are of one stage, settings, options and inputs."""
        return (self.stage, self.settings, self.options, self.inputs) == (
            *(other.stage, other.settings, other.options),
            other.inputs,
        )


def record_path(product: Path) -> Path:
    """Return where the record of a product lies."""
    return product.with_name(f"{product.name}.run.json")


def read_record(product: Path) -> Record | None:
    """Return the record beside a product; None if there is none, or one that is not of this form."""
    try:
        return Record(**read_json(record_path(product)))
    except (InputError, TypeError, OSError):
        return None


def write_record(product: Path, record: Record) -> None:
    """Write a record beside its product."""
    write_json(record_path(product), asdict(record))


def is_whole(product: Path, record: Record, content: Callable[[Path], str | None] = digest_of) -> bool:
    """Return whether a product is what its record says; `content` gives the digest of what a path holds."""
    return record.product is not None and content(product) == record.product


def circumstances(seconds: float, images: int | None, memory_mb: float) -> dict[str, Any]:
    """Return what a record says of the machine and the moment; the largest process took its memory in any case."""
    commit, dirty = _commit()
    largest = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "commit": commit,
        "dirty": dirty,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
        "device": _device(),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "images": images,
        "images_per_second": None if images is None else rate(images, seconds),
        "peak_memory_mb": round(max(memory_mb, largest / (1024 if sys.platform != "darwin" else 2**20)), 1),
        "measured": own_measurements(),
    }


def rate(images: int, seconds: float) -> float:
    """Return images a second, to three digits."""
    return float(f"{images / max(seconds, 1e-3):.3g}")


def _commit() -> tuple[str | None, bool | None]:
    if shutil.which("git") is None:
        return None, None
    head = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True)
    if head.returncode:
        return None, None
    changed = subprocess.run(["git", "status", "--porcelain", "--", *_WATCHED], capture_output=True, text=True)
    return head.stdout.strip(), bool(changed.stdout.strip()) if changed.returncode == 0 else None


def _device() -> str:
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return platform.processor() or platform.machine()
    return torch.cuda.get_device_name()
