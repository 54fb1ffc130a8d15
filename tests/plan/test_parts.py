"""Which jobs over images a product is made by, and that their number is no parameter of it."""

from pathlib import Path

import pytest
import yaml
from pretended import MAIN, Wildcards, all_made, newer

from wsss.config.stages import OVER_IMAGES
from wsss.errors import InputError
from wsss.plan import Job, Plan, job_of

WILDCARDS = Wildcards(dataset="mini", variant="main")
PARTS = [f"results/mini/main/.parts/masks/{number}-of-3" for number in (1, 2, 3)]


def test_a_product_that_is_not_there_is_gathered_of_parts(plan):
    now = plan(jobs={"over_images": 3})
    assert now.inputs("make_mask", WILDCARDS)["parts"] == PARTS
    words = now.command("results/mini/main/masks", 2)
    assert words[words.index("--parts") + 1 :][:3] == PARTS
    assert now.gathers("make_mask", WILDCARDS) and not now.gathers("train_affinity", WILDCARDS)


def test_a_part_is_made_of_what_the_product_is(plan):
    now = plan(jobs={"over_images": 3})
    of_part = now.inputs("make_mask", Wildcards(dataset="mini", variant="main", part="2-of-3"))
    whole = now.inputs("make_mask", WILDCARDS)
    assert of_part.pop("planned") == ["results/mini/main/.parts/masks/.planned/2-of-3"]
    assert of_part == {name: paths for name, paths in whole.items() if name not in ("parts", "planned")}
    words, of_whole = now.command(PARTS[1], 2), plan(jobs={"over_images": 1}).command("results/mini/main/masks", 2)
    assert words == [
        *of_whole[: of_whole.index("--out")],
        *("--part", "2-of-3", "--out", PARTS[1]),
        *of_whole[of_whole.index("--out") + 2 :],
    ]


@pytest.mark.parametrize("count", [1, 3, 7])
def test_for_a_product_that_is_there_another_number_plans_nothing(plan, count):
    product = all_made(plan())
    now = plan(jobs={"over_images": count})
    assert "parts" not in now.inputs("make_mask", WILDCARDS) and not now.gathers("make_mask", WILDCARDS)
    assert newer(product, now.settle(MAIN))


def test_what_is_asked_for_again_is_made_of_parts_again(plan):
    all_made(plan())
    now = plan(jobs={"over_images": 3})
    for asked in ("make_mask", "results/mini/main/masks", "all"):
        again = Plan(now.experiments, now.tables, forced=lambda asked=asked: [asked])
        assert again.inputs("make_mask", WILDCARDS)["parts"] == PARTS


def test_a_jobs_own_process_gathers_what_is_there(plan):
    """It plans nothing, and would not know whether the product was current before."""
    now = plan(jobs={"over_images": 3})
    of_job = Plan(now.experiments, now.tables, is_main=False)
    assert "--parts" not in of_job.command("results/mini/main/masks", 1)
    for part in PARTS:
        Path(part).mkdir(parents=True)
    assert "--parts" in of_job.command("results/mini/main/masks", 1)


def test_what_is_read_of_another_method_is_not_divided(plan):
    now = plan(jobs={"over_images": 3}, foreign={"theirs": "/theirs"})
    assert not now.parts(Job("make_mask", "mini", "mask.from=theirs"))


@pytest.mark.parametrize("stage", OVER_IMAGES)
def test_a_part_is_found_by_what_it_makes(plan, stage):
    job = Job(stage, "mini", "tau1=2", part="2-of-7")
    assert job_of(plan().product(job)) == job
    assert job_of(Path("results/mini/main/.parts/seed_network/2-of-7")) is None


def test_it_is_for_data_sets_and_not_for_variants(plan):
    with pytest.raises(InputError, match="jobs.over_images: not for a variant"):
        plan().experiments.parameters("mini", "jobs.over_images=3")
    params = yaml.safe_load(Path("params.yaml").read_text())
    assert params["jobs"] == {"over_images": 1}
    assert {name: entry["jobs"]["over_images"] for name, entry in params["datasets"].items() if "jobs" in entry} == {
        **{"voc": 4, "coco": 16}
    }
