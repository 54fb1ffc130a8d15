"""Mappings: from the network's output to one score per class (paper, section 4.1; eqs. 3, 6, 8 and 10).

One file each, named in `wsss.config.choices.MAPPINGS`; `base` says what a mapping is.
"""
