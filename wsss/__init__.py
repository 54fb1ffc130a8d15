"""Weakly supervised semantic segmentation from image-level labels: the mathematics behind `stages/`.

`load_segmenter` and `load_seeder` open trained networks (docs/use_the_network.md).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from wsss import quick_timm

if TYPE_CHECKING:
    from wsss.exported.seeder import load_seeder
    from wsss.exported.segmenter import load_segmenter

__version__ = "0.1.0"
__all__ = ["load_seeder", "load_segmenter"]

quick_timm.install()
_WHERE = {"load_segmenter": "wsss.exported.segmenter", "load_seeder": "wsss.exported.seeder"}


def __getattr__(name: str) -> Any:
    """Import what is asked for: torch takes seconds, and most of `wsss` does without."""
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
