"""Products of older code that somebody accepts as they are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from paths import REPOSITORY
from pretended import MAIN, all_made, newer

from wsss.product.kept import kept_record
from wsss.product.record import read_record

SCRIPT = REPOSITORY / "workflow/scripts/accept_code.py"


def accept(tmp_path: Path, *products: str) -> subprocess.CompletedProcess:
    (tmp_path / "gitconfig").write_text("[user]\n    name = Ada\n")
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig")}
    return subprocess.run([sys.executable, SCRIPT, *products], capture_output=True, text=True, env=environment)


@pytest.fixture
def older(plan):
    """The masks, made by a program that has changed since."""
    product = all_made(plan())
    path = Path(f"{product}.run.json")
    path.write_text(path.read_text().replace(read_record(product).code["program"], "0" * 32))
    assert plan().older([product])
    return product


@pytest.mark.parametrize("by_name", [True, False])
def test_accepted_code_is_not_named_again_and_the_record_says_who(older, plan, tmp_path, by_name):
    done = accept(tmp_path, *([str(older)] if by_name else []))
    assert done.returncode == 0 and f"{older}: accepted, though make_mask changed" in done.stdout, done.stderr
    record = read_record(older)
    assert record.accepted["by"] == "Ada" and set(record.accepted["code"]) == {"program"}
    assert record.code["program"] == "0" * 32 and kept_record(older, record) == record
    assert not plan().older([older])
    assert newer(older, plan().settle(MAIN))


def test_a_later_change_is_named_again(older, plan, tmp_path):
    accept(tmp_path)
    path = Path(f"{older}.run.json")
    path.write_text(path.read_text().replace(read_record(older).accepted["code"]["program"], "1" * 32))
    assert plan().older([older]) == {older: ["make_mask"]}


def test_without_a_record_there_is_nothing_to_accept(tmp_path, plan):
    plan()
    done = accept(tmp_path, "results/nothing")
    assert done.returncode == 1 and "results/nothing: there is no record beside it" in done.stderr
