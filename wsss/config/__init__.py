"""From (params.yaml, data set, variant) to validated parameters: see `resolve.load_parameters`."""

from wsss.config.resolve import Parameters, load_parameters, read_params
from wsss.config.stages import STAGES, blocks_of, stage_variant

__all__ = ["STAGES", "Parameters", "blocks_of", "load_parameters", "read_params", "stage_variant"]
