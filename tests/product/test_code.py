"""Which changes of a text change what it means."""

import sys
from pathlib import Path

import pytest

from wsss.product import code
from wsss.product.code import changed_code, loaded_code, meaning_of

SOURCE = '"""A module."""\n\ndef double(x: int) -> int:\n    """Return twice x."""\n    return 2 * x  # a product\n'


@pytest.mark.parametrize(
    "other",
    [
        SOURCE.replace("  # a product", ""),
        SOURCE.replace("Return twice x.", "Twice."),
        SOURCE.replace("\n\n", "\n\n\n\n"),
        SOURCE.replace("2 * x", "(2  *\n    x)"),
        SOURCE.replace('"""A module."""', ""),
    ],
    ids=["comment", "docstring", "blank lines", "brackets", "no docstring"],
)
def test_what_is_for_readers_does_not_count(other):
    assert other != SOURCE and meaning_of(other) == meaning_of(SOURCE)


@pytest.mark.parametrize("other", [SOURCE.replace("2", "3"), SOURCE.replace("int:", "float:"), SOURCE + "y = 1\n"])
def test_what_is_computed_counts(other):
    assert meaning_of(other) != meaning_of(SOURCE)


def test_a_text_alone_in_a_function_is_its_docstring_and_one_further_down_is_none():
    assert meaning_of('def f():\n    return "a"') != meaning_of('def f():\n    return "b"')


def test_code_is_that_of_what_is_loaded_and_of_the_program_but_not_what_is_around(tmp_path):
    program = tmp_path / "train.py"
    program.write_text("print(1)\n")
    loaded = loaded_code(program)
    assert "program" in loaded and "wsss.files" in loaded
    assert not any(name.startswith(("wsss.config", "wsss.product", "wsss.errors")) for name in loaded)
    assert set(loaded) - {"program"} <= set(sys.modules)


def test_changed_modules_are_named_and_so_are_those_that_are_gone(tmp_path):
    program = tmp_path / "train.py"
    program.write_text("print(1)\n")
    recorded = {name: digest for name, digest in loaded_code(program).items() if name in ("program", "wsss.files")}
    recorded |= {"wsss.files": "another", "wsss.was_there": "x", "wsss.gone.one": "x"}
    program.write_text("print(1)  # still\n")
    code._digest.cache_clear()
    assert set(changed_code(recorded, program)) == {"wsss.files", "wsss.was_there", "wsss.gone.one"}
    program.write_text("print(2)\n")
    code._digest.cache_clear()
    assert "train" in changed_code(recorded, program)
    assert changed_code({"program": "x"}, Path("nowhere.py")) == ["nowhere"]
