"""The schema for editors agrees with the parameters."""

import json

import jsonschema
import pytest
from paths import REPOSITORY

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
