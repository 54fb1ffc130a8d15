"""Figures: pictures of images, plots of numbers, and the page about a data set."""
