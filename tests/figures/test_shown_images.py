"""Which images figures show."""

import numpy as np

from wsss.figures.shown_images import choose_images


def test_the_chosen_images_show_all_classes_if_that_is_possible():
    labels = np.array([[1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1]])
    assert choose_images(labels, 2) == [3, 4]
    assert choose_images(labels, 4) == [0, 2, 3, 4]  # all after three; image 3 begins anew
    assert choose_images(labels, 99) == [0, 1, 2, 3, 4, 5]


def test_the_chosen_images_are_the_first_ones_that_add_a_class():
    labels = np.repeat(np.eye(3, dtype=np.uint8), 5, axis=0)
    assert choose_images(labels, 3) == [0, 5, 10]
    assert choose_images(labels, 4) == [0, 1, 5, 10]


def test_images_without_labels_are_chosen_in_order():
    assert choose_images(np.zeros((5, 3), np.uint8), 2) == [0, 1]
