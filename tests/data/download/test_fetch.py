"""Fetching from servers that fail: the file arrives whole or is refused, never half."""

import gzip
import hashlib
import os
import random
import subprocess
import sys

import pytest
from paths import REPOSITORY
from unreliable_server import UnreliableServer

from wsss.data.download import fetch as fetch_module
from wsss.data.download.fetch import fetch
from wsss.data.download.sources import Source
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


def fetched(server, tmp_path, *habits, **options):
    fetch(source(server, *habits, **options), tmp_path / "a.tgz", attempts=4, first_pause=0.01)
    return (tmp_path / "a.tgz").read_bytes()


@pytest.mark.parametrize("habit", ["reliable", "cuts", "busy", "no_range", "gzip_header"])
@pytest.mark.parametrize("size", [SIZE, None])
def test_a_file_arrives_whole(server, tmp_path, habit, size):
    assert fetched(server, tmp_path, habit, size=size) == CONTENT
    assert not list(tmp_path.glob(".*.part"))


def test_a_cut_connection_is_resumed_where_it_ended(server, tmp_path):
    fetched(server, tmp_path, "cuts")
    half = len(CONTENT) // 2
    assert server.ranges[:2] == [None, f"bytes={half}-"]


def test_what_a_killed_job_left_is_gone_on_with(server, tmp_path):
    (tmp_path / ".a.tgz.part").write_bytes(CONTENT[:1000])
    assert fetched(server, tmp_path, "reliable") == CONTENT
    assert server.ranges == ["bytes=1000-"]


def test_a_server_that_ignores_range_is_read_from_the_beginning(server, tmp_path, capsys):
    (tmp_path / ".a.tgz.part").write_bytes(CONTENT[:1000])
    assert fetched(server, tmp_path, "no_range") == CONTENT
    assert "does not resume" in capsys.readouterr().err


def test_the_leftover_of_another_file_does_no_harm(server, tmp_path):
    (tmp_path / ".a.tgz.part").write_bytes(b"x" * 5000)
    assert fetched(server, tmp_path, "reliable") == CONTENT


@pytest.mark.parametrize("size", [SIZE, None])
def test_a_leftover_longer_than_the_file_is_dropped(server, tmp_path, size):
    (tmp_path / ".a.tgz.part").write_bytes(CONTENT + b"more")
    assert fetched(server, tmp_path, "reliable", size=size) == CONTENT


@pytest.mark.parametrize("bad", ["missing", "wrong_byte", "login", "cuts_no_range"])
@pytest.mark.parametrize("size", [SIZE, None])
def test_the_second_mirror_is_asked_when_the_first_is_bad(server, tmp_path, bad, size):
    assert fetched(server, tmp_path, bad, "reliable", size=size) == CONTENT


@pytest.mark.parametrize(
    ("habit", "message"),
    [
        ("missing", "HTTP 404"),
        ("wrong_byte", "has the md5"),
        ("login", "serves 26 bytes"),
        ("cuts_no_range", "Incomplete"),
    ],
)
def test_a_file_that_cannot_be_had_is_refused_with_the_reason_and_a_way_out(server, tmp_path, habit, message):
    with pytest.raises(InputError) as error:
        fetched(server, tmp_path, habit)
    assert not (tmp_path / "a.tgz").exists()
    for part in (message, "a.tgz: could not be fetched", server.url(habit, "a.tgz"), "`archives`", "`root`"):
        assert part in str(error.value), error.value


def test_a_mirror_without_the_file_is_asked_once(server, tmp_path):
    with pytest.raises(InputError):
        fetched(server, tmp_path, "missing")
    assert server.requests == {"/missing/a.tgz": 1}


def test_a_machine_without_a_network_gets_the_same_advice(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    nowhere = Source(file="a.tgz", mirrors=["http://127.0.0.1:9/a.tgz"], md5=None, bytes=None)
    with pytest.raises(InputError, match=r"a\.tgz: could not be fetched .*ConnectionError.*`archives`"):
        fetch(nowhere, tmp_path / "a.tgz", attempts=2, first_pause=0.01)


def test_a_file_that_is_there_is_not_fetched_again(server, tmp_path):
    (tmp_path / "a.tgz").write_bytes(CONTENT)
    fetched(server, tmp_path, "reliable")
    assert not server.requests


def test_a_wrong_file_that_is_there_is_refused_and_kept(server, tmp_path):
    (tmp_path / "a.tgz").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"a\.tgz: has 4 bytes instead"):
        fetched(server, tmp_path, "reliable")
    assert (tmp_path / "a.tgz").read_bytes() == b"mine"


def test_an_unknown_md5_is_printed_for_the_record(server, tmp_path, capsys):
    fetched(server, tmp_path, "reliable", md5=None)
    assert MD5 in capsys.readouterr().err


def test_too_small_a_disk_is_told_before_anything_arrives(server, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch_module.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000})())
    with pytest.raises(InputError, match=r"a\.tgz: .* GB are still to come, .* make room"):
        fetched(server, tmp_path, "reliable")
    assert not list(tmp_path.glob("*.tgz")) and not list(tmp_path.glob(".*.part"))


def test_two_jobs_that_want_one_file_fetch_it_once(server, tmp_path):
    code = (
        "from wsss.data.download.fetch import fetch; from wsss.data.download.sources import Source; "
        "from pathlib import Path;"
        f"fetch(Source.model_validate_json({source(server, 'cuts').model_dump_json()!r}), Path('a.tgz'), 5, 0.2)"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    jobs = [subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=environment) for _ in range(3)]
    assert [job.wait(60) for job in jobs] == [0, 0, 0]
    assert (tmp_path / "a.tgz").read_bytes() == CONTENT
    assert server.requests == {"/cuts/a.tgz": 4}
