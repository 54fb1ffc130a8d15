"""Which stages there are, and which of their products need not be made again."""

from wsss.plan.job import Job
from wsss.plan.plan import Plan
from wsss.plan.rows import ROWS, job_of

__all__ = ["ROWS", "Job", "Plan", "job_of"]
