"""workflow/scripts/install: which Python it takes, what it says is missing, when it starts anew."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from paths import REPOSITORY

SCRIPT = Path("workflow/scripts/install")
TOOLS = ("bash", "dirname", "env", "grep", "rm", "sed", "touch", "mkdir", "cp", "cat")
# answers what the script asks a Python, makes a .venv that is a copy of itself, and notes down what pip is told
PYTHON = """#!/usr/bin/env bash
case "$*" in
    *version_info*) echo {version} ;;
    *ensurepip*) {venv} ;;
    "-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python && echo {version} >> made
                printf 'executable = %s\\ncommand = %s -m venv %s\\n' "$0" "$0" "$PWD/.venv" > .venv/pyvenv.cfg ;;
    "-m pip"*) echo "$*" >> pip; [[ ! -e offline ]] ;;
esac
"""


class Machine:
    """A project to install at `root`, and a PATH that holds these Pythons and a few tools."""

    def __init__(self, folder: Path) -> None:
        self.root, self.path = folder / "project", folder / "bin"
        (self.root / SCRIPT).parent.mkdir(parents=True)
        self.path.mkdir()
        shutil.copy(REPOSITORY / SCRIPT, self.root / SCRIPT)
        (self.root / "requirements.lock").write_text("numpy==2\npip==26\n")
        (self.root / "pyproject.toml").touch()
        for tool in TOOLS:
            (self.path / tool).symlink_to(shutil.which(tool))
        self.python("git", "")

    def python(self, name: str, version: str, venv: bool = True) -> Path:
        path = self.path / name
        path.write_text(PYTHON.format(version=version, venv="true" if venv else "false"))
        path.chmod(0o755)
        return path

    def install(self, **environment: str) -> subprocess.CompletedProcess:
        variables = {"PATH": str(self.path), **environment}
        return subprocess.run([self.root / SCRIPT], env=variables, capture_output=True, text=True)

    def made(self) -> list[str]:
        """The versions of the Pythons that have made .venv, one after the other."""
        return (self.root / "made").read_text().split()


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path)


def forget_installation(machine: Machine) -> None:
    os.utime(machine.root / ".venv/.installed", (0, 0))  # as if the lock were newer


def test_first_python_that_has_venv_is_taken(machine):
    machine.python("python3.11", "3.11", venv=False)
    machine.python("python3.12", "3.12")
    machine.python("python3.13", "3.13")
    assert machine.install().returncode == 0
    assert machine.made() == ["3.12"]


@pytest.mark.parametrize("version", ["3.10", "3.14"])
def test_python_without_wheels_is_not_taken(machine, version):
    machine.python("python3", version)
    done = machine.install()
    assert done.returncode == 1
    assert "Python 3.11, 3.12 or 3.13" in done.stderr


def test_what_is_missing_is_named_with_its_packages(machine):
    machine.python("python3", "3.13", venv=False)
    (machine.path / "git").unlink()
    done = machine.install()
    assert "venv for Python 3.13, git" in done.stderr
    assert done.stderr.strip().endswith("apt install python3.13-venv git")
    assert not (machine.root / ".venv").exists()


def test_named_python_is_taken_and_then_kept(machine):
    machine.python("python3.11", "3.11")
    later = machine.python("elsewhere", "3.13")
    machine.install(PYTHON=str(later))
    forget_installation(machine)
    machine.install()
    assert machine.made() == ["3.13", "3.13"]


def test_pip_gets_the_lock_and_the_options(machine):
    machine.python("python3", "3.13")
    machine.install(PIP_OPTIONS="--index-url https://index.invalid --pre")
    calls = (machine.root / "pip").read_text().splitlines()
    assert all("--index-url https://index.invalid --pre" in call for call in calls)
    assert [call.split("--pre ")[1] for call in calls] == [
        "pip==26",
        "-r requirements.lock",
        "--no-deps --no-build-isolation -e .",
    ]


def test_second_call_does_nothing(machine):
    machine.python("python3", "3.13")
    machine.install()
    assert machine.install().stdout == ""
    assert machine.made() == ["3.13"]


def test_interrupted_installation_goes_on(machine):
    machine.python("python3", "3.13")
    (machine.root / "offline").touch()
    assert machine.install().returncode != 0
    (machine.root / ".venv/kept").touch()
    (machine.root / "offline").unlink()
    assert machine.install().returncode == 0
    assert (machine.root / ".venv/kept").exists()


def break_python(machine: Machine) -> None:
    (machine.root / ".venv/bin/python").unlink()


def copy_project(machine: Machine) -> None:
    copy = machine.root.with_name("copy")
    shutil.copytree(machine.root, copy)
    machine.root = copy


@pytest.mark.parametrize("change", [break_python, copy_project])
def test_venv_that_would_not_work_here_is_made_anew(machine, change):
    machine.python("python3", "3.13")
    machine.install()
    (machine.root / ".venv/old").touch()
    change(machine)
    assert machine.install().returncode == 0
    assert not (machine.root / ".venv/old").exists()


def test_venv_on_path_is_not_made_of_itself(machine):
    machine.python("python3.11", "3.11")
    machine.install()
    (machine.root / ".venv/bin/python3.11").symlink_to("python")
    forget_installation(machine)
    (machine.root / ".venv/pyvenv.cfg").unlink()  # so it will be made anew
    done = machine.install(PATH=f"{machine.root}/.venv/bin:{machine.path}")
    assert done.returncode == 0, done.stderr
