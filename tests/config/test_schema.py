"""The files that repeat what stands elsewhere agree with it."""

import json
import re
import tomllib

import jsonschema
import pytest
import yaml
from project import REPOSITORY

from wsss.config import read_params
from wsss.config.schema import params_schema


def test_the_schema_for_editors_is_up_to_date():
    written = json.loads((REPOSITORY / "workflow/schemas/params.schema.json").read_text())
    assert written == params_schema(), "run: python -m wsss.config.schema > workflow/schemas/params.schema.json"


def test_params_yaml_fits_its_schema():
    jsonschema.validate(read_params(REPOSITORY / "params.yaml"), params_schema())


def test_the_schema_refuses_a_misspelt_key_of_an_unused_kind():
    params = read_params(REPOSITORY / "params.yaml")
    params["kinds"]["cnn"]["seed"]["tau_1"] = 1
    with pytest.raises(jsonschema.ValidationError, match="tau_1"):
        jsonschema.validate(params, params_schema())


def test_the_conda_environment_pins_the_direct_requirements_as_the_lock_does():
    lock = dict(re.findall(r"^([\w-]+)==(\S+)$", (REPOSITORY / "requirements.lock").read_text().lower(), re.MULTILINE))
    environment = yaml.safe_load((REPOSITORY / "workflow/envs/wsss.yaml").read_text())
    pins = dict(pin.lower().split("==") for pin in environment["dependencies"][-1]["pip"])
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert pins.items() <= lock.items()
    assert set(pins) == set(project["dependencies"])
    assert set().union(*project["optional-dependencies"].values()) <= set(lock)
