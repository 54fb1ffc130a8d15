"""What is exported in a form of another method comes back from it as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from paths import REPOSITORY
from program import run_program
from small import params, write_dataset

from wsss.affinity.confident_labels import crf_probabilities
from wsss.config.resolve import resolve
from wsss.data.labels import read_labels
from wsss.data.layouts.split_list import read_id_list, read_split_list
from wsss.data.prepared import PreparedDataset
from wsss.files import read_mask, write_mask
from wsss.foreign.dictionary import read_dictionary
from wsss.foreign.folder import DICTIONARY, PICTURE, open_folder
from wsss.foreign.forms import irn_labels, irn_list, psa_labels, psa_list
from wsss.seed.seed_file import read_seed, seed_at_full_size, write_seed

IDS = [f"i{index}" for index in range(6)]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A data set, one image of it without a class, with seeds at a quarter of its size and masks, and the exports."""
    root = tmp_path_factory.mktemp("project")
    write_dataset(root / "data/toy", size=(30, 41))
    labels = root / "data/toy/labels.csv"
    labels.write_text(labels.read_text().replace("i1,0,1,0", "i1,0,0,0").replace("i2,0,0,1", "i2,1,0,1"))
    data, random = PreparedDataset(root / "data/toy"), np.random.default_rng(7)
    (root / "masks").mkdir()
    for name in IDS:
        classes = np.array(data.classes_of(name), np.int64)
        write_seed(root / f"seeds/{name}.npz", classes, random.random((len(classes), 8, 11)), (30, 41))
        write_mask(root / f"masks/{name}.png", random.choice([0, *classes, 255], (30, 41)))
    content = params() | {"foreign": {"psa": "out/seeds/psa/out_cam", "masks": "out/masks/SegmentationClassAug"}}
    (root / "params.yaml").write_text(yaml.safe_dump(content))
    for step, made in (("seeds", "seeds"), ("crf", "seeds"), ("masks", "masks"), ("labels", None)):
        words = ["--made", made] if made else []
        words += ["--dataset", "toy", "--data", "data/toy", "--step", f"export_{step}", "--out", f"out/{step}"]
        done = run_program("export", *words, "--threads", "1", folder=root)
        assert done.returncode == 0, done.stderr
    return root, data


def foreign(project, folder, suffix=DICTIONARY):
    root, data = project
    return open_folder(data, root / "out" / folder, IDS, (suffix,), None, 1)


def label_map(classes, maps, threshold):
    background = np.full((1, *maps.shape[1:]), threshold, np.float32)
    return np.append(0, classes)[np.concatenate([background, maps]).argmax(0)]


@pytest.mark.parametrize("form", ["seeds/psa/out_cam", "seeds/irn/cam"])
def test_seeds_come_back_equal_at_the_size_of_the_image(project, form):
    root, _ = project
    for name in IDS:
        ours = read_seed(root / f"seeds/{name}.npz")
        classes, maps = foreign(project, form).seed(name)
        assert np.array_equal(classes, ours.classes) and np.array_equal(maps, seed_at_full_size(ours))


def test_psa_s_classes_count_from_zero_in_seeds_and_from_one_after_the_background_in_crfs(project):
    root, data = project
    for name in IDS:
        labelled = data.classes_of(name)
        assert list(read_dictionary(root / f"out/seeds/psa/out_cam/{name}.npy")) == [one - 1 for one in labelled]
        assert list(read_dictionary(root / f"out/crf/out_la_crf/{name}.npy")) == [0, *labelled]


def test_irn_s_small_maps_are_ours_as_they_are_and_tensors(project):
    root, _ = project
    for name in IDS:
        ours, found = read_seed(root / f"seeds/{name}.npz"), read_dictionary(root / f"out/seeds/irn/cam/{name}.npy")
        assert found["keys"].tolist() == (ours.classes - 1).tolist()
        assert found["cam"].shape == (len(ours.classes), 8, 11)
        assert np.array_equal(found["cam"].numpy(), ours.maps.astype(np.float32).reshape(found["cam"].shape))


def test_crfs_come_back_as_seeds_and_background_and_as_the_masks_that_they_mean(project):
    root, data = project
    settings = resolve(params(), "toy", "main").affinity_labels
    for name in IDS:
        ours = read_seed(root / f"seeds/{name}.npz")
        both = crf_probabilities(data.image(name), seed_at_full_size(ours), settings)
        for folder, probabilities in zip(("crf/out_la_crf", "crf/out_ha_crf"), both, strict=True):
            found = foreign(project, folder)
            assert np.array_equal(found.seed(name)[1], probabilities[1:].clip(0, 1))
            assert np.array_equal(found.mask(name), np.append(0, ours.classes)[probabilities.argmax(0)])


def test_masks_come_back_equal(project):
    root, _ = project
    for name in IDS:
        found = foreign(project, "masks/SegmentationClassAug", PICTURE).mask(name)
        assert np.array_equal(found, read_mask(root / f"masks/{name}.png"))


