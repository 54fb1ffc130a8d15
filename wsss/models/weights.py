"""Weights from a file, without running what is in it, and into a network, without leaving anything out unsaid."""

from __future__ import annotations

import argparse
import json
import math
import pickle
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from timm.layers import resample_abs_pos_embed
from torch import Tensor, nn

from wsss.errors import InputError, one_line
from wsss.files import whole_file
from wsss.models.checkpoint import state_dict_of
from wsss.models.class_token_weights import class_tokens
from wsss.models.mxnet_params import read_mxnet_params, resnet38_from_mxnet

_PYTORCH = (".pth", ".pt", ".bin", ".ckpt", ".tar")  # the last as in .pth.tar
CLASSIFIERS = ("head.", "head_dist.", "attn_pool.", "fc.", "fc8.", "classifier.")  # fc8: of PSA and what grew from it


def read_weights(path: Path | str) -> dict[str, Tensor]:
    """Read name → tensor (on the CPU) from .safetensors, a PyTorch checkpoint or .params (MXNet's ResNet38).

    A checkpoint (.pth, .pt, .bin, .ckpt, .pth.tar) is read with `weights_only`, and `state_dict_of` finds the weights
    in it. Raises `InputError` for a missing, broken or unknown file and for a pickle that wants to run code, which is
    never run. So are weights that are not numbers, which a training that has diverged leaves.
    """
    weights = _read_weights(Path(path))
    for name, value in weights.items():
        if value.is_floating_point() and not value.isfinite().all():
            raise InputError(f"{path}: {name} holds NaN or infinity; its training has diverged: train it again")
    return weights


