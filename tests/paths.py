"""Where things are that tests read."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
GOLDEN = REPOSITORY / "tests" / "golden"  # values and files of the published programs, and samples of their formats
