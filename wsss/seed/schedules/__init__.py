"""Schedules of the student's adjustment: rate = low + (high - low) * t, with t in [0, 1] (paper, section 4.2)."""
