"""Figures of numbers: threshold curves, training curves, confusion matrices, IoU per class. Metrics in, figures out.

Drawn without pyplot, so nothing is shared between two figures and no display is needed. Colours are those of Okabe and
Ito, which all readers tell apart.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from wsss.files import whole_file

COLOURS = ("#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_STEPS = ("#E69F00", "#56B4E9", "#0072B2", "#009E73")
_LINES = ("-", "--", "-.", (0, (5, 1)))  # not dotted: that is t
_RATES = {"miou": "mIoU", "fpr": "FPR (over-activation)", "fnr": "FNR (under-activation)"}
_MOST_NUMBERS = 30  # classes up to which a confusion matrix has room for numbers
in_style = matplotlib.rc_context(
    {
        "font.size": 9,
        "axes.titlesize": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": "#e4e4e4",
        "legend.frameon": False,
        "legend.fontsize": 8,
    }
)


def write_figure(path: Path, figure: Figure, dpi: int = 160) -> None:
    """Write a figure as PNG, and beside it as PDF for print: whole or not at all; the same figure gives the same bytes.

    In the PDF, text is text, in fonts that are embedded as TrueType, as publishers ask for.
    """
    with whole_file(path.with_suffix(".pdf")) as part, matplotlib.rc_context({"pdf.fonttype": 42}):
        figure.savefig(part, format="pdf", dpi=300, facecolor="white", metadata={"CreationDate": None})
    with whole_file(path) as part:
        figure.savefig(part, format="png", dpi=dpi, facecolor="white", metadata={"Software": None})


def write_svg(path: Path, figure: Figure) -> None:
    """Write a figure as SVG, whole or not at all; the same figure gives the same bytes."""
    with whole_file(path) as part, matplotlib.rc_context({"svg.hashsalt": "wsss"}):
        figure.savefig(part, format="svg", facecolor="white", metadata={"Date": None, "Creator": None})


@in_style
def threshold_curves(experiments: Mapping[str, dict]) -> Figure:
    """Draw mIoU, FPR and FNR over the threshold t, a line per experiment, its best t marked.

    `experiments`: {label: metrics of seeds}, as `wsss.evaluation.metrics.SeedCurve.result` returns them.
    """
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    for axes, (key, title) in zip(figure.subplots(1, 3), _RATES.items(), strict=True):
        for index, (label, metrics) in enumerate(experiments.items()):
            curve = pd.DataFrame(metrics["curve"]).astype(float)
            best = curve.iloc[(curve["threshold"] - metrics["threshold"]).abs().argmin()]
            colour = COLOURS[index % len(COLOURS)]
            text = f"{label}: {best['miou']:.1f} % at t = {best['threshold']:.2f}"
            axes.plot(curve["threshold"], curve[key], _LINES[index % len(_LINES)], color=colour, label=text)
            axes.plot(best["threshold"], best[key], "o", color=colour, markersize=6)
        axes.set(title=title, xlabel="threshold t", xlim=(0, 1), ylim=(0, None))
        axes.yaxis.set_major_formatter("{x:g} %")
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, title="mIoU at the best threshold (dot)")
    return figure


@in_style
def training_curves(trainings: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw the terms of the loss per epoch, a panel per training, and the schedule's t on a second axis.

    `trainings`: {title: curve.csv}, with columns epoch, lr, loss, perhaps t, and the terms that `loss` consists of. A
    term less than a tenth of the loss is drawn times a power of ten, which the key names.
    """
    figure = Figure(figsize=(3.2 * len(trainings), 3.3), layout="constrained")
    for axes, (title, curve) in zip(np.ravel(figure.subplots(1, len(trainings))), trainings.items(), strict=True):
        names = ["loss", *(name for name in curve.columns if name not in ("epoch", "lr", "loss", "t"))]
        for name, colour, line in zip(names, COLOURS, itertools.cycle(_LINES)):
            factor = _visible_factor(curve[name], curve["loss"])
            label = name if factor == 1 else f"{name} × {factor:g}"
            axes.plot(curve["epoch"], factor * curve[name], color=colour, linestyle=line, marker=".", label=label)
        axes.set(title=title, xlabel="epoch", ylim=(0, None))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        if "t" in curve and curve["t"].any():
            second = axes.twinx()
            second.plot(curve["epoch"], curve["t"], ":", color=COLOURS[4], linewidth=2)
            axes.plot([], [], ":", color=COLOURS[4], linewidth=2, label="t (right axis)")
            second.set(ylim=(0, 1))
            second.grid(False)
            second.spines["right"].set_visible(True)
            second.tick_params(axis="y", colors=COLOURS[4])
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
    return figure


