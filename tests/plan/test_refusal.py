"""What a run refuses before it begins: targets that nothing makes."""

from __future__ import annotations

import re

import pytest

from wsss.errors import InputError
from wsss.plan.refusal import UnknownTargets, refusals
from wsss.plan.rows import ROWS

UNKNOWN = UnknownTargets(["tables", "figures", "all"], ["table1", "table3", "figure2"], ["mini", "coco"])


@pytest.fixture(autouse=True)
def nothing_made_yet(tmp_path, monkeypatch):
    """A target that is there is not refused, and after `make run` the repository has some of them."""
    monkeypatch.chdir(tmp_path)


def is_unknown(target: str) -> bool:
    return re.fullmatch(UNKNOWN.pattern, target) is not None


@pytest.mark.parametrize(
    ("target", "meant"),
    [
        ("results/mini/main/seed_metrcs.json", "results/mini/main/seed_metrics.json"),
        ("results/mini/mapping=cam,tau1=2/maks", "results/mini/mapping=cam,tau1=2/masks"),
        ("results/coco/maim/val_metrics.json", "results/coco/main/val_metrics.json"),
        ("results/mini_val_miuo.json", "results/mini_val_miou.json"),
        ("results/mini/main/predictions/tset", "results/mini/main/predictions/test"),
        ("results/tables/mini/tabel1.csv", "results/tables/mini/table1.csv"),
        ("tabels", "tables"),
    ],
)
def test_a_target_that_nothing_makes_is_refused_with_the_nearest(target, meant):
    assert is_unknown(target)
    with pytest.raises(InputError, match=f"nothing makes {re.escape(target)}; did you mean {re.escape(meant)}"):
        UNKNOWN.refuse(target)


@pytest.mark.parametrize(
    ("target", "folder"),
    [
        ("results/mini/page/index.html", "results/mini/page"),
        ("results/mini/tau1=2/seeds/0001.npz", "results/mini/tau1=2/seeds"),
        ("results/coco/main/export/seeds/irn/cam/a.npy", "results/coco/main/export/seeds"),
    ],
)
def test_of_what_is_in_a_product_the_product_can_be_asked_for(target, folder):
    assert is_unknown(target)
    with pytest.raises(InputError, match=f"nothing makes {re.escape(target)} alone; it may be in {re.escape(folder)},"):
        UNKNOWN.refuse(target)


def test_what_is_like_nothing_is_refused_too():
    with pytest.raises(InputError, match="README.md says"):
        UNKNOWN.refuse("results/0123456789/9876543210")


def test_all_that_stages_make_is_known():
    values = {"dataset": "any", "variant": "tau1=1,mapping=cam", "split": "test", "name": "table3", "photos": "holiday"}
    values |= {"experiments": "main+tau1=1", "ids": "0001+0002"}
    for row in ROWS.values():
        assert not is_unknown(row.makes.format(**values)), row.makes
    assert not is_unknown("results/tables/mini/table3.png") and not is_unknown("tables")
    assert not is_unknown("data/mini") and not is_unknown("results/mini/main/.planned/seeds")


def test_a_file_that_is_there_needs_no_maker(tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results/network.pth").touch()
    assert UNKNOWN.refuse("results/network.pth") == []


def test_a_refusal_is_one_sentence_and_ends_the_process(capsys):
    with pytest.raises(SystemExit) as ended, refusals():
        raise InputError("seed.tau1: no")
    assert ended.value.code == 1
    assert capsys.readouterr().err == "error: seed.tau1: no\n"
