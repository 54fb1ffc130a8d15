"""What the processes of one training, one for each GPU, must agree on for it to be the training that one would do.

accelerate shares out the batches, averages the gradients and gathers tensors; this is the rest. Alone, a process gets
back what it gave.
"""

from __future__ import annotations

import torch
from accelerate import PartialState
from accelerate.utils import reduce
from torch import Tensor, nn


def shared_mean(total: Tensor, count: Tensor) -> Tensor:
    """Return what a process must put into its loss for the mean over all of them: `total` (), of `count` () terms.

    The average of all processes' values, and hence of their gradients, is the sum of totals over the sum of counts: not
    the mean of means, in which few terms would weigh as much as many. 0 where no process has a term.
    """
    return total * PartialState().num_processes / reduce(count, "sum").clamp(min=1)


@torch.no_grad()
def average_buffers(network: nn.Module) -> None:
    """Average, in place, what batch norms in training have counted, each process in its own images."""
    if PartialState().num_processes == 1:
        return
    for module in network.modules():
        for buffer in module.buffers(recurse=False) if module.training else ():
            if buffer.is_floating_point():
                buffer.copy_(reduce(buffer.clone(), "mean"))
