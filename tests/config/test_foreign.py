"""Names for other methods' folders, and what an experiment with one of them depends on."""

from __future__ import annotations

import pytest
from small import params

from wsss.config import STAGES, blocks_of
from wsss.config.keys import check_params
from wsss.config.resolve import resolve
from wsss.config.stage_variant import stage_variant
from wsss.config.stages import READ, needed_stages, settings_of
from wsss.errors import InputError
from wsss.foreign import numbering

AFTER_SEEDS = ("label_affinity", "train_affinity", "make_mask", "train_segmentation", "predict", "evaluate_val")


def tree(**foreign: object) -> dict:
    return params() | {"foreign": foreign or {"other": "/seeds"}}


def test_a_name_stands_for_a_folder_and_nothing_that_would_make_the_product_is_left():
    parameters = resolve(tree(), "toy", "extract.from=other,extract.flip=false,mask.from=other,mask.beta=4")
    assert parameters.blocks(("extract", "mask")) == {"extract": {"from": "other"}, "mask": {"from": "other"}}
    assert parameters.foreign_path("other")[0].as_posix() == "/seeds"
    with_numbering = tree(other={"folder": "/seeds", "numbering": "class_from_zero"})
    assert resolve(with_numbering, "toy", "mask.from=other").foreign_path("other")[1] == numbering.FROM_ZERO


def test_a_variant_can_take_back_what_a_data_set_reads():
    read = tree()
    read["datasets"]["toy"]["extract"] = {"from": "other"}
    assert resolve(read, "toy", "extract.from=null") == resolve(params(), "toy", "main")


def test_names_that_nobody_says_leave_no_trace():
    for variant in ("main", "mask.beta=4", "segmentation.supervision=ground_truth"):
        one, other = (resolve(content, "toy", variant) for content in (params(), tree()))
        for stage in (*READ, "resolve_params"):
            assert settings_of(stage, one) == settings_of(stage, other)
            assert "from" not in str(settings_of(stage, one)) and "foreign" not in str(settings_of(stage, one))


def test_where_the_folder_lies_is_in_no_setting_and_how_it_counts_is():
    def settings(**foreign: object) -> list[dict]:
        parameters = resolve(tree(**foreign), "toy", "extract.from=other,mask.from=other")
        return [settings_of(stage, parameters) for stage in ("extract_seed", "make_mask", "resolve_params")]

    assert settings(other="/seeds") == settings(other={"folder": "$ELSEWHERE"})
    extract, mask, _ = settings(other={"folder": "/seeds", "numbering": "class_from_one"})
    assert extract["extract"] == mask["mask"] == {"from": {"numbering": "class_from_one"}}
    assert "seed" not in extract and "affinity" not in mask


def test_seeds_of_another_method_depend_on_no_seed_network_and_its_masks_on_nothing_before_them():
    for stage in AFTER_SEEDS:
        assert "seed" in blocks_of(stage, resolve(tree(), "toy", "main"))
        assert "seed" not in blocks_of(stage, resolve(tree(), "toy", "extract.from=other"))
    masks = resolve(tree(), "toy", "mask.from=other")
    assert blocks_of("train_segmentation", masks) == ("data", "mask", "segmentation")
    assert blocks_of("train_affinity", masks) == blocks_of("train_affinity", resolve(tree(), "toy", "main"))
    start = resolve(tree(), "toy", "extract.from=other,segmentation.weights=seed_network,backbone=tiny_cnn")
    assert "seed" in blocks_of("predict", start) and "seed" not in blocks_of("make_mask", start)


def test_no_stage_that_another_method_stands_for_is_needed():
    def left_out(variant: str) -> set[str]:
        return set(STAGES) - needed_stages(resolve(tree(), "toy", variant))

    networks = {"train_seed", "extract_features", "evaluate_labels"}
    affinity = {"label_affinity", "train_affinity"}
    assert left_out("main") == set()
    assert left_out("extract.from=other") == networks
    assert left_out("extract.from=other,mask.from=other") == networks | affinity
    assert left_out("mask.from=other") == networks | affinity | {"extract_seed", "evaluate_seed"}