def test_labels_and_lists_come_back_equal(project):
    root, data = project
    read = read_labels(root / "out/labels/psa/cls_labels.npy", data.classes)
    assert {name: set(classes) for name, classes in read.of.items()} == {
        name: {data.classes[number - 1] for number in data.classes_of(name)} for name in IDS
    }
    assert [Path(one).stem for one in read_split_list(root / "out/labels/psa/train_aug.txt")] == IDS
    assert read_id_list(root / "out/labels/irn/train_aug.txt") == IDS
    assert not (root / "out/labels/irn/cls_labels.npy").exists()  # these ids are no numbers
    assert (root / "out/labels/psa/train_aug.txt").read_text().startswith("/JPEGImages/i0.png /SegmentationClassAug/i0")


def test_ids_that_are_numbers_are_so_in_irn_s_labels_and_the_files_are_those_published():
    golden, row = REPOSITORY / "tests/golden/foreign_seeds/labels", np.zeros(20, np.uint8)
    row[[2, 14]] = 1
    labels = {"2099_000001": row}
    for made, file in ((psa_labels(labels), "psa"), (irn_labels(labels), "irn")):
        published = read_dictionary(golden / f"{file}_cls_labels.npy")
        assert made.keys() == published.keys()
        for key, one in published.items():
            assert one.dtype == made[key].dtype and np.array_equal(one, made[key])
    photos = {"2099_000001": "2099_000001.jpg"}
    assert psa_list(photos) == (golden / "psa_train_aug.txt").read_text()
    assert irn_list(photos) == (golden / "train_aug_id.txt").read_text()
    assert irn_labels({"1_1": row, "11": row}) is None  # one number for two


def test_what_was_exported_can_take_the_place_of_seeds_and_masks(project):
    """In half precision, in which seeds are kept: hardly a pixel has another label."""
    root, _ = project
    for stage, variant, out in (
        ("extract_seed", "extract.from=psa", "again/seeds"),
        ("make_mask", "mask.from=masks", "again/masks"),
    ):
        words = ("--dataset", "toy", "--variant", variant, "--data", "data/toy", "--out", out, "--threads", "1")
        done = run_program(stage, *words, folder=root)
        assert done.returncode == 0, done.stderr
    differing = []
    for name in IDS:
        ours, again = (read_seed(root / f"{folder}/{name}.npz") for folder in ("seeds", "again/seeds"))
        assert np.array_equal(ours.classes, again.classes) and again.image_size == (30, 41)
        if len(ours.classes):
            maps = seed_at_full_size(ours)
            assert np.abs(maps - seed_at_full_size(again)).max() <= 2**-12
            differing.append(label_map(ours.classes, maps, 0.39) != label_map(again.classes, again.maps, 0.39))
        assert np.array_equal(read_mask(root / f"masks/{name}.png"), read_mask(root / f"again/masks/{name}.png"))
    assert np.mean(differing) <= 0.001


def test_stages_without_a_network_or_a_folder_say_what_to_give(project):
    root, _ = project
    for stage, option in (("extract_seed", "--network"), ("make_mask", "--seeds")):
        done = run_program(stage, "--dataset", "toy", "--data", "data/toy", "--out", "none", folder=root)
        assert done.returncode == 1 and option in done.stderr and "from in params.yaml" in done.stderr


def test_published_files_take_the_place_of_seeds_with_the_label_maps_that_they_mean(tmp_path):
    """Also kept in half precision, in which CLIP-ES writes its own."""
    golden = REPOSITORY / "tests/golden/foreign_seeds"
    with np.load(golden / "expected_labels.npz") as file:
        expected = dict(zip(file["names"].tolist(), file["maps"], strict=True))
    name, classes = "2099_000001", np.array([3, 15])
    for stated in (one for one in expected if one.endswith("|t=0.39")):
        folder = (golden / stated.partition("|")[0]).parent
        data = write_dataset(tmp_path / stated.replace("/", "_"), size=(40, 56), images=1, classes=20)
        (data.root / "splits/train.txt").write_text(f"{name}\n")
        (data.root / "images/i0.png").rename(data.root / f"images/{name}.png")
        row = ["1" if number in classes else "0" for number in range(1, 21)]
        header = (data.root / "labels.csv").read_text().splitlines()[0]
        (data.root / "labels.csv").write_text(f"{header}\n{name},{','.join(row)}\n")
        found, maps = open_folder(PreparedDataset(data.root), folder, [name], (DICTIONARY,), None, 1).seed(name)
        write_seed(tmp_path / "seed.npz", found, maps, (40, 56))
        kept = read_seed(tmp_path / "seed.npz")
        differing = (label_map(kept.classes, kept.maps.astype(np.float32), 0.39) != expected[stated]).sum()
        assert differing <= (2 if stated.startswith("clip_es") else 0)
