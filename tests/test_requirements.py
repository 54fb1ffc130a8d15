"""The files that pin requirements agree."""

import re
import tomllib

import yaml
from paths import REPOSITORY


def test_the_conda_environment_pins_the_direct_requirements_as_the_lock_does():
    lock = dict(re.findall(r"^([\w-]+)==(\S+)$", (REPOSITORY / "requirements.lock").read_text().lower(), re.MULTILINE))
    environment = yaml.safe_load((REPOSITORY / "workflow/envs/wsss.yaml").read_text())
    pins = dict(pin.lower().split("==") for pin in environment["dependencies"][-1]["pip"])
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert pins.items() <= lock.items()
    assert set(pins) == set(project["dependencies"])
    assert set().union(*project["optional-dependencies"].values()) <= set(lock)
