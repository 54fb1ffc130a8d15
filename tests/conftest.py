"""What holds for every test."""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before anything imports torch: one core for each of pytest-xdist's workers
