"""Training: one loop for every network, its optimiser, its checkpoints, and several processes that do it together."""
