"""Data sets: the drawn one, folders in VOC layout, and the prepared form that everything else reads."""
