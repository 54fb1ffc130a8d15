"""params.yaml as a JSON schema, made from the blocks' types, for editors that complete and check while one types.

python -m wsss.config.schema > workflow/schemas/params.schema.json
"""

from __future__ import annotations

import json

from wsss.config.block import Block
from wsss.config.blocks import BLOCKS, OF_DATASETS
from wsss.config.choices import HEADS
from wsss.config.foreign import FOREIGN, ForeignEntry
from wsss.config.kinds import KINDS
from wsss.config.named_files import FILES
from wsss.config.variant import RECIPE


def params_schema() -> dict:
    """Return the schema. Every key is optional: which layer sets it is the user's choice (see `resolve`)."""
    definitions: dict[str, dict] = {}
    types: list[type[Block]] = [*BLOCKS.values(), ForeignEntry]
    for block in types:
        schema = block.model_json_schema(ref_template="#/$defs/{model}")
        for name, definition in {**schema.pop("$defs", {}), block.__name__: schema}.items():
            definition.pop("required", None)
            definitions[name] = definition
    blocks = {name: {"$ref": f"#/$defs/{block.__name__}"} for name, block in BLOCKS.items()}
    overridable = {name: block for name, block in blocks.items() if name not in OF_DATASETS}
    layer = {"type": "object", "properties": overridable, "additionalProperties": False}
    recipe = {RECIPE: {"type": "string"}}
    of_kind = {"type": "object", "properties": {**recipe, **overridable}, "additionalProperties": False}
    kinds = {"type": "object", "properties": dict.fromkeys(KINDS, of_kind), "additionalProperties": False}
    heads = {"type": "object", "properties": dict.fromkeys(HEADS, layer), "additionalProperties": False}
    of_recipe = {name: block for name, block in overridable.items() if name != "seed"}
    recipes = {"type": "object", "additionalProperties": {**layer, "properties": of_recipe}}
    dataset = {"type": "object", "properties": {**recipe, **blocks, "kinds": kinds}, "additionalProperties": False}
    folder = {"$ref": f"#/$defs/{ForeignEntry.__name__}"}
    own = {name: block for name, block in blocks.items() if name != "data"}
    datasets = {"type": "object", "additionalProperties": dataset}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "params.yaml",
        "type": "object",
        "properties": {
            "dataset": {"type": "string"},
            **recipe,
            **own,
            "kinds": kinds,
            "heads": heads,
            "recipes": recipes,
            FILES: {"type": "object", "additionalProperties": {"type": "string"}},
            FOREIGN: {"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}, folder]}},
            "datasets": datasets,
        },
        "additionalProperties": False,
        "$defs": definitions,
    }


if __name__ == "__main__":
    print(json.dumps(params_schema(), indent=1))
