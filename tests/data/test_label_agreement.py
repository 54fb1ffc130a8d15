"""Labels held against masks: what people get wrong when they number classes is found before anything trains."""

from __future__ import annotations

import numpy as np
import pytest
from small import write_dataset

from wsss.data.label_agreement import check_labels_against_masks
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.files import VOID, write_mask


def remade(dataset: PreparedDataset, change, only: tuple[str, ...] = ()) -> PreparedDataset:
    """Write what `change` makes of every mask, or of those named."""
    for name in only or dataset.split("train"):
        write_mask(dataset.root / "masks" / f"{name}.png", change(dataset.mask(name).copy()))
    return PreparedDataset(dataset.root)


def numbered(*numbers: int):
    """Return what gives the numbers 0, 1, 2, 3 others."""
    table = np.full(256, VOID, np.uint8)
    table[: len(numbers)] = numbers
    return lambda mask: table[mask]


@pytest.fixture
def dataset(tmp_path) -> PreparedDataset:
    """Six images of the classes 1, 2, 3, 1, 2, 3."""
    return write_dataset(tmp_path / "data", (32, 40))


def test_masks_as_labelled_say_nothing(dataset, capsys):
    check_labels_against_masks(dataset, "train", 1)
    assert "warning" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("numbers", "named"),
    [
        ((255, 0, 1, 2), "'class3' (number 3, 2 images)"),  # from 0, background void
        ((3, 0, 1, 2), "go with other labels"),  # from 0, background last
        ((0, 255, 255, 255), "'class1' (number 1, 2 images), 'class2' (number 2, 2 images), 'class3'"),  # 0 and 255
        ((0, 1, 1, 1), "'class2' (number 2, 2 images), 'class3' (number 3, 2 images)"),  # things against background
        ((0, 1, 2, 255), "'class3' (number 3, 2 images)"),  # a class forgotten
        (
            (0, 2, 1, 3),
            "of 2 images labelled 'class1', number 1, the masks of 2 hold number 2, 'class2', and of 0 its own",
        ),
        ((0, 2, 3, 1), "go with other labels"),
    ],
)
def test_numbers_of_another_kind_are_refused(dataset, numbers, named):
    with pytest.raises(InputError, match="masks") as refused:
        check_labels_against_masks(remade(dataset, numbered(*numbers)), "train", 1)
    assert named in str(refused.value)


def test_some_masks_without_their_class_are_a_warning_that_names_them(dataset, capsys):
    check_labels_against_masks(remade(dataset, numbered(0, 255, 255, 255), only=("i0",)), "train", 1)
    said = capsys.readouterr().err
    assert "1 of 6 masks of 'train' lack a class that their image is labelled with" in said and "with: i0\n" in said


def test_a_class_missing_where_only_some_have_masks_is_no_error(dataset):
    for name in ("i2", "i5"):
        (dataset.root / "masks" / f"{name}.png").unlink()
    check_labels_against_masks(PreparedDataset(dataset.root), "train", 1)
