"""A trained network as a folder of its own, for use outside this project: made, described, opened, run."""
