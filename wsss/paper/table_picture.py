"""A table of the paper as a picture: ours with its spread beside the paper's, a line per row."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from matplotlib.figure import Figure

from wsss.figures.plots import COLOURS, in_style
from wsss.paper.seed_table import NAMES, Cell


@in_style
def table_picture(title: str, cells: Sequence[Cell]) -> Figure:
    """Draw a panel per metric; ours as dots with a standard deviation, the paper's (VOC train) as diamonds.

    The axes do not begin at 0: the differences are what a table is about.
    """
    labels = list(dict.fromkeys(cell.label for cell in cells))
    metrics = list(dict.fromkeys(cell.metric for cell in cells))
    width = 0.07 * max(map(len, labels)) + 3 * len(metrics)  # inches
    figure = Figure(figsize=(width, 1.3 + 0.27 * len(labels)), layout="constrained")
    panels = figure.subplots(1, len(metrics), sharey=True, squeeze=False)[0]
    for axes, metric in zip(panels, metrics, strict=True):
        of_metric = [cell for cell in cells if cell.metric == metric]
        places = [labels.index(cell.label) for cell in of_metric]
        axes.errorbar(
            [cell.ours.mean for cell in of_metric],
            places,
            xerr=[cell.ours.deviation or 0 for cell in of_metric],
            fmt="o",
            color=COLOURS[0],
            capsize=2,
            label="ours",
        )
        papers = [cell.paper for cell in of_metric]
        axes.plot(papers, places, "D", color=COLOURS[1], fillstyle="none", label="paper (VOC train)")
        axes.set(xlabel=f"{NAMES[metric]} (%)", ylim=(len(labels) - 0.4, -0.6))
        axes.set_yticks(range(len(labels)), labels)
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2)
    figure.suptitle(textwrap.fill(title, int(13 * width)), fontsize=10)
    return figure
