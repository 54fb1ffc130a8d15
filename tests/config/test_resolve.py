"""params.yaml in layers: which value an experiment gets."""

from __future__ import annotations

import pytest
from paths import REPOSITORY
from small import params

from wsss.config import load_parameters, read_params
from wsss.config.resolve import resolve
from wsss.errors import InputError


def refusal(call, *arguments) -> str:
    with pytest.raises(InputError) as error:
        call(*arguments)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_unknown_data_set_names_the_nearest():
    assert "did you mean 'toy'?" in refusal(resolve, params(), "toi", "main")


def layered(own_kind=None, own=None, base=None, variant="main", backbone="tiny_transformer") -> float:
    tree = params()
    tree["seed"]["backbone"] = backbone
    if base is not None:
        tree["seed"]["tau1"] = base
    if own_kind is not None:
        tree["datasets"]["toy"]["kinds"] = {"transformer": {"seed": {"tau1": own_kind}}}
    if own is not None:
        tree["datasets"]["toy"]["seed"] = {"tau1": own}
    return resolve(tree, "toy", variant).seed.tau1


def test_later_layers_win():
    assert layered() == 1  # kinds
    assert layered(base=2) == 2  # < the blocks
    assert layered(base=2, own_kind=3) == 3  # < the data set's kinds
    assert layered(base=2, own_kind=3, own=4) == 4  # < the data set's blocks
    assert layered(base=2, own_kind=3, own=4, variant="tau1=5") == 5  # < the variant


def test_a_layer_changes_the_keys_that_it_names_and_no_other():
    settings = resolve(params(), "toy", "optimizer.lr=1e-4").seed.optimizer
    assert (settings.lr, settings.name, settings.weight_decay) == (1e-4, "adamw", 0.1)


def test_kind_follows_the_variants_backbone():
    parameters = resolve(params(), "toy", "backbone=resnet50")
    assert (parameters.seed.tau1, parameters.seed.optimizer.name, parameters.extract.scales) == (50, "sgd", [1.0, 0.5])


def test_kind_follows_the_data_sets_backbone():
    parameters = resolve(params(), "own", "main")
    assert (parameters.seed.tau1, parameters.seed.epochs, parameters.extract.patch_affinity) == (20, 7, False)


def test_resolving_leaves_params_as_they_were():
    tree = params()
    resolve(tree, "own", "optimizer.lr=0.5,extract.scales=1+2")
    assert tree == params()


def test_parameters_without_effect_are_null():
    seed = resolve(params(), "toy", "mapping=cam,regularization=none").seed
    assert (seed.tau1, seed.tau2, seed.schedule, seed.schedule_momentum, seed.regularization_weight) == (None,) * 5
    assert resolve(params(), "toy", "schedule=linear").seed.schedule_momentum is None


@pytest.mark.parametrize(
    ("regularization", "kept"),
    [
        ("gt", {"gt_scale", "tau2", "regularization_weight", "agreement"}),
        ("oaa", {"oaa_resolution", "tau2", "regularization_weight"}),
        ("none", set()),
    ],
)
def test_each_regularization_keeps_what_it_reads_and_forgets_the_rest(regularization, kept):
    seed = resolve(params(), "toy", f"regularization={regularization}").seed
    ours = {"gt_scale", "oaa_resolution", "tau2", "regularization_weight", "ema_decay", "schedule", "schedule_momentum"}
    ours |= {"agreement", "teacher_drop_path", "drop_path_low", "drop_path_high", "dropout_low", "dropout_high"}
    assert {key for key in ours if getattr(seed, key) is not None} == kept


def test_blocks_as_plain_values_give_the_parameters_back():
    parameters = resolve(params(), "toy", "main")
    expected = {"background": "power", "background_alpha": 16.0, "beta": 8.0, "log_t": 2}
    assert parameters.blocks(("mask",)) == {"mask": expected}


def test_the_projects_params_resolve_for_every_data_set_and_kind():
    for dataset in read_params(REPOSITORY / "params.yaml")["datasets"]:
        for variant in ("main", "backbone=tiny_cnn", "backbone=deit_small_patch16_224", "mapping=cam"):
            assert load_parameters(REPOSITORY / "params.yaml", dataset, variant).dataset == dataset


