"""Heads of the segmentation network: (channels, classes) to a module that gives logits (B, classes, h, w)."""
