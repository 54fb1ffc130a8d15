"""timm without torch's compiler, until something is compiled: a third of the time in which a program starts.

As they are imported, torchvision's operators and one of timm's networks ask `torch._dynamo` for a function each, and
importing it takes as long as torch itself, though most stages compile nothing. While timm is being imported, stand-ins
give them functions that import `torch._dynamo` where they are called.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType


def install() -> None:
    """Have the next import of timm leave `torch._dynamo` for later; nothing if timm is imported already."""
    if "timm" not in sys.modules:
        sys.meta_path.insert(0, _Timm())


class _Timm(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != "timm":
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def without_compiler(module: ModuleType) -> None:
                with _stand_ins():
                    execute(module)

            spec.loader.exec_module = without_compiler  # type: ignore[method-assign]
        return spec


@contextmanager
def _stand_ins() -> Iterator[None]:
    import torch  # noqa: F401  before the stand-ins, which torch itself is not to meet

    names = ("torch._dynamo", "torch._dynamo.utils")
    if names[0] in sys.modules:
        yield
        return
    dynamo, utils = map(ModuleType, names)
    dynamo.__dict__.update(disable=_disable, utils=utils)
    utils.__dict__.update(is_compile_supported=_is_compile_supported)
    sys.modules.update(zip(names, (dynamo, utils), strict=True))
    try:
        yield
    finally:
        for name in names:
            sys.modules.pop(name)


def _disable(fn: Callable, recursive: bool = True, *, reason: str | None = None) -> Callable:
    import torch

    return torch._disable_dynamo(fn, recursive)


def _is_compile_supported(device_type: str) -> bool:
    from torch._dynamo.utils import is_compile_supported

    return is_compile_supported(device_type)
