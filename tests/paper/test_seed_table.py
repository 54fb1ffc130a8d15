"""What a table of seeds says of the numbers."""

from __future__ import annotations

import pytest
from small import seed_metrics

from wsss.errors import InputError
from wsss.paper.seed_table import markdown, measured_on, records, table_cells, tally
from wsss.paper.table_file import Table

TABLE = Table(
    title="Two",
    rows=[
        {"label": "CAM", "run": "cnn mapping=cam", "paper": {"miou": 50.0}},
        {"label": "CM", "run": "cnn mapping=cm", "paper": {"miou": 52.0}, "baseline": "CAM"},
        {"label": "MIL", "run": "cnn mapping=mil", "paper": {"miou": 29.0}, "baseline": "CAM"},
    ],
)


def test_direction_is_that_of_the_papers_difference_from_the_baseline():
    cells = table_cells(TABLE, {"CAM": seed_metrics(40), "CM": seed_metrics(43), "MIL": seed_metrics(41)})
    assert [(cell.label, cell.direction) for cell in cells] == [("CAM", None), ("CM", "agrees"), ("MIL", "differs")]
    assert cells[1].our_difference.mean == 3 and cells[1].paper_difference == 2
    assert tally(cells) == "1 of 2 agree, 1 differ, 0 undecided"


def test_difference_smaller_than_the_spread_is_undecided():
    cells = table_cells(TABLE, {"CAM": seed_metrics(38, 42), "CM": seed_metrics(41, 43), "MIL": seed_metrics(20, 22)})
    assert [cell.direction for cell in cells] == [None, "undecided", "agrees"]


def test_markdown_names_the_papers_numbers_as_the_papers_and_says_over_how_many_seeds():
    metrics = {"CAM": seed_metrics(38, 42), "CM": seed_metrics(41, 43), "MIL": seed_metrics(20, 22)}
    text = markdown("table8", TABLE, table_cells(TABLE, metrics), "the 12 images of train of toy", 6)
    assert "| row | mIoU, ours | mIoU, paper (VOC train) | against the baseline |" in text
    assert "| CM | 42.0 ± 1.4 | 52.0 | +2.0 ± 3.2 (paper +2.0): undecided |" in text
    assert "| MIL | 21.0 ± 1.4 | 29.0 | -19.0 ± 3.2 (paper -21.0): agrees |" in text
    assert "the 12 images of train of toy; 2 random seeds" in text and "Rows: 3. Trainings: 6." in text


def test_one_seed_is_said_to_have_no_known_spread():
    cells = table_cells(TABLE, {"CAM": seed_metrics(40), "CM": seed_metrics(43), "MIL": seed_metrics(41)})
    assert "of unknown spread" in markdown("table8", TABLE, cells, "x", 3)


def test_rows_of_a_kind_without_a_network_are_left_out_and_named():
    cells = table_cells(TABLE, {"CAM": seed_metrics(40), "CM": seed_metrics(43)})
    text = markdown("table8", TABLE, cells, "x", 2)
    assert [cell.label for cell in cells] == ["CAM", "CM"] and "tables.backbones in params.yaml): MIL" in text


def test_records_have_every_number():
    cells = table_cells(TABLE, {"CAM": seed_metrics(38, 42), "CM": seed_metrics(41, 43), "MIL": seed_metrics(20, 22)})
    record = records("table8", cells)[1]
    assert (record["ours"], record["seeds"], record["paper_voc_train"], record["direction"]) == (42, 2, 52, "undecided")
    assert record["ours_sd"] == pytest.approx(2**0.5, abs=1e-4)
    assert record["ours_minus_baseline_sd"] == pytest.approx(10**0.5, abs=1e-4)


def test_metrics_of_different_images_are_not_put_in_one_table():
    with pytest.raises(InputError, match="different images"):
        measured_on("toy", [*seed_metrics(1), *({**one, "images": 13} for one in seed_metrics(2))])
