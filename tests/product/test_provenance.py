"""The page that says what made each thing behind a result."""

from pathlib import Path

import pytest

from wsss.product.provenance import provenance_page
from wsss.product.record import Record

SEEDS, NETWORK = Path("results/toy/main/seeds"), Path("results/toy/main/seed_network")


def record(stage: str, **changes) -> Record:
    fields = {"commit": "0123456789ab", "device": "a card", "seconds": 61.5, "images": 100, "images_per_second": 1.63}
    fields |= {"made": "2026-01-02T03:04:05+00:00", "peak_memory_mb": 800.4, "versions": {"python": "3.11.2"}}
    return Record(stage, "toy", {"seed": {"random_seed": 7}}, {}, {}, "x", **(fields | changes))


def page(older_code: str = "", accepted_code: str = "", tuned=None, **changes) -> str:
    records = {SEEDS: record("extract_seed", **changes), NETWORK: record("train_seed", dirty=True)}
    return provenance_page("toy", records, older_code, accepted_code, tuned or {})


def test_a_row_has_what_the_record_says():
    network, seeds = [line for line in page().splitlines() if line.startswith("| results")]
    assert network.startswith(
        f"| {NETWORK} | 2026-01-02T03:04:05+00:00 | 0123456789ab* | a card | 61.5 | 100 | 1.63 | 800 | 7 |"
    )
    assert "| 0123456789ab |" in seeds and seeds.endswith("| 800 |  |")


def test_what_has_no_record_is_said_to_have_none():
    assert f"| {SEEDS} | no record |" in provenance_page("toy", {SEEDS: None}, "", "", {})


def test_what_true_masks_chose_and_on_which():
    assert "## Chosen by true masks\n\nNothing." in page()
    tuned = {Path("m.json"): "10 images of train"}
    assert "- m.json: the score of the background, on 10 images of train" in page(tuned=tuned)


def test_older_and_accepted_code_are_named():
    assert "Nothing that takes hours was made by older code" in page()
    text = page(f"{NETWORK} (wsss.seed.task)", f"{SEEDS} (wsss.crf) by A, today")
    assert f"- {NETWORK} (wsss.seed.task): made by older code" in text
    assert f"- other code, accepted: {SEEDS} (wsss.crf) by A, today" in text


@pytest.mark.parametrize(("other", "lines"), [("3.11.2", 1), ("3.12.0", 2)])
def test_versions_stand_once_or_beside_what_they_made(other, lines):
    text = page(versions={"python": other})
    assert len([line for line in text.split("## Versions")[1].splitlines() if line]) == lines
