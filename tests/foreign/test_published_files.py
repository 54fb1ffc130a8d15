"""Files in the structures of published methods mean the label maps that their own evaluations make of them."""

from __future__ import annotations

import numpy as np
import pytest
from paths import REPOSITORY

from wsss.foreign.masks import read_foreign_mask, read_values
from wsss.foreign.numbering import BACKGROUND_IS_ONE, FROM_ONE, FROM_ZERO, of_masks
from wsss.foreign.seed_maps import read_seed_maps

FOLDER = REPOSITORY / "tests/golden/foreign_seeds"
ID, LABELS, SIZE = "2099_000001", [3, 15], (40, 56)
with np.load(FOLDER / "expected_labels.npz") as file:
    EXPECTED = dict(zip(file["names"].tolist(), file["maps"], strict=True))


def label_map(file: str, how: str) -> np.ndarray:
    if how == "argmax":
        return read_foreign_mask(FOLDER / file, LABELS, SIZE, None)
    seed = read_seed_maps(FOLDER / file, LABELS, SIZE, None)
    rule, number = how.split("=")
    background = np.full(SIZE, float(number), np.float32) if rule == "t" else (1 - seed.maps.max(0)) ** float(number)
    winner = np.concatenate([background[None], seed.maps]).argmax(0)
    return np.append(0, seed.classes)[winner]


@pytest.mark.parametrize("name", [name for name in EXPECTED if "|" in name])
def test_maps_of_every_published_structure_give_its_label_map(name):
    differing = (label_map(*name.split("|")) != EXPECTED[name]).sum()
    assert differing <= (2 if name.startswith("clip_es") else 0)


@pytest.mark.parametrize("name", [name for name in EXPECTED if "|" not in name])
def test_masks_of_every_form_give_the_label_map_and_their_labels_tell_the_numbering(name):
    path = FOLDER / name
    values = read_values(path, SIZE)
    numberings = of_masks([(set(np.unique(values).tolist()), LABELS)])
    other = {"masks/background_is_one": BACKGROUND_IS_ONE, "masks/class_from_zero": FROM_ZERO}
    assert numberings == [other.get(path.parent.relative_to(FOLDER).as_posix(), FROM_ONE)]
    if path.stem == ID:
        values = read_foreign_mask(path, LABELS, SIZE, numberings[0])
    assert np.array_equal(values, EXPECTED[name])
