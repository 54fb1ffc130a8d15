"""Mistakes in workflow/tables.yaml are named."""

from __future__ import annotations

import pytest
from paths import REPOSITORY

from wsss.errors import InputError
from wsss.paper.table_file import read_tables

TABLES = REPOSITORY / "workflow/tables.yaml"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('baseline: "CNN: CAM" }', 'baseline: "CNN: CAN" }', "did you mean 'CNN: CAM'"),
        ("paper: { miou: 67.2 }", "papr: { miou: 67.2 }", "table5.rows.0"),
        ("tables:\n  table1:", "tables: [\n  table1:", "not YAML"),
        ('run: "cnn mapping=mil', 'run: "cn mapping=mil', "table8.rows.1.run"),
        ('label: "CNN: MIL"', 'label: "CNN: CAM"', "two rows have one label"),
        ("of: [fnr, *cnn_cam]", "of: [fn, *cnn_cam]", "claims.0.larger.0.of"),
        ("mask: 69.1 }, ours: resnet38, run", "mask: 69.1 }, run", "row 'MCTformer (CVPR22)' has a run, but no `ours`"),
        (
            "paper: { seed: 50.9, mask: 63.4 }",
            "paper: {}",
            "row 'Chang et al. (CVPR20)' has neither a number of the paper",
        ),
        ("    data: PASCAL VOC 2012 train\n", "", "data is missing"),
    ],
)
def test_mistake_in_the_file_is_named(tmp_path, old, new, message):
    text = TABLES.read_text()
    assert old in text
    (tmp_path / "tables.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as error:
        read_tables(tmp_path / "tables.yaml")
    assert message in str(error.value)
