"""How far the dense CRF's marginals and labels lie from those of pydensecrf2, on photos with true masks.

python -m benchmarks.crf_agreement --voc ../shared/voc6/VOCdevkit/VOC2012 --coco ../shared/photos/coco
python -m benchmarks.crf_agreement --store tests/golden/dense_crf_marginals.npz

The first prints a table, for 40 photos of VOC's and 12 of COCO's: the largest difference of a marginal, how many pixels
have another label, and the same for labels once classes that cannot win are left out; how many are kept; the largest
sum of a row of the kernels. Where a marginal differs by more than 1e-4, it says below the table how far either lies
from float64. The second writes the marginals that tests/crf checks where pydensecrf2 is not installed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from pycocotools.coco import COCO

from benchmarks.blurred_masks import blurred_probabilities
from benchmarks.exact_crf import exact_crf
from benchmarks.reference_crf import PARAMETERS, by_pydensecrf
from wsss.crf import dense_crf, possible_winners
from wsss.files import read_image, read_mask

COUNTS = {"VOC": (2, 3, 7, 21), "COCO": (2, 21, 81)}  # classes
VOC_PHOTOS, COCO_PHOTOS = 40, 12
MOST = 1e-4  # that a marginal should differ
NOISE, LITTLE_NOISE = 0.1, 0.01  # with much of it, all classes may win; left out are classes where there is little


def main() -> None:
    """Measure, or store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voc", type=Path, help="a VOC2012 folder")
    parser.add_argument("--coco", type=Path, help="a folder with annotations/ and val2014/ or train2014/")
    parser.add_argument("--store", type=Path)
    given = parser.parse_args()
    if given.store:
        store(given.store)
    photos = {"VOC": given.voc and voc_photos(given.voc), "COCO": given.coco and coco_photos(given.coco)}
    photos = {name: list(some) for name, some in photos.items() if some}
    print(f"probabilities: blurred masks with {NOISE:.0%} noise; where classes are left out, {LITTLE_NOISE:.0%}\n")
    print("| photos | parameters | classes | largest difference | other labels | kept | other labels | row sum |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    notes: list[str] = []
    for name, some in photos.items():
        for parameters, settings in PARAMETERS.items():
            for count in COUNTS[name]:
                columns, remarks = agreement(some, count, settings)
                print(f"| {len(some)} {name} | {parameters} | {count} | {columns} |", flush=True)
                notes += [f"{name}, {parameters}, {count} classes, {remark}" for remark in remarks]
    print("", *notes, sep="\n")


def agreement(photos: list[tuple[np.ndarray, np.ndarray]], count: int, settings: dict) -> tuple[str, list[str]]:
    """Return the columns of one line of the table, and what to remark about single photos."""
    largest, others, pixels, sums = 0.0, 0, 0, 0.0
    turned, kept, remarks = 0, [], []
    for index, (image, mask) in enumerate(photos):
        mask = np.where(mask == 255, mask, mask % count).astype(np.uint8)
        probabilities = blurred_probabilities(mask, count, NOISE, np.random.default_rng(index))
        ours, theirs = dense_crf(image, probabilities, **settings), by_pydensecrf(image, probabilities, settings)
        differences = np.abs(ours - theirs)
        largest = max(largest, float(differences.max()))
        if differences.max() > MOST:
            exact = exact_crf(image, probabilities, settings)
            apart = " and ".join(f"{np.abs(one - exact).max():.1e}" for one in (ours, theirs))
            count_over = int((differences.max(0) > MOST).sum())
            remarks.append(f"photo {index}: {count_over} pixels; at most {apart} from float64, ours and pydensecrf2's")
        others += int((ours.argmax(0) != theirs.argmax(0)).sum())
        pixels += mask.size
        if count == 2:
            sums = max(sums, row_sum(image, settings))
        if count >= 21:
            probabilities = blurred_probabilities(mask, count, LITTLE_NOISE, np.random.default_rng(index))
            weight = settings["gaussian_compat"] + settings["bilateral_compat"]
            classes = possible_winners(torch.from_numpy(probabilities), weight, settings["iterations"]).numpy()
            labels = classes[dense_crf(image, probabilities[classes], **settings).argmax(0)]
            turned += int((labels != dense_crf(image, probabilities, **settings).argmax(0)).sum())
            kept.append(len(classes))
    columns = [f"{largest:.1e}", _share(others, pixels)]
    columns += [f"{np.mean(kept):.1f}", _share(turned, pixels)] if kept else ["", ""]
    return " | ".join([*columns, f"{sums:.2f}" if sums else ""]), remarks


def _share(wrong: int, pixels: int) -> str:
    return f"{1e5 * wrong / pixels:.2f} in 100,000"


def row_sum(image: np.ndarray, settings: dict) -> float:
    """Return the largest sum of a row of the normalised kernels, each for itself."""
    from wsss.crf.lattice import build_lattice
    from wsss.crf.mean_field import normalized, row_sums

    spatial, color = (settings["bilateral_sxy"],) * 2, (settings["bilateral_srgb"],) * 3
    sums = []
    for widths in ((settings["gaussian_sxy"],) * 2, spatial + color):
        sums.append(row_sums(normalized(build_lattice(image, widths, 2**31 - 1))).max())
    return float(max(sums))


def voc_photos(root: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield photos (H, W, 3) and masks (H, W), at even distances of the split `val`."""
    ids = (root / "ImageSets/Segmentation/val.txt").read_text().split()
    for image_id in ids[:: max(len(ids) // VOC_PHOTOS, 1)][:VOC_PHOTOS]:
        image = read_image(root / f"JPEGImages/{image_id}.jpg")
        yield image, read_mask(root / f"SegmentationClass/{image_id}.png")


def coco_photos(root: Path, count: int = COCO_PHOTOS) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield photos and masks: classes from 1 in the order of COCO's category ids, small objects before large ones."""
    left = count
    for split in ("val2014", "train2014"):
        annotations = root / f"annotations/instances_{split}.json"
        if not annotations.exists():
            continue
        coco = COCO(annotations)
        numbers = {category: number for number, category in enumerate(sorted(coco.getCatIds()), start=1)}
        for image_id in sorted(coco.getImgIds()):
            path = root / split / coco.loadImgs(image_id)[0]["file_name"]
            if left and path.exists():
                left -= 1
                image = read_image(path)
                mask = np.zeros(image.shape[:2], np.uint8)
                for one in sorted(coco.loadAnns(coco.getAnnIds(image_id)), key=lambda one: -one["area"]):
                    mask[coco.annToMask(one) > 0] = numbers[one["category_id"]]
                yield image, mask


def store(path: Path) -> None:
    """Write small scenes and their marginals by pydensecrf2 to `path`."""
    arrays = {}
    photo = Image.fromarray(read_image(path.parent / "2014_000064.jpg"))
    for count, (name, settings) in zip((2, 3, 5), PARAMETERS.items(), strict=True):
        image = np.asarray(photo.resize((52, 40), Image.Resampling.BILINEAR))
        random = np.random.default_rng(count)
        grid = random.random((count, 6, 7), dtype=np.float32)
        maps = np.stack([np.asarray(Image.fromarray(one).resize((52, 40))) for one in grid])
        scores = np.round(255 * maps.clip(0, 1)).astype(np.uint8)
        arrays |= {f"{name}_image": image, f"{name}_scores": scores}
        arrays[f"{name}_marginals"] = by_pydensecrf(image, scores.astype(np.float32) / 255, settings)
    np.savez_compressed(path, **{name.replace("/", "_"): array for name, array in arrays.items()})


if __name__ == "__main__":
    main()
