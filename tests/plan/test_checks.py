"""What is refused before anything runs."""

import os
from pathlib import Path

import pytest

from wsss.errors import InputError
from wsss.plan.checks import check_no_config, check_place


@pytest.mark.parametrize("folder", ["/a/{b}/c", "/{", "/x}y"])
def test_a_folder_whose_path_has_braces_is_refused(folder):
    with pytest.raises(InputError, match="braces"):
        check_place(Path(folder), Path(folder))


@pytest.mark.parametrize("folder", ["/a b/c", "/it's", "/größe", "/$HOME", "/a;b"])
def test_any_other_folder_will_do(folder):
    check_place(Path(folder), Path(folder))


def test_a_run_from_another_folder_is_refused_with_the_project(tmp_path):
    (tmp_path / "project").mkdir()
    with pytest.raises(InputError, match=r"not the project's folder.*cd .*/project"):
        check_place(tmp_path / "project", tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "project")
    check_place(tmp_path / "project", tmp_path / "link")


@pytest.mark.parametrize("config", [{"tau1": 3}, {"dataset": "mini"}, {"seed": {"tau1": 3}}])
def test_snakemakes_config_is_refused_rather_than_ignored(config):
    with pytest.raises(InputError, match="nothing reads this"):
        check_no_config(config)
    check_no_config({})


@pytest.mark.parametrize("name", [".", ".snakemake", ".snakemake/locks", "results", "data", "logs"])
def test_a_folder_that_this_user_may_not_write_is_refused(tmp_path, monkeypatch, name):
    (tmp_path / name).mkdir(parents=True, exist_ok=True)
    real = os.access  # root may write anywhere
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path / name and real(path, mode))
    with pytest.raises(InputError, match="this user may not write there; work in a clone"):
        check_place(tmp_path, tmp_path)
