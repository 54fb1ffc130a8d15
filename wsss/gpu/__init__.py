"""A GPU of its own for every job on a machine, and several for one training. No torch in here: it looks once."""

from wsss.gpu.take import take_gpus

__all__ = ["take_gpus"]
