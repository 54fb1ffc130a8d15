"""What an error names: the nearest choice, and the first few of many."""

from __future__ import annotations

from wsss.errors import did_you_mean, first_few


def test_nearest_choice_is_named_else_a_short_list():
    assert did_you_mean("tau", ["tau1", "lr"]) == "; did you mean 'tau1'?"
    assert did_you_mean("zzz", ["b", "a"]) == "; choose from a, b"
    assert did_you_mean("zzz", map(str, range(1000))) == did_you_mean("zzz", []) == ""


def test_first_few_names_all_when_they_are_few():
    assert first_few(["a", "b"]) == "a, b"
