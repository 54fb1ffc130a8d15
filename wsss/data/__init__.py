"""Data sets: their layouts, the prepared form that everything else reads, and the images of a training."""
