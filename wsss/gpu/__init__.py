"""A GPU of its own for every job on a machine, and several for one training. No torch in here: it looks once."""

from wsss.gpu.processes import has_starter, is_one_of_several
from wsss.gpu.take import take_gpus, use_gpus

__all__ = ["has_starter", "is_one_of_several", "take_gpus", "use_gpus"]
