"""Digests: of content, wherever it lies and whenever it was written."""

import json
import os
from pathlib import Path

import pytest

from wsss.product import digest
from wsss.product.digest import digest_of, digest_of_values


@pytest.fixture(autouse=True)
def memory(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def folder(root: Path, **files: str) -> Path:
    for name, content in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def test_a_folder_is_its_names_and_contents_and_nothing_else(tmp_path):
    one = folder(tmp_path / "one", a="x", sub__b="y")
    two = folder(tmp_path / "elsewhere/two", sub__b="y", a="x")
    os.utime(two / "a", (5, 5))
    (two / ".snakemake_timestamp").touch()
    assert digest_of(one) == digest_of(two)
    for other in (
        {"a": "y", "sub__b": "y"},
        {"a": "x", "sub__c": "y"},
        {"a": "x"},
        {"a": "x", "b": "y"},
        {"a": "xy", "sub__b": ""},
    ):
        assert digest_of(folder(tmp_path / digest_of_values(other), **other)) != digest_of(one)


def test_a_link_counts_by_what_it_leads_to(tmp_path):
    one = folder(tmp_path / "one", a="x")
    (tmp_path / "two").mkdir()
    (tmp_path / "two/a").symlink_to(one / "a")
    assert digest_of(tmp_path / "two") == digest_of(one)


def test_what_is_not_there_has_none_and_an_empty_folder_has_one(tmp_path):
    (tmp_path / "empty").mkdir()
    assert digest_of(tmp_path / "nothing") is None and digest_of(tmp_path / "empty") is not None


def test_what_was_read_once_is_not_read_again_until_its_time_or_size_changes(tmp_path, monkeypatch):
    one = folder(tmp_path / "one", a="x")
    first = digest_of(one)
    read = []
    content = digest._content
    monkeypatch.setattr(digest, "_content", lambda path: read.append(path) or content(path))
    assert digest_of(one) == first and read == []
    (one / "a").write_text("z")
    assert digest_of(one) != first and len(read) == 1


@pytest.mark.parametrize("broken", ["", "[]", "{}", '{"state": 3}'])
def test_a_broken_memory_is_made_anew(tmp_path, broken):
    one = folder(tmp_path / "one", a="x")
    first = digest_of(one)
    (memory,) = (tmp_path / "cache/wsss/digests").iterdir()
    memory.write_text(broken)
    assert digest_of(one) == first and json.loads(memory.read_text())["digest"] == first


def test_without_a_place_for_its_memory_it_reads(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert digest_of(folder(tmp_path / "one", a="x")) == digest_of(tmp_path / "one")
