"""Layouts: where a data set comes from, each brought into the prepared form (`wsss.data.prepared`).

One file each, named in `wsss.config.choices.LAYOUTS`, with a function `prepare(data, roots, out, threads)`.
"""
