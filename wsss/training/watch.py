"""What one sees of a training while it runs: numbers and a few pictures, in TensorBoard or another tracker.

Nothing here has an effect on what is trained, and nothing that fails here ends a training.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.tracking import get_available_trackers
from PIL import Image, ImageOps

from wsss.config import Parameters
from wsss.config.blocks import Watch
from wsss.data.augment import normalize
from wsss.data.prepared import PreparedDataset
from wsss.errors import one_line
from wsss.evaluation.metrics import ConfusionMatrix
from wsss.figures.pictures import heat_map, mask_overlay
from wsss.figures.shown_images import shown_ids
from wsss.training.task import Task

FOLDER = Path("logs/watch")  # of trackers that write files
_SIDE = 320  # pixels: of a picture, and no more of what the network is shown for it


class Watcher:
    """Shows a training of one of the stages; see the block `watch` of params.yaml.

    Args:
        settings: what is shown, and when.
        name: of the training, as trackers show it.
        dataset: whose images are shown.
        ids: from which those of the pictures are chosen, once, by their labels alone.
        val: from which those are taken on which predictions are measured; the first of them that have a true mask.
    """

    def __init__(self, settings: Watch, name: str, dataset: PreparedDataset, ids: list[str], val: list[str]):
        self.settings, self.name, self.dataset = settings, name, dataset
        self._shown, self._val = shown_ids(dataset, ids, settings.pictures), val
        self._accelerator: Accelerator

    @property
    def trackers(self) -> list[str]:
        """Those that are asked for and installed."""
        installed = {tracker.value for tracker in get_available_trackers()}
        return [name for name in self.settings.trackers if name in installed]

    def begin(self, accelerator: Accelerator, anew: bool) -> None:
        """Open the trackers of a training's accelerator; one that begins `anew` forgets what it showed before."""
        self._accelerator = accelerator
        if anew and accelerator.is_main_process:
            shutil.rmtree(FOLDER / self.name, ignore_errors=True)
        self._try(lambda: accelerator.init_trackers(self.name))
        for name in sorted(set(self.settings.trackers) - set(self.trackers)):
            print(f"watch.trackers: {name} is not installed here, so nothing is written for it", file=sys.stderr)

    def end_epoch(self, task: Task, row: dict[str, float], is_last: bool) -> None:
        """Show an epoch's numbers, and every few epochs, and at the end, pictures and what was asked for of val."""
        if not self._accelerator.trackers:
            return
        epoch = int(row["epoch"])
        self._try(lambda: self._accelerator.log({name: row[name] for name in row if name != "epoch"}, step=epoch))
        if (epoch % self.settings.every and not is_last) or not self._accelerator.is_main_process:
            return
        task.network.eval()  # the next epoch begins with train()
        self._try(lambda: self._show(task, epoch))
        self._try(lambda: self._measure(task, epoch))

    def close(self) -> None:
        """Close the trackers."""
        self._try(self._accelerator.end_training)

    def _show(self, task: Task, epoch: int) -> None:
        pictures = []
        for image_id in self._shown:
            photo = np.array(ImageOps.contain(Image.fromarray(self.dataset.image(image_id)), (_SIDE, _SIDE)))
            found = self._found(task, photo, image_id)
            if found is None:
                return
            picture = mask_overlay(photo, found) if found.dtype == np.uint8 else heat_map(photo, found)
            pictures.append(np.asarray(ImageOps.pad(Image.fromarray(picture), (_SIDE, _SIDE))))
        for tracker in self._accelerator.trackers if pictures else ():
            if hasattr(tracker, "log_images"):
                form = {"dataformats": "NHWC"} if tracker.name == "tensorboard" else {}
                tracker.log_images({"pictures": np.stack(pictures)}, step=epoch, **form)

    def _measure(self, task: Task, epoch: int) -> None:
        counts = ConfusionMatrix(self.dataset.classes)
        masked = [image_id for image_id in self._val if self.dataset.has_mask(image_id)]
        for image_id in masked[: self.settings.val_images]:
            found = self._found(task, self.dataset.image(image_id), image_id)
            if found is None or found.dtype != np.uint8:
                return
            counts.add(self.dataset.mask(image_id), found, name=image_id)
        if counts.images:
            self._accelerator.log({f"val_miou_of_{counts.images}_images": counts.result()["miou"]}, step=epoch)

    def _found(self, task: Task, photo: np.ndarray, image_id: str) -> np.ndarray | None:
        """Return what the network makes of a photo; see `Task.look`."""
        backbone, device = task.network.backbone, self._accelerator.device
        labels = self.dataset.labels([image_id]) if self.dataset.knows_labels(image_id) else None
        image = normalize(photo, backbone.mean, backbone.std)[None].to(device)
        with torch.no_grad(), self._accelerator.autocast():
            return task.look(image, None if labels is None else torch.as_tensor(labels).to(device))

    def _try(self, show: Callable[[], object]) -> None:
        """Show something; what cannot be shown is said, and the training goes on."""
        try:
            show()
        except Exception as error:
            print(f"watch: {type(error).__name__}: {one_line(error)}; the training goes on", file=sys.stderr)


def watcher_of(
    parameters: Parameters, out: Path, dataset: PreparedDataset, ids: list[str], measures: bool
) -> Watcher | None:
    """Return what shows the training of `out` on images `ids`, None where no tracker is asked for.

    A training that `measures` predictions shows those of images that it is not trained on, where there are any.
    """
    if not parameters.watch.trackers:
        return None
    splits, val = parameters.data.splits, []
    if measures and splits.val in dataset.split_names:
        val = ids = dataset.split(splits.val)
    return Watcher(parameters.watch, "-".join(out.parts[-3:]), dataset, ids, val)
