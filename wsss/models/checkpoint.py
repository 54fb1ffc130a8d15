"""What weights are wrapped in: the checkpoint around them, and the prefix before their names, seen through by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from torch import Tensor

from wsss.errors import InputError

_PARALLEL = ("module.", "_orig_mod.")  # what torch itself puts before names: in parallel, compiled
_AVERAGED = ("ema", "teacher", "swa", "averaged")  # in the key of weights that are a running mean: those to be used
_ENOUGH = 0.5  # of the network's names; fewer that agree are chance


def state_dict_of(checkpoint: object, source: str) -> dict[str, Tensor]:
    """Return the weights in a checkpoint, under whatever keys they are, by names without the prefixes that torch adds.

    They are the mapping of names to tensors alone that holds most of them; an optimiser's states are none. Of several
    as large, the running mean is taken: `model_ema`, `teacher`. Raises `InputError` naming `source` where none is
    there, or more than one could be meant.
    """
    if not isinstance(checkpoint, Mapping):
        raise InputError(f"{source}: holds a {type(checkpoint).__name__}, not weights by name; save a state dict")
    found = dict(_mappings(checkpoint, ""))
    pure = {key: one for key, one in found.items() if one and all(isinstance(value, Tensor) for value in one.values())}
    if not pure:
        raise InputError(f"{source}: {_why_none(found)}; save a state dict")
    most = max(map(len, pure.values()))
    large = [key for key, one in pure.items() if len(one) > most / 2]
    chosen = _averaged(large) if len(large) > 1 else large
    if len(chosen) != 1:
        raise InputError(f"{source}: holds several networks, under {', '.join(large)}; save the one that is meant")
    weights = pure[chosen[0]]
    while prefix := next((one for one in _PARALLEL if all(name.startswith(one) for name in weights)), ""):
        weights = {name.removeprefix(prefix): value for name, value in weights.items()}
    return dict(weights)


def _mappings(checkpoint: Mapping, key: str) -> Iterator[tuple[str, Mapping]]:
    """Yield, with the keys that lead to it, every mapping by names in a checkpoint but an optimiser's."""
    if not all(isinstance(name, str) for name in checkpoint):
        return
    yield key, checkpoint
    for name, value in checkpoint.items():
        if isinstance(value, Mapping) and not name.lower().startswith("optim"):
            yield from _mappings(value, f"{key}.{name}" if key else name)


def _why_none(found: Mapping[str, Mapping]) -> str:
    """Say why none of the mappings in a checkpoint is a state dict."""
    tensors = {key: sum(isinstance(value, Tensor) for value in one.values()) for key, one in found.items()}
    key = max(tensors, key=lambda key: tensors[key], default="")
    if tensors.get(key, 0) > 0:
        others = [name for name, value in found[key].items() if not isinstance(value, Tensor)]
        where = f" under {key}" if key else ""
        return f"not only tensors among the weights{where}: {', '.join(others[:5])}"
    held = ", ".join(found.get("", {}))
    return f"no weights in it: {f'it holds {held}' if held else 'it is empty'}"


def without_prefix(weights: Mapping[str, Tensor], own: Collection[str], source: str) -> dict[str, Tensor]:
    """Return the part of `weights` whose names are a network's `own` but for one prefix, without it.

    So `model.`, `backbone.` and the like are seen through, however many of them; what does not have the prefix (a
    decoder, a projector) is left out. Weights of which less than half of the own names can be had so, or all without
    a prefix, are returned as they are. Raises `InputError` naming `source` where two prefixes would do.
    """
    own, counts = set(own), Counter[str]()
    for name in weights:
        parts = name.split(".")
        counts.update(".".join([*parts[:i], ""]) for i in range(len(parts)) if ".".join(parts[i:]) in own)
    most = max(counts.values(), default=0)
    best = [prefix for prefix, count in counts.items() if count == most]
    if most < _ENOUGH * len(own) or "" in best:
        return dict(weights)
    chosen = _averaged(best) if len(best) > 1 else best
    if len(chosen) != 1:
        twice = ", ".join(sorted(best))
        raise InputError(f"{source}: holds the network several times, under {twice}; save the one that is meant")
    return {name.removeprefix(chosen[0]): value for name, value in weights.items() if name.startswith(chosen[0])}


def _averaged(keys: list[str]) -> list[str]:
    return [key for key in keys if any(word in key.lower() for word in _AVERAGED)]
