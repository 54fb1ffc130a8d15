"""What holds for every test."""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported: one core a worker, and sums that no machine rounds otherwise
