"""The list of archives and their mirrors."""

import gzip
import hashlib
import random

import pytest
from paths import REPOSITORY
from unreliable_server import UnreliableServer

from wsss.data.download.sources import Source, read_sources
from wsss.errors import InputError

CONTENT = gzip.compress(random.Random(0).randbytes(300_000))


SIZE, MD5 = len(CONTENT), hashlib.md5(CONTENT).hexdigest()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with UnreliableServer({"a.tgz": CONTENT}) as server:
        yield server


def source(server, *habits, size=SIZE, md5=MD5):
    return Source(file="a.tgz", mirrors=[server.url(habit, "a.tgz") for habit in habits], md5=md5, bytes=size)


def test_a_broken_list_of_sources_is_named(tmp_path):
    (tmp_path / "sources.yaml").write_text("voc2012: [")
    with pytest.raises(InputError, match="sources.yaml: not YAML"):
        read_sources(tmp_path / "sources.yaml")


def test_the_kept_list_of_sources_names_every_archive_of_voc_and_coco():
    sources = read_sources(REPOSITORY / "workflow/sources.yaml")
    assert [source.file for source in sources.archives_of("voc2012")] == [
        "VOCtrainval_11-May-2012.tar",
        "VOC2012test.tar",
        "benchmark.tgz",
    ]
    assert len(sources.archives_of("coco2014")) == 3
    assert all(source.md5 for name in ("voc2012", "coco2014") for source in sources.archives_of(name))


def test_an_unknown_source_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'coco2014'"):
        read_sources(REPOSITORY / "workflow/sources.yaml").archives_of("coco2015")
