"""What jobs ask for: it follows from the data set and the network, and never from a number typed beside a rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from paths import REPOSITORY

from wsss.config.stages import ON_GPU, OVER_IMAGES
from wsss.plan.resources import _NEEDS, JobResources

VOC, MINI = {"dataset": "voc"}, {"dataset": "mini"}


@pytest.fixture
def asked(plan) -> JobResources:
    return JobResources(plan().experiments)


def test_every_name_is_a_rule_and_no_rule_of_a_stage_says_it_itself():
    rules = "".join(path.read_text() for path in (REPOSITORY / "workflow/rules").glob("*.smk"))
    bodies = dict(re.findall(r"^use rule stage as (\w+) with:\n((?:    .*\n|\n)*)", rules, re.MULTILINE))
    assert set(_NEEDS) <= set(bodies) and set(ON_GPU) <= set(_NEEDS)
    assert not [name for name, body in bodies.items() if re.search("^    (threads|resources):", body, re.MULTILINE)]


def test_stages_on_gpus_and_what_runs_them_ask_for_one_and_no_others_do(asked):
    assert {rule for rule in (*_NEEDS, "val_miou") if asked.gpu(rule, VOC)} == {*ON_GPU, "smoke"}
    part = VOC | {"part": "2-of-4"}
    assert {f"{stage}_part" for stage in OVER_IMAGES if asked.gpu(f"{stage}_part", part)} == {
        *("extract_seed_part", "make_mask_part", "predict_part")
    }


def test_a_part_asks_for_what_the_whole_does_but_for_its_share_of_the_time(asked):
    part = VOC | {"part": "2-of-4"}
    assert asked.mem_mb("extract_seed_part", part, 8) == asked.mem_mb("extract_seed", VOC, 8)
    assert asked.threads("predict_part", part) == asked.threads("predict", VOC)
    assert asked.work("make_mask_part", part, 8) == pytest.approx(asked.work("make_mask", VOC, 8) / 4, rel=1e-3)


def test_who_gathers_parts_asks_for_little(plan):
    gathering = JobResources(plan().experiments, gathers=lambda rule, wildcards: rule == "predict")
    assert (gathering.gpu("predict", VOC), gathering.threads("predict", VOC), gathering.work("predict", VOC, 1)) == (
        0,
        1,
        0,
    )
    assert gathering.gpu("extract_seed", VOC) == 1


def test_tiny_networks_ask_for_none_and_few_cores(asked):
    assert not any(asked.gpu(rule, MINI) for rule in ON_GPU)
    assert asked.gpu("train_seed", MINI | {"variant": "backbone=deit_small_patch16_224"}) == 1
    assert [asked.threads(f"train_{name}", MINI) for name in ("seed", "affinity", "segmentation")] == [1, 2, 2]
    assert asked.threads("train_seed", VOC) == 8


def test_seeds_and_masks_that_are_read_ask_for_none(plan):
    experiments = plan().experiments
    experiments.is_read = lambda stage, dataset, variant: stage != "train_seed"
    asked = JobResources(experiments)
    assert [asked.gpu(rule, VOC) for rule in ("extract_seed", "make_mask", "train_seed")] == [0, 0, 1]


def test_memory_grows_with_cores_and_doubles_with_each_attempt(asked):
    once = asked.mem_mb("label_affinity", VOC, 8)
    assert asked.mem_mb("label_affinity", VOC, 16) > once
    assert [asked.mem_mb("label_affinity", VOC, 8, attempt) for attempt in (2, 3)] == [2 * once, 4 * once]


def test_memory_is_more_than_was_measured(asked):
    """On `mini`, with two cores, in the records of results."""
    measured = {"prepare_data": 680, "train_seed": 940, "extract_seed": 1100, "evaluate_seed": 900}
    assert all(asked.mem_mb(rule, MINI, 1) > megabytes for rule, megabytes in measured.items())


def test_time_follows_images_epochs_and_cores_and_is_more_than_was_measured(asked):
    coco = {"dataset": "coco"}
    for rule in ("train_affinity", "label_affinity", "make_mask", "evaluate_seed", "prepare_data"):
        assert asked.runtime(rule, coco, 8) > asked.runtime(rule, VOC, 8) > 30, rule
    twice = VOC | {"variant": "affinity.epochs=16"}
    assert asked.runtime("train_affinity", twice, 8) > 1.5 * asked.runtime("train_affinity", VOC, 8)
    assert asked.runtime("label_affinity", VOC, 2) > asked.runtime("label_affinity", VOC, 8)
    assert asked.runtime("predict", VOC | {"split": "test"}, 8) < asked.runtime("predict", VOC | {"split": "train"}, 8)
    measured = {"train_seed": 219, "extract_seed": 109, "evaluate_seed": 9, "prepare_data": 28}
    for rule, seconds in measured.items():
        assert asked.runtime(rule, MINI, 1) * 60 > 2 * seconds
    assert asked.runtime("train_seed", VOC, 8, attempt=2) == 2 * asked.runtime("train_seed", VOC, 8)


def test_images_are_counted_where_params_yaml_does_not_say_them_and_guessed_before_they_are_there(plan):
    def minutes() -> int:
        asked = JobResources(plan(datasets={"voc": voc}).experiments)
        return asked.runtime("make_mask", VOC, 8)

    voc = dict(plan().experiments.params["datasets"]["voc"])
    voc["data"] = voc["data"] | {"counts": None}
    guessed = minutes()
    lists = Path("data/voc/splits")
    lists.mkdir(parents=True)
    (lists / "train_aug.txt").write_text("a\n" * 100)
    assert minutes() < guessed


def test_what_nothing_is_known_of_asks_for_little(asked):
    assert (asked.threads("val_miou", VOC), asked.mem_mb("val_miou", VOC, 1), asked.gpu("val_miou", VOC)) == (
        1,
        1000,
        0,
    )
    assert asked.runtime("val_miou", VOC, 1) == 30
