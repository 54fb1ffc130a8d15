"""README, docs/ and CONTRIBUTING.md say what is there: files, targets, programs and their options."""

import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from paths import REPOSITORY
from program import run_program
from project import Project

from wsss.config import read_params

PAGES = [*sorted(REPOSITORY.glob("*.md")), *sorted((REPOSITORY / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)  # those that name a language hold no commands
INLINE = re.compile(r"`([^`\n]+)`")
RECIPES = (REPOSITORY / "CONTRIBUTING.md").read_text()
# what the commands of CONTRIBUTING.md, own_data.md and use_the_network.md ask for only after a reader has added it
ADDED = ("mine", "mapping=top", "=upside_down", "=linear", "=plain_cnn", "coverage", "segmented/holiday")
MADE_UP = ("WSSS_PHOTOS", "WSSS_WEIGHTS", "WSSS_VOC6", "WSSS_VIT")  # which the plan wants to be there


def text_of(page):
    return page.read_text()


def commands(program):
    """Return {command: page} of every command of a program in the pages, its variables and pipes cut off."""
    found = {}
    for page in PAGES:
        text = text_of(page)
        blocks = [block.replace("\\\n", " ") for language, block in BLOCK.findall(text) if not language]
        lines = [line.split(" #")[0].split("|")[0].split(" > ")[0] for block in blocks for line in block.splitlines()]
        for line in [*lines, *INLINE.findall(BLOCK.sub("", text))]:
            command = re.sub(r"^(\s*\w+=\S+\s+)*", "", line).strip()
            if command.split(" ")[0] == program and len(command.split()) > 1:
                found.setdefault(command, page.name)
    return found


def headings(page):
    """Return the anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_and_image_exists(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), f"{page.name} links to {link}"
        assert not anchor or anchor in headings(target), f"{page.name} links to {link}"


def test_the_readme_is_short_and_leads_to_every_page():
    readme = text_of(REPOSITORY / "README.md")
    assert len(readme.splitlines()) <= 120
    for page in (REPOSITORY / "docs").glob("*.md"):
        assert f"(docs/{page.name})" in readme, f"README.md has no link to docs/{page.name}"


def test_every_snakemake_target_plans(tmp_path):
    """All of them in one dry run, as each start of Snakemake takes seconds; in a copy, as it writes .snakemake."""
    targets = set()
    for command, page in commands("snakemake").items():
        for word in _targets(shlex.split(command)):
            assert re.search(r"[/.]|^(figures|page|tables|claims|paper_figures)$", word), f"{page}: {command}: {word}"
            targets.add(word)
    targets = {target for target in targets if not any(word in target for word in ADDED)}
    assert len(targets) > 15
    project = Project(tmp_path, read_params(REPOSITORY / "params.yaml"))
    made_up = {name: str(tmp_path / name) for name in MADE_UP}
    for path in made_up.values():
        Path(path).mkdir()
    plan = project.snakemake("-n", "--quiet", "all", "--", *sorted(targets), **made_up)
    assert plan.returncode == 0, plan.stdout


def _targets(words):
    """Return the targets of a snakemake command, checking that its options are Snakemake's."""
    words, targets = iter(words[1:]), []
    with_value = {
        "--cores",
        "-R",
        "--resources",
        "--set-resources",
        "--set-threads",
        "--sdm",
        "--report",
        "--workflow-profile",
    }
    for word in words:
        if word in with_value:
            next(words)
        elif word.startswith("-"):
            assert word in {"-n", "--keep-going", "--", "--rulegraph", "--forceall", "--lint", "--unlock", "..."}, (
                f"snakemake has no option {word}"
            )
        elif word != "...":
            targets.append(word)
    return targets


@cache
def help_of(program):
    """Return the options of a stage's program."""
    done = run_program(Path(program).stem, "--help")
    assert done.returncode == 0, done.stderr
    return set(re.findall(r"--[\w-]+", done.stdout))


def test_every_program_has_the_options_that_are_shown():
    stages = [shlex.split(command) for command in commands("python") if " stages/" in command]
    assert stages
    for _, program, *words in stages:
        if f"Write `{program}`:" not in RECIPES:
            assert {word for word in words if word.startswith("--")} <= help_of(program), (program, words)


def test_every_module_that_is_run_exists():
    modules = {command.split()[2] for command in commands("python") if command.split()[1] == "-m"}
    assert modules
    for module in modules:
        path = REPOSITORY / Path(*module.split("."))
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


def test_every_make_target_is_one():
    targets = set(re.findall(r"^([\w-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    asked = {command.split()[1] for command in commands("make")}
    assert {"run", "test"} <= asked <= targets


def test_every_key_that_dvc_sets_is_one():
    for command in commands("dvc"):
        for key in re.findall(r"-S '?([\w.]+)=", command):
            value = read_params(REPOSITORY / "params.yaml")
            for part in key.split("."):
                assert part in value, command
                value = value[part]


def test_every_path_of_the_tree_that_is_named_is_there():
    """Paths in backquotes that begin with a folder of the repository, but for those that recipes write."""
    folders = "wsss|stages|workflow|tests|docs|benchmarks|profiles"
    written = set(re.findall(r"^Write `(.+)`:", RECIPES, re.MULTILINE))
    for page in PAGES:
        for path in re.findall(rf"`((?:{folders})/[\w./-]*)`", text_of(page)):
            assert path in written or (REPOSITORY / path).exists(), f"{page.name} names {path}"
