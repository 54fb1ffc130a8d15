"""Which of our metrics the paper has a number for, of the same data."""

from __future__ import annotations

from wsss.paper.table_runs import TableRuns

_NAMES = {"voc2012": "VOC", "coco": "COCO"}  # of layouts, in what the tables say of the paper's data
_MEASURED = ("seed", "mask", "val")
_RATES = ("miou", "fpr", "fnr")


def published(tables: TableRuns, dataset: str) -> dict[str, dict[str, float]]:
    """Return {path of our metrics: the paper's rates in percent}; nothing for data that the paper has not measured on.

    Rates are "miou", and "fpr" and "fnr" where the paper has them.

    Where several tables have a number for the same experiment, that of the first counts.
    """
    data = tables.experiments.parameters(dataset).data
    known: dict[str, dict[str, float]] = {}
    for name in tables.tables if data.layout == "voc2012" else ():
        rows = tables.file.table(name).rows
        for key, path in tables.table_metrics(name, dataset).items():
            of_row = {str(metric): value for metric, value in rows[int(key.split("/")[0])].paper.items()}
            if "miou" in of_row:
                known.setdefault(path, {rate: of_row[rate] for rate in _RATES if rate in of_row})
    for name in tables.comparisons if data.layout in _NAMES else ():
        table = tables.file.comparison(name)
        if table.data is None or _NAMES[data.layout] not in table.data:
            continue
        for key, path in tables.comparison_metrics(name, dataset).items():
            number, column, _ = key.split("/")
            of_row = {str(measure): value for measure, value in table.rows[int(number)].paper.items()}
            if column in _MEASURED and column in of_row:
                known.setdefault(path, {"miou": of_row[column]})
    return known
