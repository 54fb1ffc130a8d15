"""The page of a result: its numbers, classes, images, curves and origin as static files that open from disk."""
