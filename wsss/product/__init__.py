"""What a stage made, of what and by which code; and how it outlives a planner that deletes before it asks."""