def test_equal_settings_have_one_name_and_the_backbone_stays_where_it_decides_the_recipe():
    """Of the small params.yaml, CNNs have another recipe: another background of the walk."""
    content = tree()
    variant = "backbone=tiny_cnn,extract.flip=false,extract.from=other,mapping=cam,tau1=7"
    names = {stage: stage_variant(variant, stage, content, "toy") for stage in STAGES}
    assert names["train_seed"] == "backbone=tiny_cnn,mapping=cam"
    assert names["extract_seed"] == names["label_affinity"] == names["evaluate_seed"] == "extract.from=other"
    assert names["make_mask"] == names["predict"] == "backbone=tiny_cnn,extract.from=other"
    assert resolve(content, "toy", names["make_mask"]).mask == resolve(content, "toy", variant).mask
    content["seed"].update(mapping="mct", regularization="none")  # of transformers alone: it goes with no CNN
    assert stage_variant(variant, "extract_seed", content, "toy") == "extract.from=other"
    name = stage_variant(variant, "make_mask", content, "toy")
    assert resolve(content, "toy", name).mask == resolve(content, "toy", variant).mask


@pytest.mark.parametrize("key", ["extract.from", "mask.from"])
def test_a_name_that_is_not_in_the_table_is_refused_with_the_nearest_or_the_line_to_add(key):
    with pytest.raises(InputError, match=rf"^{key}: 'othr' is not under foreign: .* did you mean 'other'"):
        resolve(tree(), "toy", f"{key}=othr")
    with pytest.raises(InputError, match=r"add it: foreign: { mct: /path/to/folder }"):
        resolve(params(), "toy", f"{key}=mct")


@pytest.mark.parametrize("table", [[], False, "/seeds", 0])
def test_what_is_no_table_is_refused(table):
    with pytest.raises(InputError, match="foreign: expected names and folders below it"):
        check_params(params() | {"foreign": table}, "params.yaml")


@pytest.mark.parametrize("name", [["a"], {"a": 1}, 3, True])
def test_what_is_no_name_is_refused(name):
    content = tree()
    content["extract"]["from"] = name
    with pytest.raises(InputError, match=r"^extract\.from: .* is not under foreign"):
        resolve(content, "toy", "main")


@pytest.mark.parametrize("name", ["null", "", "a/b", "a=b", "a,b", "$A", 3])
def test_a_name_that_no_path_can_carry_is_refused(name):
    with pytest.raises(InputError, match=r"params\.yaml: foreign: .* (cannot be|stands for|is not a text)"):
        check_params(params() | {"foreign": {name: "/seeds"}}, "params.yaml")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (3, "foreign.other: expected a folder, not 3"),
        ({"numbering": "class_from_one"}, "foreign.other: expected a folder, not None"),
        ({"folder": "/a", "numbring": "x"}, "unknown key 'numbring'; did you mean 'numbering'"),
        ({"folder": "/a", "numbering": "class_from_on"}, "did you mean 'class_from_one'"),
    ],
)
def test_what_is_no_folder_or_says_something_else_is_refused(entry, message):
    with pytest.raises(InputError) as error:
        check_params(params() | {"foreign": {"other": entry}}, "params.yaml")
    assert message in str(error.value)


@pytest.mark.parametrize(("block", "key"), [("extract", "flip"), ("mask", "log_t")])
def test_a_key_that_makes_the_product_is_missed_unless_it_is_read(block, key):
    content = tree()
    for layer in (content, *content["recipes"].values()):
        layer.get(block, {}).pop(key, None)
    with pytest.raises(InputError, match=f"{block}.*{key} missing"):
        resolve(content, "toy", "main")
    resolve(content, "toy", f"{block}.from=other")
