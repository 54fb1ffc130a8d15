"""`oaa`: crops and flips are mapped back to the right pixels, and the running maximum of alpha is the teacher."""

from __future__ import annotations

import math

import pytest
import torch
from small import Pixels, seed_settings

from wsss.models.seed_network import ActivationNetwork
from wsss.seed.regularization.attention_accumulation import UNSEEN, AttentionAccumulation, to_crop, to_image

WHOLE = torch.tensor([[0.0, 0.0, 1.0, 1.0]])
YES, NO = torch.tensor([True]), torch.tensor([False])


def rising(height: int, width: int) -> torch.Tensor:
    """Return 1, 2, ... row by row, (1, 1, height, width)."""
    return torch.arange(1.0, height * width + 1).reshape(1, 1, height, width)


def test_whole_image_is_mapped_onto_itself():
    maps = rising(3, 4)
    assert torch.allclose(to_image(maps, WHOLE, NO, (3, 4)), maps)
    values, seen = to_crop(maps, WHOLE, NO, (3, 4))
    assert torch.allclose(values, maps) and seen.all()


def test_flipped_image_is_flipped_back():
    maps = rising(3, 4)
    assert torch.allclose(to_image(maps, WHOLE, YES, (3, 4)), maps.flip(-1))
    assert torch.allclose(to_crop(maps, WHOLE, YES, (3, 4))[0], maps.flip(-1))


@pytest.mark.parametrize("flip", [NO, YES])
def test_crop_lands_where_it_was_cut_out(flip):
    """The lower right quarter of an image: 2x2 positions of a 4x4 grid."""
    window = torch.tensor([[0.5, 0.5, 0.5, 0.5]])
    maps = torch.tensor([[1.0, 2.0], [3.0, 4.0]])[None, None]
    found = to_image(maps.flip(-1) if flip else maps, window, flip, (4, 4))
    expected = torch.full((1, 1, 4, 4), UNSEEN)
    expected[0, 0, 2:, 2:] = maps[0, 0]
    assert torch.allclose(found, expected)
    values, seen = to_crop(rising(4, 4), window, flip, (2, 2))
    cut = rising(4, 4)[..., 2:, 2:]
    assert torch.allclose(values, cut.flip(-1) if flip else cut) and seen.all()


def test_crop_of_an_oblong_image_uses_shares_of_each_side():
    window = torch.tensor([[0.25, 0.0, 0.5, 1.0]])  # the middle columns of 2x4 positions
    assert torch.allclose(to_crop(rising(2, 4), window, NO, (2, 2))[0][0, 0], torch.tensor([[2.0, 3.0], [6.0, 7.0]]))


def test_padding_beyond_the_image_is_not_seen():
    window = torch.tensor([[-0.5, 0.0, 2.0, 1.0]])  # as wide as two images, the image in the middle
    values, seen = to_crop(rising(1, 2), window, NO, (1, 4))
    assert seen.tolist() == [[[False, True, True, False]]]
    assert torch.allclose(values, torch.tensor([[[[0.0, 1.0, 2.0, 0.0]]]]))
    assert torch.allclose(to_image(torch.tensor([[[[7.0, 1.0, 2.0, 7.0]]]]), window, NO, (1, 2)), rising(1, 2))


def test_position_is_seen_only_if_all_that_it_takes_from_is():
    maps = torch.tensor([[[[1.0, 1.0, UNSEEN, UNSEEN]]]])
    _, seen = to_crop(maps, WHOLE, NO, (1, 8))  # centres at 1/16, 3/16, ...: the 4th takes from columns 2 and 3
    assert seen.tolist() == [[[True, True, True, False, False, False, False, False]]]


def step(oaa: AttentionAccumulation, network, image, labels, window=WHOLE, flip=NO, index: int = 7):
    """Make a training step of one image; return its loss."""
    z = network(image)
    student = torch.cat([z, torch.zeros_like(z[:, :1])], 1).log_softmax(1)
    place = {"index": torch.tensor([index]), "window": window, "flip": flip}
    loss = oaa.loss(network, {"image": image, "labels": labels, **place}, student)
    oaa.after_step(network, torch.zeros_like(labels), labels)
    return loss


