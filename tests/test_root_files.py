"""What is written in several files at the root agrees: requirements, linters, version and licence."""

import re
import tomllib

import yaml
from paths import REPOSITORY


def test_the_conda_environment_pins_the_direct_requirements_as_the_lock_does():
    lock = dict(re.findall(r"^([\w-]+)==(\S+)$", (REPOSITORY / "requirements.lock").read_text().lower(), re.MULTILINE))
    environment = yaml.safe_load((REPOSITORY / "workflow/envs/wsss.yaml").read_text())
    pins = dict(pin.lower().split("==") for pin in environment["dependencies"][-1]["pip"])
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert pins.items() <= lock.items()
    assert set(pins) == set(project["dependencies"])
    extras = project["optional-dependencies"]
    extras.pop("reference")  # what it names needs a compiler, so nobody has to have it
    assert {name.lower() for names in extras.values() for name in names} <= set(lock)


def test_pre_commit_runs_what_make_lint_runs():
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    linters = [part.strip() for line in recipe[1].splitlines() for part in line.split("&&")]
    hooks = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert [hook["entry"] for hook in hooks] == linters


def test_the_citation_has_the_version_and_licence_of_the_package():
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text())
    version = re.search(r'^version = "(.+)"', (REPOSITORY / "pyproject.toml").read_text(), re.MULTILINE)[1]
    assert citation["version"] == version
    assert f"## {version} " in (REPOSITORY / "CHANGELOG.md").read_text()
    assert (REPOSITORY / "LICENSE").read_text().startswith(f"{citation['license']} License")
