"""What variants take on disk, and what of it nothing needs."""

from pathlib import Path

from pretended import all_made, made

from wsss.plan import Job
from wsss.plan.needed import needed_products, remove, taken
from wsss.product.kept import versions


def test_main_is_needed_and_a_variant_that_nobody_shows_is_not(plan):
    masks = all_made(plan())
    made(plan(), Job("resolve_params", "mini"))
    other = made(plan(), Job("make_mask", "mini", "mask.beta=4"), "x" * 1000)
    found = taken(plan(), "mini")
    assert masks in needed_products(plan(), "mini") and other not in needed_products(plan(), "mini")
    assert found["main"].removable == [] and found["main"].needed > 0 == found["main"].not_needed
    assert found["mask.beta=4"].removable == [other]
    assert (found["mask.beta=4"].needed, found["mask.beta=4"].not_needed) == (0, 1000)


def test_what_a_table_that_is_there_shows_is_needed(plan):
    now = plan()
    metrics = next(iter(now.options(Job("make_table", "mini", name="table5"))["metrics"].values()))
    assert metrics not in needed_products(now, "mini")
    Path("results/tables/mini").mkdir(parents=True)
    Path("results/tables/mini/table5.md").touch()
    assert metrics in needed_products(plan(), "mini")


def test_what_main_has_exported_and_segmented_is_needed_and_that_of_a_variant_is_not(plan):
    all_made(plan())
    model = made(plan(), Job("export_model", "mini"))
    photos = Path("results/mini/main/segmented/holiday")  # which params.yaml names no more
    photos.mkdir(parents=True)
    other = made(plan(), Job("export_model", "mini", "mask.beta=4"))
    needed = needed_products(plan(), "mini")
    assert {model, photos} <= needed and other not in needed
    assert Path("results/mini/main/seed_model") not in needed


def test_an_earlier_version_counts_apart_and_is_not_needed(plan):
    masks = all_made(plan(mask={"beta": 4}))
    made(plan(mask={"beta": 8}), Job("make_mask", "mini"), "longer")
    found = taken(plan(), "mini")["main"]
    (path,) = found.removable
    assert path in versions(masks) and (path / "file").read_text() == "made"
    assert found.earlier == 4 and found.not_needed == 0


def test_what_is_removed_takes_its_record_and_empty_folder_with_it(plan):
    all_made(plan())
    now = plan()
    other = made(now, Job("evaluate_mask", "mini", "mask.beta=4"))
    now.settle(Job("evaluate_mask", "mini", "mask.beta=4"))
    remove(other)
    assert not Path("results/mini/mask.beta=4").exists() and Path("results/mini/main").exists()


def test_parts_of_a_run_that_was_not_finished_are_not_needed(plan):
    all_made(plan())
    part = made(plan(jobs={"over_images": 3}), Job("make_mask", "mini", "mask.beta=4", part="2-of-3"), "x" * 1000)
    found = taken(plan(), "mini")["mask.beta=4"]
    assert found.removable == [Path("results/mini/mask.beta=4/.parts")] and found.not_needed > 1000
    remove(found.removable[0])
    assert not part.exists() and Path("results/mini/main/masks").exists()