@pytest.fixture
def pixels():
    """Give a network whose alpha over (red, green, blue, background) is a softmax of the pixel, and its `oaa`."""
    network = ActivationNetwork(Pixels(), 3)
    with torch.no_grad():
        network.head.weight.copy_(torch.eye(3)[:, :, None, None])
    settings = seed_settings(regularization="oaa", mapping="cam", oaa_resolution=4, tau2=0.5, background_logit=0.0)
    return network, AttentionAccumulation(network, settings)


RED = torch.tensor([[1.0, 0.0, 0.0]])


def red(value: float) -> torch.Tensor:
    """Return an image of 4x4 pixels whose alpha for red is value/(value + 3)."""
    image = torch.zeros(1, 3, 4, 4)
    image[:, 0] = math.log(value)
    return image


def test_first_view_of_an_image_has_no_teacher_and_the_second_has_the_first(pixels):
    network, oaa = pixels
    assert step(oaa, network, red(2), RED).item() == 0  # alpha of red: 2/5
    loss = step(oaa, network, red(5), RED)  # 5/8
    # eq. 9 at tau2 = 1/2, red alone: -1/4 (2/5)^2 2 log(5/8); 2/5 was kept in float16
    assert loss.item() == pytest.approx(-0.25 * 0.4**2 * 2 * math.log(5 / 8), rel=1e-3)


def test_maximum_is_kept_per_position(pixels):
    network, oaa = pixels
    step(oaa, network, red(5), RED)
    half = torch.tensor([[0.0, 0.0, 0.5, 1.0]])
    step(oaa, network, red(13), RED, window=half)  # 13/16, on the left half
    step(oaa, network, red(1), RED)  # 1/4 changes nothing
    expected = torch.tensor([13 / 16, 13 / 16, 5 / 8, 5 / 8]).expand(1, 4, 4)
    assert torch.allclose(oaa.maps[7].float(), expected, atol=1e-3)


def test_positions_never_seen_are_left_out_of_the_mean(pixels):
    network, oaa = pixels
    half = torch.tensor([[0.0, 0.0, 0.5, 1.0]])
    step(oaa, network, red(2), RED, window=half)
    loss = step(oaa, network, red(5), RED)  # the right half has no teacher, the left one says 2/5
    assert loss.item() == pytest.approx(-0.25 * 0.4**2 * 2 * math.log(5 / 8), rel=1e-3)


def test_other_images_and_absent_classes_have_no_part(pixels):
    network, oaa = pixels
    step(oaa, network, red(2), RED, index=1)
    assert step(oaa, network, red(2), RED, index=2).item() == 0
    assert {index: maps.shape for index, maps in oaa.maps.items()} == {1: (1, 4, 4), 2: (1, 4, 4)}


def test_image_without_labels_adds_nothing(pixels):
    network, oaa = pixels
    for _ in range(2):
        assert step(oaa, network, red(2), torch.zeros(1, 3)).item() == 0


def test_teacher_gets_no_gradient_and_student_a_finite_one(pixels):
    network, oaa = pixels
    step(oaa, network, red(1e-4), RED)  # alpha nearly 0: its logarithm must not spoil anything
    loss = step(oaa, network, red(5), RED)
    loss.backward()
    assert network.head.weight.grad.isfinite().all()


def test_state_survives_a_restart_and_a_file(pixels, tmp_path):
    network, oaa = pixels
    step(oaa, network, red(2), RED, index=3)
    step(oaa, network, red(5), torch.tensor([[1.0, 0.0, 1.0]]), index=1)
    torch.save(oaa.state_dict(), tmp_path / "state")
    fresh = AttentionAccumulation(network, oaa.settings)
    fresh.load_state_dict(torch.load(tmp_path / "state", weights_only=True))
    assert list(fresh.maps) == [3, 1]
    assert all(torch.equal(fresh.maps[index], oaa.maps[index]) for index in (3, 1))
    assert fresh.maps[1].dtype == torch.float16
