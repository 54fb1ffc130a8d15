"""Write the resolved parameters of an experiment: every block, with the overrides of data set and variant applied.

python stages/resolve_params.py --dataset mini --out results/mini/main/params.yaml
"""

from pathlib import Path

import yaml

from wsss.config import Parameters
from wsss.files import whole_file
from wsss.stage import main


def run(parameters: Parameters, *, out: Path) -> None:
    """Write the parameters to the YAML file `out`. DVC compares its blocks to see which stages are affected."""
    with whole_file(out) as part:
        part.write_text(yaml.safe_dump(parameters.plain(), sort_keys=False))


if __name__ == "__main__":
    main(run)
