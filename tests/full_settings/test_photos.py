"""The small data sets are what the published ones are, but for their size."""

import pytest
from full_settings.settings import tiny_params
from full_settings.whole_way import WRITERS
from PIL import Image
from project import Project

from wsss.data.prepared import PreparedDataset
from wsss.files import VOID, read_mask


@pytest.mark.slow
@pytest.mark.parametrize(("dataset", "classes"), [("voc", 20), ("coco", 80)])
def test_small_data_has_what_the_published_has(tmp_path, dataset, classes):
    """All classes of the published set, six of which are shown, grey photos among them, and VOC's void."""
    counts = WRITERS[dataset](tmp_path / "photos", 16)
    params = tiny_params(dataset, {"root": str(tmp_path / "photos"), "counts": counts})
    project = Project(tmp_path / "project", params)
    done = project.run("snakemake", "--cores", "1", f"data/{dataset}")
    assert done.returncode == 0, done.stdout
    data = PreparedDataset(project.root / f"data/{dataset}")
    ids = data.split(params["datasets"][dataset]["data"]["splits"]["train"])
    assert data.labels(ids).shape == (16, classes) and (data.labels(ids).sum(0) > 0).sum() == 6
    assert {Image.open(data.image_path(image_id)).mode for image_id in ids} == {"L", "RGB"}
    has_void = [VOID in read_mask(data.mask_path(image_id)) for image_id in ids]
    assert sum(has_void) == {"voc": 8, "coco": 0}[dataset]  # VOC's own masks have it, SBD's and COCO's have not
