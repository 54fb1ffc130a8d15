"""The real rules from servers that fail to a val mIoU: fetch, verify, unpack, prepare, train (tiny networks)."""

import hashlib
import json

import pytest
import yaml
from paths import REPOSITORY
from project import Project, small_params
from real_layouts import COCO_COUNTS, VOC_COUNTS, coco_archives, coco_split, voc_archives, write_coco
from unreliable_server import UnreliableServer

pytestmark = pytest.mark.slow

BAD_HABITS = {  # what the mirrors of each file do, in their order
    "VOCtrainval_11-May-2012.tar": ["missing", "cuts"],
    "VOC2012test.tar": ["busy"],
    "benchmark.tgz": ["wrong_byte", "no_range"],
    "train2014.zip": ["cuts"],
    "val2014.zip": ["login", "busy"],
    "annotations_trainval2014.zip": ["missing", "gzip_header"],
}


@pytest.fixture(scope="module")
def archives():
    return voc_archives() | coco_archives()


@pytest.fixture(scope="module")
def server(archives):
    with UnreliableServer(archives) as server:
        yield server


def params_with_small_networks() -> dict:
    """Return params.yaml with voc and coco as they are, but for their counts and the networks, those of mini."""
    params = small_params()
    networks = {key: value for key, value in params["datasets"]["mini"].items() if key not in ("data", "compare")}
    for name, counts in (("voc", VOC_COUNTS), ("coco", COCO_COUNTS)):
        params["datasets"][name] = {"data": params["datasets"][name]["data"] | {"counts": counts}, **networks}
    return params


def write_sources(project, server, archives):
    sources = {"voc2012": [], "coco2014": []}
    for file, content in archives.items():
        sources["coco2014" if file.endswith(".zip") else "voc2012"].append(
            {
                "file": file,
                "mirrors": [server.url(habit, file) for habit in BAD_HABITS[file]],
                "md5": hashlib.md5(content).hexdigest(),
                "bytes": len(content),
            }
        )
    (project.root / "workflow/sources.yaml").write_text(yaml.safe_dump(sources))


def write_weights_source(project):
    """Add the weights of the kept list to the project's sources."""
    path = project.root / "workflow/sources.yaml"
    kept = yaml.safe_load((REPOSITORY / "workflow/sources.yaml").read_text())
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), "resnet38": kept["resnet38"]}))


@pytest.fixture
def project(tmp_path, server, archives, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    project = Project(tmp_path / "project", params_with_small_networks())
    write_sources(project, server, archives)
    return project


@pytest.mark.parametrize("dataset", ["voc", "coco"])
def test_from_nothing_to_a_val_miou(project, dataset):
    targets = [f"results/{dataset}_val_miou.json"]
    targets += ["results/voc_test_submission.tar.gz"] if dataset == "voc" else []
    done = project.snakemake(*targets)
    assert done.returncode == 0, done.stdout
    summary = json.loads((project.root / targets[0]).read_text())
    assert 0 <= summary["miou"] <= 100
    assert summary["images"] == (VOC_COUNTS if dataset == "voc" else COCO_COUNTS)["val"]
    fetched = {path.name: path.read_bytes() for path in (project.root / "archives").glob("[!.]*.*")}
    assert fetched == {"voc": voc_archives, "coco": coco_archives}[dataset]()
    assert "Nothing to be done" in project.snakemake(*targets).stdout


def test_archives_that_are_there_already_are_not_fetched(project, server, tmp_path):
    (tmp_path / "mine").mkdir()
    for file, content in voc_archives().items():
        (tmp_path / "mine" / file).write_bytes(content)
    project.params["datasets"]["voc"]["data"]["archives"] = "${MY_ARCHIVES}"
    project.write_params(project.params)
    asked = server.requests.total()
    done = project.snakemake("data/voc", MY_ARCHIVES=str(tmp_path / "mine"))
    assert done.returncode == 0, done.stdout
    assert server.requests.total() == asked
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == sorted(voc_archives())


def test_a_wrong_archive_of_ones_own_is_refused_and_kept(project, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/benchmark.tgz").write_bytes(b"half")
    project.params["datasets"]["voc"]["data"]["archives"] = str(tmp_path / "mine")
    project.write_params(project.params)
    done = project.snakemake("archives/unpacked/benchmark.tgz")
    assert done.returncode != 0 and "benchmark.tgz: has 4 bytes instead of" in done.stdout
    assert (tmp_path / "mine/benchmark.tgz").read_bytes() == b"half"


def test_an_unpacked_copy_needs_no_network(project, server, tmp_path):
    root = write_coco(tmp_path / "coco")
    project.params["datasets"]["coco"]["data"]["root"] = str(root)
    project.write_params(project.params)
    asked = server.requests.total()
    done = project.snakemake("data/coco")
    assert done.returncode == 0, done.stdout
    assert server.requests.total() == asked and "fetch_archive" not in done.stdout


def test_own_photos_with_a_coco_json_take_four_lines(project, tmp_path):
    for split in ("train", "val"):
        photos, instances = coco_split(split)
        (tmp_path / "own/images").mkdir(parents=True, exist_ok=True)
        for name, content in photos.items():
            (tmp_path / "own/images" / name.split("/")[1]).write_bytes(content)
        (tmp_path / f"own/{split}.json").write_text(json.dumps(instances))
    entry = f"""
layout: coco
root: {tmp_path / "own"}
annotations: {{ train: train.json, val: val.json }}
splits: {{ train: train, evaluate: train, val: val, test: null }}
"""
    project.params["datasets"]["own"] = {"data": yaml.safe_load(entry)}
    project.write_params(project.params)
    done = project.snakemake("data/own")
    assert done.returncode == 0, done.stdout
    assert len((project.root / "data/own/splits/train.txt").read_text().split()) == 6


def test_the_whole_plan_needs_no_network(project, server):
    asked = server.requests.total()
    plan = project.snakemake(
        "-n", "results/voc_val_miou.json", "results/coco_val_miou.json", "results/voc_test_submission.tar.gz"
    )
    assert plan.returncode == 0, plan.stdout
    assert plan.stdout.count("rule fetch_archive:") == 6 and plan.stdout.count("rule unpack_archive:") == 6
    assert server.requests.total() == asked


def test_the_paper_networks_need_their_imagenet_weights_fetched(project):
    project.params["datasets"]["voc"] = {"data": project.params["datasets"]["voc"]["data"]}
    project.write_params(project.params)
    write_weights_source(project)
    plan = project.snakemake("-n", "results/voc_val_miou.json")
    assert "output: archives/ilsvrc-cls_rna-a1_cls1000_ep-0001.pth" in plan.stdout, plan.stdout


def test_a_file_that_no_mirror_has_is_told_in_the_end_with_the_way_out(project, server, archives):
    write_sources(project, server, archives)
    path = project.root / "workflow/sources.yaml"
    path.write_text(path.read_text().replace("/busy/VOC2012test.tar", "/missing/VOC2012test.tar"))
    done = project.snakemake("--retries", "0", "archives/VOC2012test.tar")
    assert done.returncode != 0
    assert "VOC2012test.tar: could not be fetched" in done.stdout and "`archives`" in done.stdout
    assert not (project.root / "archives/VOC2012test.tar").exists()
