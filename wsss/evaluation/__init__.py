"""Evaluation: how well seeds and masks agree with the true masks."""
