"""Layout `coco`, MS COCO 2014 or one's own: photos, and a JSON of instances per split.

Classes are numbered 1, 2, ... in the order of their ids. In a mask the smaller of two instances lies over the larger;
crowds (`iscrowd`) lie below all others, as void. The image-level labels name every class annotated, crowds included:
an image without any stays in, with all labels 0.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from pycocotools import mask as rle_masks

from wsss.config.blocks import Data
from wsss.config.class_names import check_classes
from wsss.data.layouts.checks import check_counts, check_pair
from wsss.data.layouts.coco_segmentation import to_rle, whole_number
from wsss.data.layouts.writing import link_or_copy, write_tables
from wsss.errors import InputError, first_few
from wsss.files import MOST_PIXELS, VOID, one_writing, read_json, write_mask
from wsss.orientation import Orientation, tell_turned, turned
from wsss.parallel import parallel
from wsss.progress import progress


@dataclass(frozen=True)
class Instance:
    """One annotation: its class number, and its segmentation as COCO writes it (polygons, or RLE), if there is one."""

    number: int
    segmentation: list | dict | None
    crowd: bool


@dataclass(frozen=True)
class CocoImage:
    """One image of a split, as its JSON describes it."""

    name: str  # the id that the prepared data set uses: the file's name without suffix
    photo: Path
    size: tuple[int, int]  # height, width
    instances: tuple[Instance, ...]


def prepare(data: Data, roots: Sequence[Path], out: Path, threads: int) -> None:
    """Fill the empty folder `out` from annotations and photos below `roots`."""
    prepare_coco(roots, out, data.annotations, data.photos, data.counts, threads)


def prepare_coco(
    root: Path | Sequence[Path],
    out: Path,
    annotations: Mapping[str, str],
    photos: Mapping[str, str] | None = None,
    counts: Mapping[str, int] | None = None,
    threads: int = 1,
) -> None:
    """Fill `out` with the prepared form of a data set in COCO's layout.

    Args:
        root: the folder below which `annotations` and `photos` are, or several that hold them together.
        annotations: {split: JSON file}.
        photos: {split: folder of its photos}; without it the folder is looked for (see `_photo_folder`).
        counts: images that each split must have.

    A mask is written where every annotation of the image has a segmentation. Raises `InputError` for a JSON that is
    not COCO's, a photo that is missing, does not decode or is not as large as the JSON says.
    """
    roots = [Path(root)] if isinstance(root, str | Path) else [Path(path) for path in root]
    if strangers := sorted(set(photos or {}) - set(annotations)):
        raise InputError(f"photos: {strangers[0]!r} is no split of `annotations`")
    classes: tuple[str, ...] = ()  # of all splits; there is at least one
    splits: dict[str, list[str]] = {}
    images: list[CocoImage] = []
    for split, file in annotations.items():
        path = _below(roots, file, "annotations")
        names, found = read_instances(path, partial(_photo, roots, photos, split, path))
        if classes not in ((), names):
            raise InputError(f"{path}: its categories are not those of the split before; both splits need the same")
        classes, splits[split] = names, [image.name for image in found]
        images += found
    _check_once(images)
    check_counts(splits, counts, roots)

    for folder in ("images", "masks"):
        (out / folder).mkdir()
    results = parallel(partial(_prepare_image, out, len(classes)), images, threads)
    made = dict(zip((image.name for image in images), progress(results, len(images), "making masks"), strict=True))
    if problems := [text for text in made.values() if isinstance(text, str)]:
        more = f" (and {len(problems) - 1} more are wrong)" if len(problems) > 1 else ""
        raise InputError(f"{problems[0]}{more}")
    masked = {path.stem for path in (out / "masks").iterdir()}
    tell_turned({name: lies for name, lies in made.items() if not isinstance(lies, str)}, masked)
    labels = {image.name: image_labels(image.instances, len(classes)) for image in images}
    write_tables(out, classes, splits, labels)


def read_instances(path: Path, photo_of: Callable[[str], Path]) -> tuple[tuple[str, ...], list[CocoImage]]:
    """Read a JSON of instances: the class names in the order of their ids, and the images in that of theirs.

    `photo_of(file_name)` says where a photo is.
    """
    tree = read_json(path)
    if not isinstance(tree, dict) or not {"images", "annotations", "categories"} <= set(tree):
        raise InputError(f"{path}: not a JSON of COCO instances: it has no images, annotations and categories")
    try:
        categories = sorted(tree["categories"], key=lambda category: category["id"])
        numbers = {category["id"]: number for number, category in enumerate(categories, 1)}
        instances: dict[int, list[Instance]] = {image["id"]: [] for image in tree["images"]}
        for item in tree["annotations"]:
            segmentation = item.get("segmentation") or None
            instance = Instance(numbers[item["category_id"]], segmentation, bool(item.get("iscrowd", 0)))
            instances[item["image_id"]].append(instance)
        images = [
            CocoImage(
                one_writing(str(Path(image["file_name"]).with_suffix(""))).replace("/", "_"),
                photo_of(image["file_name"]),
                _size(image),
                tuple(instances[image["id"]]),
            )
            for image in sorted(tree["images"], key=lambda image: image["id"])
        ]
        classes = check_classes(category["name"] for category in categories)
    except KeyError as error:
        raise InputError(
            f"{path}: {error} is missing, or is an image or category that is annotated but not listed"
        ) from None
    except (TypeError, AttributeError, ValueError) as error:
        raise InputError(f"{path}: not as COCO writes it ({error})") from None
    except InputError as error:
        raise InputError(f"{path}: {error}; correct the JSON") from None
    if len(instances) != len(tree["images"]):
        raise InputError(f"{path}: two images have the same id")
    return classes, images


def _size(image: Mapping) -> tuple[int, int]:
    """Return an image's height and width."""
    height, width = (whole_number(image[key], f"{key} of {image['file_name']}") for key in ("height", "width"))
    if not 0 < height * width <= MOST_PIXELS:
        raise InputError(f"{image['file_name']} is said to have {width}x{height} pixels")
    return height, width


