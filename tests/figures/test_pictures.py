"""Photos under masks, heat maps and feature maps, in grids: by what is in them."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from wsss.figures.pictures import Panel, feature_map, heat_map, image_grid, image_panels, mask_overlay
from wsss.files import VOID

GREY = np.full((40, 40, 3), 100, np.uint8)


def test_an_overlay_blends_class_colours_and_leaves_the_background():
    mask = np.zeros((40, 40), np.uint8)
    mask[:10], mask[20:30] = 1, 15
    picture = mask_overlay(GREY, mask, opacity=0.5)
    assert picture[5, 20].tolist() == [114, 50, 50]  # half of VOC's (128, 0, 0)
    assert picture[25, 20].tolist() == [146, 114, 114]  # half of VOC's (192, 128, 128)
    assert (picture[12:18] == 100).all() and (picture[32:] == 100).all()


def test_an_overlay_outlines_regions_in_white_on_their_inside():
    mask = np.zeros((40, 40), np.uint8)
    mask[10:20, 10:20] = 3
    white = (mask_overlay(GREY, mask) == 255).all(-1)
    inside = np.zeros((40, 40), bool)
    inside[10:20, 10:20] = True
    inside[11:19, 11:19] = False
    assert np.array_equal(white, inside)


def test_void_is_hatched_in_white_wherever_it_is():
    mask = np.zeros((40, 40), np.uint8)
    mask[20:] = VOID
    picture = mask_overlay(GREY, mask)
    white = (picture == 255).all(-1)
    assert 0.4 < white[20:].mean() < 0.6 and not white[:20].any()
    assert (picture[20:].min(axis=(0, 1)) == 162).all()  # between the stripes, lighter than the photo


def test_a_heat_map_is_brighter_where_the_seed_is_higher():
    values = np.tile(np.linspace(0, 1, 40, dtype=np.float32), (40, 1))
    brightness = heat_map(GREY, values).astype(int).sum(-1)
    assert (np.diff(brightness[0][::4]) > 0).all()
    assert (brightness == brightness[:1]).all()


def test_a_feature_map_is_blocks_from_its_lowest_to_its_highest_value():
    picture = feature_map(np.array([[-3.0, 5.0], [1.0, 1.0]]), (4, 6)).astype(int)
    assert picture.shape == (4, 6, 3)
    blocks = [picture[:2, :3], picture[:2, 3:], picture[2:, :3]]
    assert all((block == block[0, 0]).all() for block in blocks)
    assert blocks[0].sum() < blocks[2].sum() < blocks[1].sum()
    assert (feature_map(np.full((2, 2), 7.0), (4, 4)) == feature_map(np.zeros((1, 1)), (4, 4))).all()


def test_a_photo_under_a_heat_map_is_still_seen():
    photo = GREY.copy()
    photo[:20] = 200
    picture = heat_map(photo, np.full((40, 40), 0.5, np.float32)).astype(int)
    assert (picture[:20] > picture[20:]).all()


def test_a_grid_has_a_titled_column_and_a_named_row_per_image():
    images = [[np.full((30, 40, 3), 10 * row + column, np.uint8) for column in range(3)] for row in range(2)]
    figure = image_grid(images, ["photo", "seed:\nCAM", "mask"], ["cat", "cow, dog"])
    assert len(figure.axes) == 6
    assert [axes.get_title() for axes in figure.axes[:3]] == ["photo", "seed:\nCAM", "mask"]
    assert [axes.get_ylabel() for axes in figure.axes[::3]] == ["cat", "cow, dog"]
    shown = [int(axes.get_images()[0].get_array()[0, 0, 0]) for axes in figure.axes]
    assert shown == [0, 1, 2, 10, 11, 12]


def test_images_of_a_grid_are_not_distorted():
    tall, flat = np.zeros((60, 40, 3), np.uint8), np.zeros((20, 40, 3), np.uint8)
    figure = image_grid([[tall, tall], [flat, flat]], ["a", "b"])
    figure.draw_without_rendering()
    for axes, ratio in zip(figure.axes, [1.5, 1.5, 0.5, 0.5], strict=True):
        box = axes.get_window_extent()
        assert box.height / box.width == pytest.approx(ratio, rel=0.01)
        assert box.width / figure.dpi == pytest.approx(1, abs=0.06)


def test_panels_name_their_classes_in_the_colours_of_the_masks():
    panel = Panel("(a)", [[GREY, GREY]], ["photo", "mask"])
    figure = image_panels([panel, panel], {1: "cat", 15: "person"})
    (legend,) = figure.subfigs[1].legends
    named = {
        text.get_text(): to_hex(patch.get_facecolor())
        for text, patch in zip(legend.get_texts(), legend.get_patches(), strict=True)
    }
    assert named == {"cat": "#800000", "person": "#c08080", "void": "#ffffff"}
    assert [part.get_suptitle() for part in figure.subfigs[0].subfigs] == ["(a)", "(a)"]
