"""Following the logs of running stages."""

import os

import pytest

from wsss.follow import Follower


@pytest.fixture
def logs(tmp_path):
    (tmp_path / "mini/main").mkdir(parents=True)
    return tmp_path


def test_what_is_added_is_told_once_after_the_name_of_its_log(logs):
    one, two = logs / "mini/main/train_seed.log", logs / "mini/main/make_mask.log"
    one.write_text("epoch 1\n")
    follower = Follower(logs)
    assert follower.new() == "mini/main/train_seed.log:\nepoch 1\n"
    with one.open("a") as file:
        file.write("epoch 2\nepo")
    assert follower.new() == "epoch 2\n"  # of the same, and whole lines alone
    two.write_text("random walk: 3/7\n")
    with one.open("a") as file:
        file.write("ch 3\n")
    assert follower.new() == "mini/main/make_mask.log:\nrandom walk: 3/7\nmini/main/train_seed.log:\nepoch 3\n"
    assert follower.new() == ""


def test_a_log_that_is_begun_anew_is_read_from_its_start(logs):
    log = logs / "a.log"
    log.write_text("a long first run\n")
    follower = Follower(logs)
    follower.new()
    log.write_text("again\n")
    assert follower.new() == "again\n"


def test_of_logs_that_were_there_only_the_end_of_recent_ones_is_told(logs):
    old, recent = logs / "old.log", logs / "recent.log"
    old.write_text("long ago\n")
    os.utime(old, (1, 1))
    recent.write_text("x\n" * 1000)
    told = Follower(logs).new()
    assert told.startswith("recent.log:\n") and 300 < len(told) < 600 and "ago" not in told


def test_a_folder_that_is_not_there_yet_has_nothing(tmp_path):
    follower = Follower(tmp_path / "logs")
    assert follower.new() == ""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/a.log").write_text("now\n")
    assert follower.new() == "a.log:\nnow\n"
