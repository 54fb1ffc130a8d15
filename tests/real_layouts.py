"""The archives of VOC 2012, SBD and COCO 2014, laid out like the real ones, with a few drawn scenes in them.

The drawn classes stand for the data sets' own: VOC's numbers 1 to 6, and six of COCO's ids, which have gaps.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from functools import cache
from pathlib import Path, PurePosixPath

import numpy as np
import scipy.io
from PIL import Image
from pycocotools import mask as rle_masks

from wsss.data.layouts.voc import VOC_CLASSES
from wsss.data.mini.scene import draw_scene
from wsss.files import voc_palette

VOC_TRAIN = ["2007_000032", "2007_000039", "2008_000008"]
VOC_VAL = ["2007_000033", "2008_000021"]
VOC_TEST = ["2008_000006", "2008_000011"]
SBD_TRAIN = ["2008_000008", "2008_000021", "2009_000001"]  # also one of VOC's train, and one of its val
SBD_VAL = ["2009_000002", "2010_000001"]
TRAIN_AUG = ["2007_000032", "2007_000039", "2008_000008", "2009_000001", "2009_000002", "2010_000001"]
VOC_COUNTS = {"train": 3, "train_aug": 6, "val": 2, "test": 2}
COCO_COUNTS = {"train": 6, "val": 3}
COCO_CATEGORIES = {90: "toothbrush", 1: "person", 18: "dog", 3: "car", 44: "bottle", 13: "stop sign"}


def scene(name: str, size: int = 48) -> tuple[np.ndarray, np.ndarray]:
    """Return the photo and the mask (numbers 1 to 6) that stand for this id, always the same; 48 wide, 40 high."""
    photo, mask = draw_scene(7, "train", sum(map(ord, name)), size)
    return photo[: size - 8], mask[: size - 8]


def jpeg(photo: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "JPEG", quality=95)
    return file.getvalue()


def png(mask: np.ndarray) -> bytes:
    image, file = Image.fromarray(mask), io.BytesIO()
    image.putpalette(voc_palette().tobytes())
    image.save(file, "PNG")
    return file.getvalue()


def xml(name: str, mask: np.ndarray) -> bytes:
    objects = "".join(
        f"<object><name>{VOC_CLASSES[number - 1]}</name><pose>Frontal</pose><difficult>0</difficult>"
        "<part><name>head</name></part></object>"
        for number in np.unique(mask)
        if 0 < number < 255
    )
    height, width = mask.shape
    size = f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
    return f"<annotation><filename>{name}.jpg</filename>{size}{objects}</annotation>".encode()


def lines(*lists: list[str]) -> bytes:
    return "".join(f"{name}\n" for names in lists for name in names).encode()


def voc_own_mask(name: str) -> np.ndarray:
    """Return VOC's mask of a scene: with a void border, which SBD's has not."""
    mask = scene(name)[1].copy()
    mask[:2] = 255
    return mask


def voc_trainval() -> dict[str, bytes]:
    """Return the files of VOCtrainval_11-May-2012.tar."""
    root, files = "VOCdevkit/VOC2012", {}
    for name in sorted({*VOC_TRAIN, *VOC_VAL, *SBD_TRAIN, *SBD_VAL}):
        photo, mask = scene(name)
        files[f"{root}/Annotations/{name}.xml"] = xml(name, mask)
        files[f"{root}/JPEGImages/{name}.jpg"] = jpeg(photo)
        if name in VOC_TRAIN + VOC_VAL:
            files[f"{root}/SegmentationClass/{name}.png"] = png(voc_own_mask(name))
            files[f"{root}/SegmentationObject/{name}.png"] = png(voc_own_mask(name))
    files[f"{root}/ImageSets/Main/aeroplane_train.txt"] = b"2007_000032  1\n"
    files[f"{root}/ImageSets/Segmentation/train.txt"] = lines(VOC_TRAIN)
    files[f"{root}/ImageSets/Segmentation/val.txt"] = lines(VOC_VAL)
    files[f"{root}/ImageSets/Segmentation/trainval.txt"] = lines(VOC_TRAIN, VOC_VAL)
    return files


def voc_test() -> dict[str, bytes]:
    """Return the files of VOC2012test.tar: its annotations name persons only."""
    root = "VOCdevkit/VOC2012"
    files = {f"{root}/JPEGImages/{name}.jpg": jpeg(scene(name)[0]) for name in [*VOC_TEST, "2012_004331"]}
    files[f"{root}/Annotations/2008_000006.xml"] = b"<annotation><object><name>person</name></object></annotation>"
    files[f"{root}/ImageSets/Segmentation/test.txt"] = lines(VOC_TEST)
    return files


def sbd_mat(mask: np.ndarray) -> bytes:
    """Return an SBD file: struct GTcls with Segmentation, Boundaries and CategoriesPresent."""
    file = io.BytesIO()
    present = np.unique(mask[mask > 0])
    boundaries = np.empty((20, 1), object)
    boundaries[:, 0] = [np.zeros((1, 1), np.uint8)] * 20
    content = {"Boundaries": boundaries, "Segmentation": mask, "CategoriesPresent": present}
    scipy.io.savemat(file, {"GTcls": content}, do_compression=True)
    return file.getvalue()


def sbd() -> dict[str, bytes]:
    """Return the files of benchmark.tgz."""
    root, files = "benchmark_RELEASE", {"benchmark_RELEASE/README": b"SBD"}
    for name in [*SBD_TRAIN, *SBD_VAL]:
        photo, mask = scene(name)
        files[f"{root}/dataset/img/{name}.jpg"] = jpeg(photo)
        files[f"{root}/dataset/cls/{name}.mat"] = sbd_mat(mask)
        files[f"{root}/dataset/inst/{name}.mat"] = sbd_mat(mask)
    files[f"{root}/dataset/train.txt"], files[f"{root}/dataset/val.txt"] = lines(SBD_TRAIN), lines(SBD_VAL)
    return files


def coco_split(split: str) -> tuple[dict[str, bytes], dict]:
    """Return the photos of a split of COCO, and its instances as JSON: RLE masks of the scene's classes.

    Ids come in no order; the last image has no object, and the first of train a crowd in its corner.
    """
    ids = {"train": [318, 9, 25, 30, 34, 581929], "val": [139, 42, 73]}[split]
    photos, images, annotations = {}, [], []
    numbers = sorted(COCO_CATEGORIES)
    for number in ids:
        name = f"COCO_{split}2014_{number:012d}"
        photo, mask = scene(name)
        photos[f"{split}2014/{name}.jpg"] = jpeg(photo)
        height, width = mask.shape
        images.append({"id": number, "file_name": f"{name}.jpg", "height": height, "width": width, "license": 1})
        shown = [] if number == ids[-1] else [value for value in np.unique(mask) if value]
        for value in shown:
            rle = rle_masks.encode(np.asfortranarray(mask == value))
            segmentation = {"size": [height, width], "counts": rle["counts"].decode()}
            annotations.append(annotation(len(annotations), number, numbers[value - 1], segmentation, 0))
        if split == "train" and number == ids[0]:
            counts = [0] + [4, height - 4] * 4 + [height * (width - 4)]  # the four columns' first four pixels
            counts[-2:] = [sum(counts[-2:])]
            annotations.append(annotation(len(annotations), number, 1, {"size": [height, width], "counts": counts}, 1))
    categories = [{"id": key, "name": name, "supercategory": "thing"} for key, name in COCO_CATEGORIES.items()]
    return photos, {"info": {}, "licenses": [], "images": images, "annotations": annotations, "categories": categories}


def annotation(number: int, image: int, category: int, segmentation: object, crowd: int) -> dict:
    return {"id": number, "image_id": image, "category_id": category, "segmentation": segmentation, "iscrowd": crowd}


def tar_bytes(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        folders = {str(folder) for name in files for folder in PurePosixPath(name).parents}
        for folder in sorted(folders - {"."}):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def zip_bytes(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for folder in sorted({name.split("/")[0] + "/" for name in files}):
            archive.writestr(zipfile.ZipInfo(folder), b"")
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


@cache  # scipy writes the time into its files
def voc_archives() -> dict[str, bytes]:
    """Return VOC's and SBD's archives by file name."""
    return {
        "VOCtrainval_11-May-2012.tar": tar_bytes(voc_trainval()),
        "VOC2012test.tar": tar_bytes(voc_test()),
        "benchmark.tgz": gzip.compress(tar_bytes(sbd()), mtime=0),
    }


@cache
def coco_archives() -> dict[str, bytes]:
    """Return COCO's archives by file name."""
    annotations, archives = {}, {}
    for split in ("train", "val"):
        photos, instances = coco_split(split)
        archives[f"{split}2014.zip"] = zip_bytes(photos)
        annotations[f"annotations/instances_{split}2014.json"] = json.dumps(instances).encode()
        annotations[f"annotations/captions_{split}2014.json"] = b"{}"
    return archives | {"annotations_trainval2014.zip": zip_bytes(annotations)}


def write_coco(root: Path) -> Path:
    """Write what the archives of COCO 2014 unpack to into the folder `root`."""
    (root / "annotations").mkdir(parents=True)
    for split in ("train", "val"):
        photos, instances = coco_split(split)
        (root / f"{split}2014").mkdir()
        for name, content in photos.items():
            (root / name).write_bytes(content)
        (root / f"annotations/instances_{split}2014.json").write_text(json.dumps(instances))
    return root
