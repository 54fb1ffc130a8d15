"""What a transformer attends to, kept as the queries and keys of each layer and multiplied out where it is used.

The attention of a layer is a matrix of positions times positions: 256 MiB in float32 for 8,192 of them, and as much for
each head. Its queries and keys are a hundredth of that, so they are what is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from torch.overrides import TorchFunctionMode

_AT_A_TIME = 2**20  # attention weights of a head that are made at once: 4 MiB, which stay in a processor's cache
_AT_A_TIME_ON_GPU = 2**26
_ROWS = 128  # at least: all keys are read for each piece


class Layer(NamedTuple):
    """The queries and keys of a layer's heads, (B, heads, T, d) each, as they are multiplied; rotated, if they are."""

    queries: Tensor
    keys: Tensor

    def rows(self, start: int, stop: int) -> Tensor:
        """Return the attention of tokens `start` to `stop`, mean over heads, (B, stop - start, T) float32."""
        heads, scale = self.queries.shape[1], self.keys.shape[-1] ** -0.5
        shared = heads // self.keys.shape[1]  # heads may have keys in common

        def of_head(head: int) -> Tensor:
            queries, keys = self.queries[:, head, start:stop] * scale, self.keys[:, head // shared]
            return (queries @ keys.transpose(-2, -1)).softmax(-1, dtype=torch.float32)

        return sum_of(map(of_head, range(heads))) / heads


class Attention(NamedTuple):
    """The attention of all layers among T tokens, of which `prefix` (class tokens and the like) come before patches."""

    layers: tuple[Layer, ...]
    prefix: int

    def to_patches(self, tokens: int, layers: int) -> Tensor:
        """Return how much the first tokens attend to each patch, summed over the last layers: (B, tokens, N)."""
        return sum_of(layer.rows(0, tokens)[:, :, self.prefix :] for layer in self.layers[-layers:])

    def refine(self, maps: Tensor) -> Tensor:
        """Return maps (B, C, h, w) float32 in which the patches' affinity gathers those of `maps`.

        That is the sum over patches j of affinity[i, j] times the map at j (MCTformer).
        """
        flat = maps.float().flatten(2).transpose(1, 2)
        return torch.cat([rows @ flat for rows in self._affinity()], 1).transpose(1, 2).reshape(maps.shape)

    def affinity(self) -> Tensor:
        """Return MCTformer's affinity of patches (B, N, N), the attention among them summed over all layers."""
        return torch.cat(list(self._affinity()), 1)

    def _affinity(self) -> Iterator[Tensor]:
        """Yield the affinity, rows after rows, so many at a time that a head's attention stays small."""
        queries = self.layers[0].queries
        batch, _, tokens, _ = queries.shape
        most = _AT_A_TIME if queries.device.type == "cpu" else _AT_A_TIME_ON_GPU
        step = max(most // (batch * tokens), _ROWS)
        for start in range(self.prefix, tokens, step):
            yield sum_of(layer.rows(start, start + step)[:, :, self.prefix :] for layer in self.layers)


def sum_of(tensors: Iterator[Tensor]) -> Tensor:
    """Return the sum of at least one tensor, in place of the first; no more than two are held at a time."""
    total = next(tensors)
    for tensor in tensors:
        total += tensor
    return total


class Listener(TorchFunctionMode):
    """While it is entered, keeps the queries and keys of each attention that is computed by PyTorch's own function."""

    def __init__(self) -> None:
        super().__init__()
        self.layers: list[Layer] = []

    def __enter__(self) -> Listener:
        super().__enter__()
        return self

    def __torch_function__(self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        if func is scaled_dot_product_attention:
            self.layers.append(Layer(*args[:2]))
        return func(*args, **(kwargs or {}))
