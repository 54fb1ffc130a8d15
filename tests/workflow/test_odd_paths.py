"""A project, photos and labels under names that a shell could take apart, from labels to masks and a network."""

from __future__ import annotations

import json

import numpy as np
import pytest
from project import Project, small_params
from voc_folder import make_voc_folder

from wsss.files import write_mask

IDS = ["Foto 1 (Kopie)", "o'hare", 'say "cheese"', "größe", "a;b", "$HOME", "-rf", "100%"]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("mein Ordner's & $HOME")
    make_voc_folder(root / "voc", train=len(IDS), val=0, test=0)
    photos = root / "Fotos & Größen (2)"
    photos.mkdir()
    (root / "fremde Masken").mkdir()
    rows = ["file,labels"]
    for index, name in enumerate(IDS):
        (root / f"voc/JPEGImages/train_{index:04d}.jpg").rename(photos / f"{name}.jpg")
        write_mask(root / f"fremde Masken/{name}.png", np.full((48, 48), index % 2 + 1))
        rows.append('"{}",{}'.format(f"{name}.jpg".replace('"', '""'), ["Tür & Tor", "cat's eye"][index % 2]))
    (root / "Etiketten.csv").write_text("\n".join(rows), encoding="utf-8")
    params = small_params() | {"dataset": "größe", "files": {"fotos": str(photos)}}
    params["foreign"] = {"fremd": str(root / "fremde Masken")}
    project = Project(root / "mein Projekt", params)
    described = project.run(
        *("python", "stages/describe_data.py", str(photos), "--labels", str(root / "Etiketten.csv")),
        *("--name", "größe", "--like", "mini", "--val", "0"),
    )
    assert described.returncode == 0, described.stdout
    return project


@pytest.mark.slow
def test_everything_is_made_under_any_name(project):
    variant = "mask.from=fremd,predict.crf=null"  # whose stages have no CRF, which would take a minute to compile
    targets = ["data.html", "main/seeds", f"{variant}/segmented/fotos"]
    done = project.snakemake(*(f"results/größe/{target}" for target in targets))
    assert done.returncode == 0, done.stdout
    results = project.root / "results/größe"
    assert sorted(path.stem for path in (results / "main/seeds").glob("*.npz")) == sorted(IDS)
    assert sorted(path.stem for path in (results / variant / "segmented/fotos/masks").glob("*.png")) == sorted(IDS)
    model = json.loads((results / variant / "model/model.json").read_text(encoding="utf-8"))
    assert model["classes"] == ["Tür & Tor", "cat's eye"]
    page = (results / "data.html").read_text(encoding="utf-8")
    assert "Tür &amp; Tor" in page and "Tür & Tor" not in page
    again = project.snakemake("--dry-run", *(f"results/größe/{target}" for target in targets))
    assert "Nothing to be done" in again.stdout, again.stdout


def test_a_data_set_of_a_name_that_no_path_can_carry_is_refused_at_once(tmp_path):
    params = small_params()
    params["datasets"]["my photos"] = params["datasets"]["mini"]
    done = Project(tmp_path, params).snakemake("--dry-run")
    assert done.returncode == 1
    errors = [line for line in done.stdout.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and "datasets: 'my photos' cannot be the name of a data set" in errors[0]
