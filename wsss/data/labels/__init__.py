"""Image-level labels as people have them: tables, lists, folders and files of other projects, a file for each form."""

from wsss.data.labels.read import PhotoLabels, read_labels

__all__ = ["PhotoLabels", "read_labels"]
