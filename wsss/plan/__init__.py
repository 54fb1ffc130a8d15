"""Which stages there are, and which of their products need not be made again."""

from wsss.plan.plan import Plan
from wsss.plan.rows import ROWS, Job, job_of

__all__ = ["ROWS", "Job", "Plan", "job_of"]