def test_a_key_without_effect_is_no_part_of_what_is_recorded_and_compared():
    parameters = resolve(params(), "toy", "mapping=cam,regularization=none,predict.crf=null")
    assert parameters.seed.tau1 is None and parameters.predict.crf is None
    assert not {"tau1", "schedule"} & set(parameters.blocks(("seed",))["seed"])
    assert "crf" not in parameters.plain()["predict"] and "scales" in parameters.plain()["predict"]


def recipe_of(variant="main", dataset="toy", own=None, own_kind=None, base=None) -> str:
    """Return the normalisation of seeds, which tells the recipes of the small params.yaml apart."""
    tree = params()
    for place, name in ((tree["datasets"][dataset], own), (tree, base)):
        if name is not None:
            place["recipe"] = name
    if own_kind is not None:
        tree["datasets"][dataset]["kinds"] = {"transformer": {"recipe": own_kind}}
    return {"max": "psa", "min_max": "mctformer"}[resolve(tree, dataset, variant).extract.normalize]


def test_the_recipe_follows_the_kind_and_a_word_chooses_another():
    assert recipe_of() == "psa"
    assert recipe_of("backbone=tiny_cnn") == recipe_of(dataset="own") == "mctformer"
    assert recipe_of("recipe=mctformer") == "mctformer"
    assert recipe_of("backbone=tiny_cnn,recipe=psa") == "psa"


def test_a_recipe_is_chosen_in_the_same_layers_as_a_value():
    assert recipe_of(base="mctformer") == "mctformer"
    assert recipe_of(base="mctformer", own_kind="psa") == "psa"
    assert recipe_of(base="psa", own_kind="psa", own="mctformer") == "mctformer"
    assert recipe_of("recipe=psa", own="mctformer") == "psa"


def test_a_recipe_gives_way_to_the_blocks_data_sets_and_variants():
    tree = params()
    tree["recipes"]["psa"]["affinity"] = {"epochs": 9, "batch_size": 9}
    assert resolve(tree, "toy", "main").affinity.epochs == 1  # of the block
    del tree["affinity"]["epochs"], tree["affinity"]["batch_size"]
    tree["datasets"]["toy"]["affinity"] = {"batch_size": 3}
    affinity = resolve(tree, "toy", "main").affinity
    assert (affinity.epochs, affinity.batch_size) == (9, 3)
    assert resolve(tree, "toy", "affinity.epochs=4").affinity.epochs == 4


def test_unknown_recipe_names_the_nearest():
    message = refusal(resolve, params(), "toy", "recipe=mctfomer")
    assert message.startswith("recipe: 'mctfomer' is not under recipes:") and "did you mean 'mctformer'?" in message


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("mask.background=power", {"background_alpha": 16.0}),
        ("mask.background=constant", {"background_score": 0.39}),
        ("mask.background=irn", {"irn_score": 0.25}),
        ("mask.background=best", {}),
        ("mask.background=auto", {"foreground_share": 0.25}),
    ],
)
def test_each_background_keeps_the_number_that_it_takes(variant, expected):
    mask = resolve(params(), "toy", variant).blocks(("mask",))["mask"]
    assert mask == {"background": variant.partition("=")[2], "beta": 8.0, "log_t": 2, **expected}


def test_each_way_to_labels_keeps_what_it_reads():
    tree = params()
    tree["affinity_labels"] |= {"confidence_alpha": 1, "confidence": 0.95}
    agreement, confidence = (
        resolve(tree, "toy", f"affinity_labels.labels={name}").affinity_labels for name in ("agreement", "confidence")
    )
    assert (agreement.low_alpha, agreement.confidence) == (4, None)
    assert (confidence.low_alpha, confidence.high_alpha, confidence.confidence) == (None, None, 0.95)


@pytest.mark.parametrize(("radius", "stride", "least"), [(5, 4, 33), (5, 8, 65), (3, 4, 17), (2, 16, 33)])
def test_crops_without_a_pair_are_refused(radius, stride, least):
    from wsss.affinity.pairs import pair_indices

    def given(crop: int) -> dict:
        return {"affinity.radius": radius, "affinity.stride": stride, "affinity.augmentation.crop_size": crop}

    with pytest.raises(InputError, match=f"crop_size: {least - 1} pixels hold no pair .* give {least} or more"):
        resolve(params(), "toy", given(least - 1))
    assert resolve(params(), "toy", given(least)).affinity.radius == radius
    for crop, some in ((least - 1, False), (least, True)):
        cells = -(-crop // stride)
        assert bool(len(pair_indices(cells, cells, radius)[0])) == some
