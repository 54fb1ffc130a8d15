"""A GPU of its own for every job on a machine, and several for one training. No torch in here: it looks once."""

from wsss.gpu.processes import has_starter
from wsss.gpu.take import take_gpus, use_gpus

__all__ = ["has_starter", "take_gpus", "use_gpus"]
