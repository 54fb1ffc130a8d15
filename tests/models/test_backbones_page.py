"""docs/backbones.md: every line of its tables is true of the network that it names."""

from __future__ import annotations

import pytest
import timm
from paths import REPOSITORY
from plain_transformers import make_small
from small import seed_settings

from wsss.errors import InputError
from wsss.models.create_backbone import create_backbone
from wsss.seed.create_network import create_seed_network

PREFIXES = {0: "none", 1: "class", 2: "class, distillation", 5: "class, 4 registers"}


def tables() -> list[list[dict[str, str]]]:
    """Return the tables of the page, a dictionary for each line."""
    found: list[list[dict[str, str]]] = []
    columns: list[str] = []
    for line in (REPOSITORY / "docs/backbones.md").read_text().splitlines():
        cells = [cell.strip() for cell in line[1:-1].split("|")]
        if not line.startswith("|"):
            columns = []
        elif not columns:
            columns, found = cells, [*found, []]
        elif set(line) - set("| -"):
            found[-1].append(dict(zip(columns, cells, strict=True)))
    return found


TRANSFORMERS, CNNS, REFUSED = tables()[:3]


def named(lines: list[dict[str, str]]) -> pytest.MarkDecorator:
    assert lines
    return pytest.mark.parametrize("line", lines, ids=[line["example"].strip("`") for line in lines])


@pytest.fixture(autouse=True)
def small_networks(monkeypatch):
    make_small(monkeypatch)


def mean_of(backbone) -> str:
    return ", ".join(f"{value:.3g}" for value in backbone.mean)


@named(TRANSFORMERS)
def test_plain_transformers_are_as_the_page_says(line):
    name = line["example"].strip("`")
    backbone = create_backbone(name, None)
    assert backbone.kind == "transformer" and backbone.has_drop_path
    assert str(backbone.stride) == line["patch"] and mean_of(backbone) == line["mean of images"]
    assert PREFIXES[backbone.network.num_prefix_tokens] == line["tokens before the patches"]
    assert ("rotary" in line["remarks"] or "rotations" in line["remarks"]) == hasattr(backbone.network, "rope")
    assert timm.get_pretrained_cfg(name).license == line["licence of the weights"]
    for mapping in ("mct", "mct_v2"):
        settings = seed_settings(backbone=name, mapping=mapping, regularization="none")
        if line["`mct`, `mct_v2`"] == "yes":
            create_seed_network(settings, 2)
        else:
            with pytest.raises(InputError, match=f"repeat the class token, and '{name}' has"):
                create_seed_network(settings, 2)


@named(CNNS)
def test_cnns_are_as_the_page_says(line):
    backbone = create_backbone(line["example"].strip("`"), None, output_stride=8)
    assert backbone.kind == "cnn" and str(backbone.stride) == line["stride"]
    assert line["`aa`"] == ("yes" if backbone.has_drop_path else "no") and mean_of(backbone) == line["mean of images"]


@named(REFUSED)
def test_refused_ones_are_refused_for_the_reason_on_the_page(line):
    with pytest.raises(InputError, match=line["why"]):
        create_backbone(line["example"].strip("`"), None)


def test_mit_is_not_in_timm():
    with pytest.raises(InputError, match="no network"):
        create_backbone("mit_b1", None)
