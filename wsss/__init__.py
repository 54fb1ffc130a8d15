"""Weakly supervised semantic segmentation from image-level labels: the mathematics behind `stages/`."""

__version__ = "0.1.0"
