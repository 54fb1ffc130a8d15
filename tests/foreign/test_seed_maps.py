"""What a foreign file of maps is held against: classes, sizes, values."""

from __future__ import annotations

import numpy as np
import pytest

from wsss.errors import InputError
from wsss.foreign.numbering import FROM_ONE, FROM_ZERO
from wsss.foreign.seed_maps import read_seed_maps


def refusal(call, *arguments) -> str:
    with pytest.raises(InputError) as error:
        call(*arguments)
    return str(error.value)


SIZE = (10, 13)


def written(tmp_path, found):
    np.save(tmp_path / "a.npy", found, allow_pickle=True)
    return tmp_path / "a.npy"


def flat(value=0.5, size=SIZE):
    return np.full(size, value, np.float32)


@pytest.mark.parametrize(
    ("keys", "labels", "numbering"),
    [([0, 1], [1, 2], FROM_ZERO), ([1, 2], [1, 2], FROM_ONE), ([0, 1, 2], [1, 2], FROM_ONE), ([0, 1], [1], FROM_ONE)],
)
def test_the_labels_tell_how_the_keys_count_and_which_map_is_the_background(tmp_path, keys, labels, numbering):
    path = written(tmp_path, {key: flat(key / 10) for key in reversed(keys)})
    seed = read_seed_maps(path, labels, SIZE, None)
    assert (seed.classes.tolist(), seed.numbering) == (labels, numbering)
    assert np.allclose(seed.maps[:, 0, 0], [(c - (numbering == FROM_ZERO)) / 10 for c in labels])
    assert (seed.background is not None) == (numbering == FROM_ONE and 0 in keys)


def test_an_image_without_a_class_has_no_map(tmp_path):
    for found in ({}, {"keys": np.zeros(0, np.int64), "cam": np.zeros((0, 3, 4), np.float32)}):
        assert read_seed_maps(written(tmp_path, found), [], SIZE, FROM_ZERO).maps.shape == (0, *SIZE)


def test_negative_values_are_none_at_all_and_a_map_may_have_a_quarter_of_the_size(tmp_path):
    small = {"keys": np.array([1]), "cam": flat(-0.25, (1, 3, 4))}
    assert (read_seed_maps(written(tmp_path, small), [2], SIZE, None).maps == np.zeros((1, 3, 4))).all()


@pytest.mark.parametrize(
    ("found", "numbering", "cause"),
    [
        ({0: flat(), 4: flat()}, None, "labelled [2]"),  # more classes than labels
        ({}, None, "maps of the keys []"),
        ({2: flat()}, FROM_ZERO, "it is class_from_one"),
        ({1: flat(size=(13, 10))}, None, "transposed"),
        ({1: flat(size=(11, 13))}, None, "another photo"),
        ({1: flat(np.nan)}, None, "NaN"),
        ({1: flat(7)}, None, "up to 7"),
        ({1: flat().astype(str)}, None, "not numbers"),
        ({"bird": flat()}, None, "'bird' is no key"),
        ({"keys": np.array([1]), "maps": flat()[None]}, None, "none of high_res"),
        ({"keys": np.array([1, 2]), "cam": flat()[None]}, None, "2 keys"),
        ({"keys": np.array([1, 1]), "cam": np.stack([flat()] * 2)}, None, "twice"),
    ],
)
def test_what_does_not_fit_is_refused_with_file_and_cause(tmp_path, found, numbering, cause):
    message = refusal(read_seed_maps, written(tmp_path, found), [2], SIZE, numbering)
    assert message.startswith(f"{tmp_path}/a.npy: ") and cause in message
