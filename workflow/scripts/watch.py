"""Follow what the running stages write to their logs, until Ctrl-C.

python workflow/scripts/watch.py [--logs logs]

A stage is named where its lines follow another's. The curve of a training so far lies beside its checkpoint:
results/mini/main/.seed_network.curve.csv.
"""

import argparse
import contextlib
import sys
import time
from pathlib import Path

from wsss.follow import Follower

_EVERY = 1.0  # seconds


def main() -> None:
    """Follow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logs", type=Path, default=Path("logs"), help="the folder of the logs")
    follower = Follower(parser.parse_args().logs)
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            sys.stdout.write(follower.new())
            sys.stdout.flush()
            time.sleep(_EVERY)


if __name__ == "__main__":
    main()