@in_style
def learning_rates(trainings: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw the learning rate of each training over the share of its epochs that is behind it; see `training_curves`."""
    figure = Figure(figsize=(3.2, 3.3), layout="constrained")
    axes = figure.subplots()
    for (title, curve), colour, line in zip(trainings.items(), itertools.cycle(COLOURS), itertools.cycle(_LINES)):
        share = 100 * curve["epoch"] / curve["epoch"].max()
        axes.plot(share, curve["lr"], color=colour, linestyle=line, marker=".", label=title)
    axes.set(title="learning rate", xlabel="epochs, %", ylim=(0, None))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2))
    return figure


def _visible_factor(term: pd.Series, loss: pd.Series) -> float:
    """Return the power of ten that brings a small term to between a tenth and all of the loss, 1 for others."""
    largest, whole = term.abs().max(), loss.abs().max()
    return 10.0 ** max(0, math.floor(math.log10(whole / largest))) if largest > 0 and whole > 0 else 1.0


@in_style
def confusion_picture(confusions: Mapping[str, Sequence[Sequence[int]]], class_names: Sequence[str]) -> Figure:
    """Draw confusion matrices as the percentage of each true class that was predicted as each class.

    Args:
        confusions: {title: (C+1, C+1) pixel counts, true by predicted}.
        class_names: all C+1 names, background first.
    """
    count = len(class_names)
    has_numbers = count <= _MOST_NUMBERS
    side = max(3.4, 0.33 * count) if has_numbers else 0.13 * count  # inches
    in_a_row = side < 5
    rows, columns = (1, len(confusions)) if in_a_row else (len(confusions), 1)
    figure = Figure(figsize=(side * columns, 0.94 * side * rows), layout="constrained")
    for axes, (title, counts) in zip(np.ravel(figure.subplots(rows, columns)), confusions.items(), strict=True):
        pixels = np.asarray(counts, float)
        totals = pixels.sum(1, keepdims=True)
        share = 100 * np.divide(pixels, totals, out=np.zeros_like(pixels), where=totals > 0)
        axes.imshow(share, cmap="Blues", vmin=0, vmax=100)
        axes.grid(False)
        axes.set(title=title, xlabel="predicted (%)", ylabel="true")
        size = 8 if has_numbers else 5
        axes.set_xticks(range(count), class_names, rotation=90, fontsize=size)
        axes.set_yticks(range(count), class_names, fontsize=size)
        for true, predicted in np.argwhere(share >= 0.5) if has_numbers else ():
            value = share[true, predicted]
            colour = "white" if value > 55 else "black"
            axes.text(predicted, true, f"{value:.0f}", ha="center", va="center", fontsize=7, color=colour)
    return figure


@in_style
def summary_bars(steps: Mapping[str, dict]) -> Figure:
    """Draw the IoU of each class, the bars of all steps side by side; in the key, each step's mIoU.

    `steps`: {label: metrics}, e.g. of seeds, masks and val, as `wsss.evaluation.metrics.measure` returns them.
    """
    names = list(next(iter(steps.values()))["per_class"])
    figure = Figure(figsize=(max(6.5, 0.32 * len(names) + 1.5), 3), layout="constrained")
    axes, width = figure.subplots(), 0.8 / len(steps)
    for index, (label, metrics) in enumerate(steps.items()):
        heights = [metrics["per_class"][name]["iou"] or 0 for name in names]
        places = np.arange(len(names)) + (index - (len(steps) - 1) / 2) * width
        axes.bar(
            places, heights, width, color=_STEPS[index % len(_STEPS)], label=f"{label}: mIoU {metrics['miou']:.1f}"
        )
    axes.set_xticks(range(len(names)), names, rotation=90 if len(names) > 12 else 0)
    axes.set(ylabel="IoU (%)", ylim=(0, 100), xlim=(-0.6, len(names) - 0.4))
    axes.grid(False, axis="x")
    figure.legend(loc="outside upper center", ncols=len(steps))
    return figure
