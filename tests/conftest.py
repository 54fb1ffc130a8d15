"""What holds for every test: one thread each, files with slow tests first, and a line in the end about these."""

import os

import hypothesis
import pytest

os.environ["OMP_NUM_THREADS"] = "1"  # before anything imports torch: one core for each of pytest-xdist's workers
# The same examples in every run; more of them: WSSS_EXAMPLES=10000 pytest tests/adversarial
EXAMPLES = int(os.environ.get("WSSS_EXAMPLES", "300"))
hypothesis.settings.register_profile(
    "all", deadline=None, derandomize="WSSS_EXAMPLES" not in os.environ, max_examples=EXAMPLES
)
hypothesis.settings.load_profile("all")
DESELECTED = pytest.StashKey[int]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have slow tests, or one worker is left with them when the others are done."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_deselected(items: list[pytest.Item]) -> None:
    config = items[0].config
    config.stash[DESELECTED] = config.stash.get(DESELECTED, 0) + len(items)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):  # a worker of pytest-xdist: its controller selects nothing
        session.config.workeroutput["deselected"] = session.config.stash.get(DESELECTED, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object, error: object) -> None:
    node.config.stash[DESELECTED] = getattr(node, "workeroutput", {}).get("deselected", 0)  # each selects the same


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many slow tests were left out, and which of the others took longest."""
    reports = [report for key in ("passed", "failed") for report in terminalreporter.stats.get(key, [])]
    longest = sorted((report for report in reports if report.duration >= 3), key=lambda report: -report.duration)[:10]
    if longest:
        terminalreporter.section("longer than 3 s")
        for report in longest:
            terminalreporter.write_line(f"{report.duration:6.1f} s {report.nodeid}")
    left_out = config.stash.get(DESELECTED, 0)
    others = {"not slow": "make test` runs most of them", "not full": "make test-full` runs them"}
    if left_out and config.option.markexpr in others:
        terminalreporter.write_line(f"{left_out} tests were left out; `{others[config.option.markexpr]}")
