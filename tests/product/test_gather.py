"""What jobs over images have made becomes one product with one record, or nothing does."""

from dataclasses import replace
from pathlib import Path

import pytest

from wsss.errors import InputError
from wsss.product import gather as gathering
from wsss.product.digest import digest_of
from wsss.product.gather import gather
from wsss.product.record import Record, read_record, record_path, write_record

WANTED = Record("predict", "mini", {"predict": 1}, {"split": "val"}, {"network": "a"}, None)


@pytest.fixture
def parts(tmp_path) -> list[Path]:
    """Three parts of six images."""
    found = []
    for number in (1, 2, 3):
        part = tmp_path / f"results/mini/main/.parts/predictions/val/{number}-of-3"
        part.mkdir(parents=True)
        for image in (2 * number - 1, 2 * number):
            (part / f"{image}.png").write_text(f"mask {image}")
        made = replace(
            WANTED, options={"split": "val", "part": part.name}, product=digest_of(part), seconds=number, images=2
        )
        measured = {"loop_seconds": 1.5, "threads": number, "precision": "float32", "background": "auto, 0.4"}
        write_record(part, replace(made, code={"wsss.files": "1"}, peak_memory_mb=100 * number, measured=measured))
        found.append(part)
    return found


def test_all_files_are_there_once_and_the_parts_are_gone(parts, tmp_path):
    out = tmp_path / "results/mini/main/predictions/val"
    places = {file.name: file.stat().st_ino for part in parts for file in part.iterdir()}
    gather(parts, out, WANTED)
    assert {file.name: file.stat().st_ino for file in out.iterdir()} == places  # no copies
    assert not (tmp_path / "results/mini/main/.parts").exists()


def test_the_record_is_that_of_one_job_but_for_what_it_took(parts, tmp_path):
    out = tmp_path / "results/mini/main/predictions/val"
    gather(parts, out, WANTED)
    record = read_record(out)
    assert record.asks_for(WANTED) and record.product == digest_of(out) and record.code == {"wsss.files": "1"}
    assert (record.seconds, record.images, record.images_per_second, record.peak_memory_mb) == (6, 6, 1.0, 300)
    measured = {"loop_seconds": 4.5, "threads": 3, "precision": "float32", "background": "auto, 0.4"}
    assert record.measured == {"jobs": 3} | measured


def test_without_hard_links_files_are_moved(parts, tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError("no hard links here")

    monkeypatch.setattr(gathering.os, "link", refuse)
    gather(parts, tmp_path / "out", WANTED)
    assert len(list((tmp_path / "out").iterdir())) == 6


@pytest.mark.parametrize("spoil", ["gone", "cut", "other settings", "other code", "one is missing"])
def test_nothing_is_made_of_parts_that_do_not_belong_together(parts, tmp_path, spoil):
    record = read_record(parts[1])
    if spoil == "gone":
        record_path(parts[1]).unlink()
    elif spoil == "cut":
        (parts[1] / "3.png").write_text("mas")
    elif spoil == "other settings":
        write_record(parts[1], replace(record, settings={"predict": 2}))
    elif spoil == "other code":
        write_record(parts[1], replace(record, code={"wsss.files": "2"}))
    given = parts[:2] if spoil == "one is missing" else parts
    with pytest.raises(InputError, match="2-of-3"):
        gather(given, tmp_path / "out", WANTED)
    assert not (tmp_path / "out").exists() and all(part.exists() for part in parts)