def _read_weights(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise InputError(f"{path}: no such file; give the weights' path, or have them downloaded first")
    if path.suffix == ".safetensors":
        try:
            return load_file(path)
        except (SafetensorError, OSError) as error:
            raise InputError(f"{path}: cut, or not safetensors ({one_line(error)}); get or make it again") from None
    if path.suffix in _PYTORCH:
        return state_dict_of(_read_checkpoint(path), str(path))
    if path.suffix == ".params":
        return resnet38_from_mxnet(read_mxnet_params(path), source=str(path))
    known = ", ".join((".safetensors", *_PYTORCH))
    raise InputError(f"{path}: unknown kind of weights; known are {known} and .params (MXNet)")


def _read_checkpoint(path: Path) -> object:
    try:
        with torch.serialization.safe_globals([argparse.Namespace]):  # beside timm's weights and others': just values
            return torch.load(path, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception as error:  # PyTorch has no error of its own for foreign bytes: they give a KeyError as soon as any
        wanted = re.search(r"GLOBAL ([\w.]+)", str(error))
        if wanted or "TorchScript" in str(error):
            what = f"it would run {wanted[1]}" if wanted else "it is a TorchScript program"
            raise InputError(
                f"{path}: refused, because loading it could run code ({what}); only plain tensors are read. If you "
                "trust its maker, convert it once, with its weights taken from whatever key they are under: "
                f"python -c \"import torch, safetensors.torch as s; w = torch.load({str(path)!r}, map_location='cpu', "
                "weights_only=False)['model']; s.save_file({k: v.contiguous() for k, v in w.items()}, "
                f'{str(path.with_suffix(".safetensors"))!r})"'
            ) from None
        if isinstance(error, pickle.UnpicklingError) and _first_byte(path) == pickle.PROTO:
            raise InputError(
                f"{path}: refused, because it is a pickle not made by torch.save, and reading one can run code; "
                "save its tensors with safetensors.torch.save_file and give that file"
            ) from None
        # Of an unpickling error PyTorch makes a page that advises to run the file.
        reason = "" if isinstance(error, pickle.UnpicklingError) else ": " + " ".join(str(error).split())[:80]
        raise InputError(
            f"{path}: cut, or not a PyTorch checkpoint ({type(error).__name__}{reason}); get or make it again"
        ) from None


def _first_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1)


def load_weights(
    network: nn.Module,
    weights: Mapping[str, Tensor],
    source: str,
    allow_missing: tuple[str, ...] = CLASSIFIERS,
    resize_position_embedding: bool = True,
) -> list[str]:
    """Load `weights` into `network`, all of them or none, and return a line for every exception that was made.

    Names and shapes must agree. Exceptions: layers whose names begin with one of `allow_missing` (the classifier) may
    be missing, left over or of another shape, and then the network keeps its own; `num_batches_tracked` may be
    missing; a position embedding (1, prefix + h·w, D) learned on another, square grid is resampled to the one of
    `patch_embed.grid_size` (timm). Raises `InputError` naming `source` for weights of another network.
    """
    own, weights = network.state_dict(), dict(weights)
    _check_class_tokens(own, weights, source)
    messages = _resample_position_embeddings(network, own, weights) if resize_position_embedding else []
    missing = {name: _shape(own[name]) for name in own if name not in weights}
    unexpected = {name: _shape(weights[name]) for name in weights if name not in own}
    reshaped = {
        name: f"{_shape(weights[name])} where the network has {_shape(own[name])}"
        for name in own
        if name in weights and weights[name].shape != own[name].shape
    }
    problems = []
    for what, found in (("missing", missing), ("unexpected", unexpected), ("of another shape", reshaped)):
        wrong = [f"{n} {shape}" for n, shape in found.items() if not (n.startswith(allow_missing) or _is_count(n))]
        if wrong:
            problems.append(f"{len(wrong)} {what}: {_some(wrong)}")
    if problems:
        raise InputError(
            f"{source}: weights of another network than {type(network).__name__} ({len(own)} entries): "
            f"{'; '.join(problems)}. Give the weights of this network, or name their network in the parameters"
        )
    messages += [
        f"{n} {shape} is missing and keeps its initial values" for n, shape in missing.items() if not _is_count(n)
    ]
    messages += [
        f"{n} {shape} is not part of the network, not used" for n, shape in unexpected.items() if not _is_count(n)
    ]
    messages += [f"{n} is {shapes} and keeps its initial values" for n, shapes in reshaped.items()]
    network.load_state_dict({n: v for n, v in weights.items() if n in own and n not in reshaped}, strict=False)
    return [f"{source}: {message}" for message in messages]


def _check_class_tokens(own: Mapping[str, Tensor], weights: Mapping[str, Tensor], source: str) -> None:
    """Refuse the weights of a transformer with a class token per class where one is wanted."""
    tokens = class_tokens(weights)
    if tokens > 1 and class_tokens(own) == 1:
        raise InputError(
            f"{source}: weights with {tokens} class tokens, one for each class, as MCTformer's; this network has just "
            "one. A seed network of mapping=mct or mct_v2 can start from them"
        )


def _resample_position_embeddings(network: nn.Module, own: dict[str, Tensor], weights: dict[str, Tensor]) -> list[str]:
    """Replace position embeddings of another grid in `weights`; leave alone what cannot be resampled."""
    messages = []
    for name in (name for name in own if name.split(".")[-1] == "pos_embed" and name in weights):
        old, new = weights[name], own[name]
        owner = network.get_submodule(name.rpartition(".")[0])
        grid = getattr(getattr(owner, "patch_embed", None), "grid_size", None)
        if grid is None or old.shape == new.shape or old.ndim != 3 or old.shape[-1] != new.shape[-1]:
            continue
        prefix = new.shape[1] - grid[0] * grid[1]  # class token and the like
        side = math.isqrt(max(old.shape[1] - prefix, 0))
        if prefix < 0 or side == 0 or side**2 != old.shape[1] - prefix:
            continue
        weights[name] = resample_abs_pos_embed(old, list(grid), [side, side], num_prefix_tokens=prefix)
        messages.append(f"{name} resampled from {side}×{side} to {grid[0]}×{grid[1]} positions")
    return messages


def write_weights(path: Path | str, state_dict: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write a state dict as safetensors with `metadata` in its header, whole or not at all."""
    # Copies, because safetensors refuses tensors that share memory, as tied layers do.
    tensors = {n: v.detach().cpu().clone(memory_format=torch.contiguous_format) for n, v in state_dict.items()}
    with whole_file(Path(path)) as part:
        save_file(tensors, part, metadata=dict(metadata))
        _sort_metadata(part)
        part.chmod(0o644)  # safetensors lets nobody else read it


def _sort_metadata(path: Path) -> None:
    """Put a safetensors file's metadata in the order of their keys: it writes them in any, other bytes each time."""
    with path.open("r+b") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        header["__metadata__"] = dict(sorted(header.get("__metadata__", {}).items()))
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        if len(text) > size:
            raise ValueError(f"{path}: a header of {size} bytes became one of {len(text)}")
        file.seek(8)
        file.write(text.ljust(size))


def _some(names: Iterable[str], count: int = 5) -> str:
    names = list(names)
    return ", ".join(names[:count]) + (", …" if len(names) > count else "")


def _shape(tensor: Tensor) -> str:
    return f"({', '.join(map(str, tensor.shape))})"


def _is_count(name: str) -> bool:
    """Whether it counts the batches that a batch norm has seen: only norms without momentum look at it."""
    return name.endswith("num_batches_tracked")


@runtime_checkable
class HasPublishedForm(Protocol):
    """A network whose weights others have published by other names."""

    def own_weights(self, weights: Mapping[str, Tensor], source: str) -> dict[str, Tensor]:
        """Return them by the network's own names; those of another network may raise an `InputError`."""


def load_network(network: nn.Module, path: Path | str) -> None:
    """Load a trained network; every name and shape must agree.

    The file is one that this project wrote (`write_weights`), or a published one of the same network.
    """
    weights = read_weights(path)
    if isinstance(network, HasPublishedForm):
        weights = network.own_weights(weights, str(path))
    load_weights(network, weights, str(path), allow_missing=(), resize_position_embedding=False)