def instance_mask(instances: Sequence[Instance], size: tuple[int, int]) -> np.ndarray:
    """Draw instances into a mask, (H, W) uint8: crowds first, as void, then the others from the largest (in pixels).

    Those without a segmentation are left out.
    """
    mask = np.zeros(size, np.uint8)
    drawn = [
        (instance, to_rle(instance.segmentation, size)) for instance in instances if instance.segmentation is not None
    ]
    order = [(instance, rle) for instance, rle in drawn if rle is not None]
    order.sort(key=lambda pair: (not pair[0].crowd, -int(rle_masks.area(pair[1]))))
    for instance, rle in order:
        mask[rle_masks.decode(rle).astype(bool)] = VOID if instance.crowd else instance.number
    return mask


def image_labels(instances: Sequence[Instance], class_count: int) -> np.ndarray:
    """Return which classes the instances are of, (C,) uint8 of 0 and 1."""
    labels = np.zeros(class_count, np.uint8)
    labels[[instance.number - 1 for instance in instances]] = 1
    return labels


def _prepare_image(out: Path, class_count: int, image: CocoImage) -> Orientation | str:
    """Check a photo, link it and write its mask; return how it lies, or what is wrong with it."""
    try:
        lies = check_pair(image.photo, None, class_count)
        if not lies.fits(image.size):
            raise InputError(
                f"{image.photo}: is {lies}, but its JSON says {image.size[1]}x{image.size[0]}; "
                "this is another photo of the same name, or one that was scaled or turned"
            )
        link_or_copy(image.photo, out / "images" / f"{image.name}{image.photo.suffix.lower()}")
        if all(instance.segmentation is not None for instance in image.instances):
            write_mask(out / "masks" / f"{image.name}.png", turned(_mask_of(image), lies.turn_of(image.size)))
    except InputError as error:
        return str(error)
    return lies


def _mask_of(image: CocoImage) -> np.ndarray:
    try:
        return instance_mask(image.instances, image.size)
    except InputError as error:
        raise InputError(f"{image.photo}: a segmentation is not as COCO writes it: {error}; correct the JSON") from None


def _below(roots: Sequence[Path], name: str, key: str) -> Path:
    found = next((root / name for root in roots if (root / name).exists()), None)
    if found is None:
        raise InputError(f"{roots[0] / name}: no such file; correct `root` or `{key}` of the data set in params.yaml")
    return found


def _photo(
    roots: Sequence[Path], photos: Mapping[str, str] | None, split: str, annotations: Path, file_name: str
) -> Path:
    """Return where a photo should be: in the split's folder of `photos`, or else where such folders usually are.

    That is below the root itself, `images`, a folder named like the split, or like the JSON after its last `_`.
    """
    folders = [(photos or {}).get(split)] if photos else ["", "images", split, annotations.stem.rpartition("_")[2]]
    tried = [root / (folder or "") / file_name for folder in folders for root in roots]
    writings = [Path(unicodedata.normalize(form, str(path))) for path in tried for form in ("NFC", "NFD")]
    return next((path for path in (*tried, *writings) if path.exists()), tried[0])


def _check_once(images: Sequence[CocoImage]) -> None:
    seen: dict[str, CocoImage] = {}
    twice = [image.name for image in images if seen.setdefault(image.name, image) is not image]
    if twice:
        raise InputError(f"listed more than once, in one split or in two: {first_few(twice)}; keep one entry per image")
