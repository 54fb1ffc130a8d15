"""From (params.yaml, data set, variant) to validated parameters: see `resolve.load_parameters`."""

from wsss.config.parameters import Parameters
from wsss.config.resolve import load_parameters, read_params
from wsss.config.stages import STAGES, blocks_of

__all__ = ["STAGES", "Parameters", "blocks_of", "load_parameters", "read_params"]
