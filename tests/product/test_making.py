"""Products that are there already: what ends a stage at once, and what does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small import params

from wsss.config.resolve import resolve
from wsss.product.kept import keep, kept_path, kept_record, versions
from wsss.product.making import finish, is_there, wanted_record
from wsss.product.options import paths_of
from wsss.product.record import read_record, record_path


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("data").mkdir()
    Path("data/a").write_text("x")
    Path("stage.py").write_text("print(1)\n")


PROGRAM = Path("stage.py")


def wanted(stage: str = "extract_seed", **overrides):
    options = {"data": Path("data"), "parameters": resolve(params(), "toy", overrides), "out": Path("out")}
    return wanted_record(stage, options)


def make(content: str = "made", stage: str = "extract_seed", **overrides) -> Path:
    product = Path("out/seeds")
    shutil.rmtree(product, ignore_errors=True)
    product.mkdir(parents=True)
    (product / "file").write_text(content)
    finish(product, wanted(stage, **overrides), PROGRAM, seconds=2.5)
    return product


def test_made_of_the_same_it_is_there_and_of_another_it_is_not():
    product = make()
    assert is_there(product, wanted(), PROGRAM)
    assert not is_there(product, wanted(**{"extract.scales": [1.0]}), PROGRAM)
    Path("data/a").write_text("y")
    assert not is_there(product, wanted(), PROGRAM)


def test_deleted_by_a_planner_it_comes_back_without_being_copied():
    product = make()
    inode = (product / "file").stat().st_ino
    shutil.rmtree(product)
    record_path(product).unlink()
    assert is_there(product, wanted(), PROGRAM)
    assert (product / "file").stat().st_ino == inode and read_record(product) == kept_record(product, wanted())


def test_what_was_kept_for_another_does_not_come_back():
    product = make()
    shutil.rmtree(product)
    assert not is_there(product, wanted(**{"extract.scales": [1.0]}), PROGRAM) and not product.exists()


def test_a_product_drawn_over_or_kept_in_part_is_not_believed():
    product = make()
    (product / "file").unlink()
    (product / "file").write_text("drawn over")
    kept = kept_path(product, wanted())
    (kept / "file").unlink()
    (kept / "file").write_text("and this")
    assert not is_there(product, wanted(), PROGRAM)


def test_the_second_name_is_of_the_last_that_was_made():
    product = make("first")
    make("second")
    shutil.rmtree(product)
    assert is_there(product, wanted(), PROGRAM) and (product / "file").read_text() == "second"


def test_a_value_that_is_taken_back_finds_its_product_there():
    make("one", **{"extract.scales": [1.0]})
    product = make("two", **{"extract.scales": [2.0]})
    assert is_there(product, wanted(**{"extract.scales": [1.0]}), PROGRAM)
    assert (product / "file").read_text() == "one"
    assert is_there(product, wanted(**{"extract.scales": [2.0]}), PROGRAM)
    assert (product / "file").read_text() == "two"


def test_the_last_three_are_kept_the_one_last_used_first():
    for scale in (1.0, 2.0, 3.0):
        product = make(str(scale), **{"extract.scales": [scale]})
    assert is_there(product, wanted(**{"extract.scales": [1.0]}), PROGRAM)
    make("4.0", **{"extract.scales": [4.0]})
    assert [(kept / "file").read_text() for kept in versions(product)] == ["4.0", "1.0", "3.0"]
    assert len(list(Path("out/.kept").iterdir())) == 3


def test_a_file_system_without_hard_links_keeps_nothing_and_goes_on(monkeypatch):
    product = make()
    monkeypatch.setattr("os.link", lambda *_, **__: (_ for _ in ()).throw(OSError("no links")))
    keep(product)
    assert kept_record(product, wanted()) is None and is_there(product, wanted(), PROGRAM)


@pytest.mark.parametrize(("stage", "stays"), [("extract_seed", True), ("evaluate_seed", False)])
def test_what_takes_seconds_follows_its_code_what_takes_hours_does_not(stage, stays):
    product = make(stage=stage)
    program = Path("other.py")
    program.write_text("print(2)\n")
    assert is_there(product, wanted(stage), program) == stays


def test_a_record_says_what_it_took():
    record = read_record(make())
    assert (record.stage, record.dataset, record.seconds, record.program) == ("extract_seed", "toy", 2.5, "stage.py")
    assert record.peak_memory_mb > 1 and record.made.startswith("20") and "python" in record.versions
    assert set(record.inputs) == {"data"} and record.parameters["seed"] and "data.splits.train" in record.settings


def test_paths_have_names_that_do_not_say_where_they_lie():
    assert dict(paths_of("seeds", {"CAM": Path("a")})) == {"seeds[CAM]": Path("a")}
    assert dict(paths_of("tables", [Path("a"), Path("b")])) == {"tables[0]": Path("a"), "tables[1]": Path("b")}
    assert dict(paths_of("split", "val")) == {}


def test_archives_count_by_name_as_they_may_be_deleted_once_they_are_unpacked():
    Path("archives").mkdir()
    options = {"parameters": resolve(params(), "toy", {}), "sources": [Path("archives")]}
    before = wanted_record("prepare_data", options)
    Path("archives").rmdir()
    assert wanted_record("prepare_data", options).asks_for(before) and before.inputs["sources[0]"] == "archives"
