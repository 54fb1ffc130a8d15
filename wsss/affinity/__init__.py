"""From seeds to masks: pairwise affinities of positions, what teaches them, and the random walk over them.

Ahn & Kwak, Learning Pixel-level Semantic Affinity with Image-level Supervision (CVPR 2018), "PSA".
"""
