"""The one train loop: seed network, AffinityNet and segmentation network are tasks for it.

It runs unchanged on the CPU, one GPU or several (`stages/train_seed.py ... --gpus 4`): accelerate chooses
the device and the precision, shares out the batches and averages the gradients.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import DataLoaderConfiguration, DistributedDataParallelKwargs
from torch import Tensor, nn
from torch.utils.data import DataLoader

from wsss.config.blocks import Training
from wsss.data.training_images import EpochSampler, TrainingImages
from wsss.data.worker_errors import with_plain_errors
from wsss.device import has_fast_bfloat16
from wsss.errors import InputError
from wsss.models.freeze import freeze
from wsss.product.own_measurements import Stopwatch, add_measured, say_measured
from wsss.progress import TrainingProgress
from wsss.training.checkpoint import read_checkpoint, write_checkpoint
from wsss.training.curve_file import growing_curve, write_curve
from wsss.training.optimizer import make_optimizer, make_scheduler
from wsss.training.task import Task
from wsss.training.watch import FOLDER as WATCHED
from wsss.training.watch import Watcher

_CHECKED_EVERY = 100  # steps; looking waits for the GPU


def fit(
    task: Task,
    images: TrainingImages,
    settings: Training,
    checkpoint: Path,
    fingerprint: dict,
    workers: int,
    watcher: Watcher | None = None,
) -> tuple[list[dict[str, float]], int]:
    """Train `task.network` in place.

    Args:
        task, images, settings: what, on which images, how.
        checkpoint: a file written after each epoch and removed by the caller once the result is safe; so is the
            curve so far, beside it (`growing_curve`). A training that finds a checkpoint of the same `fingerprint`
            goes on from there, with the result of an uninterrupted run.
        fingerprint: plain values that identify the training.
        workers: processes that load images; 0 loads them in this one.
        watcher: shows the training while it runs.

    Returns:
        one row per epoch (epoch, lr, and the epoch's mean of every term), and how many images it has trained on, each
        as often as it was seen, not counting what a checkpoint spared it.
    """
    if not len(images):
        raise InputError("there is no image to train on; look into the data set's split for training")
    accelerator = _accelerator(task.network, watcher)
    _check_shares(len(images), settings.batch_size, accelerator.num_processes)
    freeze(task.network, settings.freeze)
    per_epoch = max(len(images) // settings.batch_size, 1)
    steps = per_epoch * settings.epochs
    optimizer = make_optimizer(task.network, settings.optimizer, settings.batch_size)
    scheduler = make_scheduler(optimizer, settings.optimizer, per_epoch, steps)
    task.network.to(memory_format=torch.channels_last)  # convolutions train 1.3 to 1.5 times as fast
    network, optimizer = accelerator.prepare(task.network, optimizer)
    task.to(accelerator.device)
    first_epoch, rows = 0, []
    state = read_checkpoint(checkpoint, fingerprint)
    if state:
        task.network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        task.load_state_dict(state["task"])
        if accelerator.scaler and state["scaler"]:
            accelerator.scaler.load_state_dict(state["scaler"])
        first_epoch, rows = state["epoch"], state["rows"]
        print(f"resuming after epoch {first_epoch} from {checkpoint}", file=sys.stderr)
    if watcher is not None:
        watcher.begin(accelerator, anew=not first_epoch)
    sampler = EpochSampler(len(images), settings.batch_size, first_epoch, settings.epochs, settings.random_seed)
    loader = DataLoader(
        images, batch_sampler=sampler, num_workers=workers, pin_memory=accelerator.device.type == "cuda"
    )
    batches = with_plain_errors(accelerator.prepare(loader))
    shown = TrainingProgress(steps, per_epoch, first_epoch * per_epoch, accelerator.is_main_process)
    terms: list[dict[str, Tensor | float]] = []
    watch, waiting = Stopwatch(), 0.0
    for step in range(first_epoch * per_epoch, steps):
        epoch, asked = step // per_epoch, monotonic()
        batch = next(batches)  # before the seed: the first one draws from the global state, wherever training starts
        batch["image"] = batch["image"].contiguous(memory_format=torch.channels_last)
        waiting += (monotonic() - asked) * (step > first_epoch * per_epoch)  # the first waits for the workers to start
        if step % per_epoch == 0:
            network.train()
            freeze(task.network, settings.freeze)  # train() has just woken the frozen batch norms
            # dropout and drop path: the same after a resume, and not the same on two GPUs
            torch.manual_seed((settings.random_seed * 100_003 + epoch) * 1_009 + accelerator.process_index)
        scheduler.step_update(step)
        with accelerator.autocast(), _plain_batch_norm(settings):
            try:
                numbers = task.before_step(step / steps)
                losses = task.loss(network, batch)
            except RuntimeError:  # of a probability that is NaN, say
                _check_finite(terms, step, epoch, checkpoint)
                raise
        accelerator.backward(losses["loss"])
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        task.after_step()
        terms.append({name: value.detach() for name, value in losses.items()} | numbers)
        shown.advance()
        watch.lap()
        if len(terms) % _CHECKED_EVERY == 0 or (step + 1) % per_epoch == 0:
            _check_finite(terms, step + 1, epoch, checkpoint)
        if (step + 1) % per_epoch == 0:
            rows.append(_row(accelerator, epoch + 1, optimizer.param_groups[0]["lr"], terms))
            terms = []
            _check_learning(rows, step + 1, steps)
            shown.end_epoch(rows[-1])
            if accelerator.is_main_process:
                write_curve(growing_curve(checkpoint), rows)
            if accelerator.is_main_process and epoch + 1 < settings.epochs:
                state = {"network": task.network.state_dict(), "optimizer": optimizer.state_dict()}
                state |= {"task": task.state_dict(), "epoch": epoch + 1, "rows": rows, "fingerprint": repr(fingerprint)}
                # scales the gradients in float16, and is None in any other precision
                state["scaler"] = accelerator.scaler.state_dict() if accelerator.scaler else None
                write_checkpoint(checkpoint, state)
            if watcher is not None:
                watcher.end_epoch(task, rows[-1], is_last=epoch + 1 == settings.epochs)
    shown.close()
    if watcher is not None:
        watcher.close()
    accelerator.state.destroy_process_group()  # else its threads may still run as the process ends, which aborts it
    add_measured("loop_seconds", watch.seconds())
    add_measured("waiting_seconds", waiting)
    say_measured("precision", {"bf16": "bfloat16", "fp16": "float16"}.get(accelerator.mixed_precision, "float32"))
    return rows, (settings.epochs - first_epoch) * per_epoch * min(settings.batch_size, len(images))


def _accelerator(network: nn.Module, watcher: Watcher | None) -> Accelerator:
    precision = "bf16" if has_fast_bfloat16(network) else "fp16" if torch.cuda.is_available() else "no"
    AcceleratorState._reset_state()  # else a second training in this process could have no other precision
    return Accelerator(
        mixed_precision=precision,
        dataloader_config=DataLoaderConfiguration(split_batches=True),
        # some of timm's networks have a last layer that dense features do not pass through
        kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
        rng_types=[],
        log_with=(watcher.trackers or None) if watcher is not None else None,
        project_dir=WATCHED,
    )


@contextmanager
def _plain_batch_norm(settings: Training) -> Iterator[None]:
    """Say what to change where a batch leaves batch norm one value a channel, which has no variance."""
    try:
        yield
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        raise InputError(
            f"batch_size {settings.batch_size}, augmentation.crop_size {settings.augmentation.crop_size}: batch norm "
            "gets one value of each channel, and cannot normalise it; raise one of the two, or set freeze: batch_norm"
        ) from None


def _check_learning(rows: list[dict[str, float]], steps: int, all_steps: int) -> None:
    """Stop a training whose loss has always been 0: nothing says what to learn, and the network stays as it began."""
    if steps >= min(_CHECKED_EVERY, all_steps) and all(row["loss"] == 0 for row in rows):
        raise InputError(
            f"the loss is 0 in all of {steps} steps: no pixel, pair or label of the training images says what to "
            "learn; look at the masks or labels that it is given"
        )


def _check_shares(images: int, batch_size: int, processes: int) -> None:
    """Refuse batches that several GPUs cannot share equally."""
    if processes > 1 and (batch_size % processes or images < batch_size):
        raise InputError(
            f"batch_size: {processes} processes cannot share batches of {batch_size} from {images} images; choose a "
            f"multiple of {processes} that is no larger than the number of images, or fewer processes"
        )


def _row(accelerator: Accelerator, epoch: int, lr: float, terms: list[dict[str, Tensor | float]]) -> dict[str, float]:
    """Return the epoch's row: the mean of each term, over all GPUs."""
    means = [torch.stack([torch.as_tensor(term[name]).float().cpu() for term in terms]).mean() for name in terms[0]]
    means = accelerator.reduce(torch.stack(means).to(accelerator.device), "mean").tolist()
    return {"epoch": epoch, "lr": lr, **dict(zip(terms[0], means, strict=True))}


def _check_finite(terms: list[dict[str, Tensor | float]], steps: int, epoch: int, checkpoint: Path) -> None:
    """Stop a training whose loss is not finite: what comes after is lost. `terms`: of the last of `steps` steps."""
    if not terms:
        return
    recent = terms[-_CHECKED_EVERY:]
    finite = torch.stack([torch.as_tensor(term[name]).isfinite().all().cpu() for term in recent for name in term])
    if finite.all():
        return
    index = int((~finite).nonzero()[0])
    term, name = recent[index // len(recent[0])], list(recent[0])[index % len(recent[0])]
    kept = f"; the state after epoch {epoch} is in {checkpoint}" if epoch else ""
    raise InputError(
        f"training diverged in step {steps - len(recent) + index // len(recent[0]) + 1}, epoch {epoch + 1}: {name} is "
        f"{float(term[name])}; lower optimizer.lr, or raise its warmup{kept}"
    )
