"""Regularisations: what the second view is, with which alpha has to agree (paper, section 4.2 and table 8).

One file each, named in `wsss.config.choices.REGULARIZATIONS`; `base` says what a regularisation is.
"""
