"""Unpacking: nothing outside the folder, whole or not at all."""

import io
import stat
import tarfile
import zipfile

import pytest

from wsss.data.download import unpack as unpack_module
from wsss.data.download.unpack import unpack
from wsss.errors import InputError

FILES = {"VOC/JPEGImages/a.jpg": b"photo " * 3000, "VOC/list.txt": b"a\n"}


def tar_of(path, files=FILES, *entries, mode="w"):
    """Write a tar of files, then of other entries (TarInfo)."""
    with tarfile.open(path, mode) as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        for entry in entries:
            tar.addfile(entry)
    return path


def zip_of(path, files=FILES):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return path


def entry(name, kind, link=""):
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made


def content_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refusal(archive, tmp_path):
    """Unpack what must not be unpacked; return what the user is told. Nothing may have been written."""
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError) as error:
        unpack(archive, tmp_path / "out/unpacked")
    (tmp_path / "out").rmdir()  # fails where anything is in it
    assert sorted(tmp_path.rglob("*")) == before
    assert archive.name in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(("name", "mode"), [("a.tar", "w"), ("a.tgz", "w:gz"), ("a.zip", None)])
def test_an_archive_comes_out_as_it_went_in(tmp_path, name, mode):
    archive = tar_of(tmp_path / name, mode=mode) if mode else zip_of(tmp_path / name)
    unpack(archive, tmp_path / "out")
    assert content_of(tmp_path / "out") == FILES


@pytest.mark.parametrize("name", ["/tmp/evil", "../evil", "VOC/../../evil", "C:/evil", "..\\evil"])
@pytest.mark.parametrize("make", [tar_of, zip_of])
def test_a_name_that_leads_out_is_refused(tmp_path, make, name):
    archive = make(tmp_path / ("a.zip" if make is zip_of else "a.tar"), {"ok.txt": b"1", name: b"evil"})
    assert "outside of its folder" in refusal(archive, tmp_path)


@pytest.mark.parametrize(
    "link",
    [
        entry("a", tarfile.SYMTYPE, "/etc"),
        entry("a/b", tarfile.SYMTYPE, "../.."),
        entry("a", tarfile.LNKTYPE, "../evil"),
    ],
)
def test_a_link_that_leads_out_is_refused(tmp_path, link):
    assert "is a link to" in refusal(tar_of(tmp_path / "a.tar", FILES, link), tmp_path)


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_a_device_is_refused(tmp_path, kind):
    assert "neither a file nor a folder" in refusal(tar_of(tmp_path / "a.tar", FILES, entry("d", kind)), tmp_path)


def test_a_link_in_a_zip_that_leads_out_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        link = zipfile.ZipInfo("a")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc")
    assert "is a link to '/etc'" in refusal(tmp_path / "a.zip", tmp_path)


def test_links_within_the_folder_are_left_out_and_said_so(tmp_path, capsys):
    archive = tar_of(tmp_path / "a.tar", FILES, entry("VOC/again", tarfile.SYMTYPE, "list.txt"))
    unpack(archive, tmp_path / "out")
    assert content_of(tmp_path / "out") == FILES
    assert "1 links left out, first VOC/again" in capsys.readouterr().err


def test_a_file_is_not_written_through_a_link_made_before_it(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        (tmp_path / "elsewhere").mkdir()
        tar.addfile(entry("a", tarfile.SYMTYPE, "b"))
        tar.addfile(entry("b", tarfile.SYMTYPE, "VOC"))
        inside = tarfile.TarInfo("a/x")
        inside.size = 1
        tar.addfile(inside, io.BytesIO(b"x"))
    unpack(tmp_path / "a.tar", tmp_path / "out")
    assert content_of(tmp_path / "out") == {"a/x": b"x"}


@pytest.mark.parametrize(("name", "mode"), [("a.tar", "w"), ("a.tgz", "w:gz"), ("a.zip", None)])
@pytest.mark.parametrize("kept", [0.05, 0.5, 0.95])
def test_a_truncated_archive_is_refused_wherever_it_ends(tmp_path, name, mode, kept):
    many = {f"{number}.bin": bytes(range(256)) * 100 for number in range(20)}
    archive = tar_of(tmp_path / name, many, mode=mode) if mode else zip_of(tmp_path / name, many)
    archive.write_bytes(archive.read_bytes()[: int(kept * archive.stat().st_size)])
    assert "damaged or truncated" in refusal(archive, tmp_path)


def test_a_tar_that_ends_between_two_members_is_refused(tmp_path):
    archive = tar_of(tmp_path / "a.tar", {"a": b"1", "b": b"2"})
    archive.write_bytes(archive.read_bytes()[:1024])
    assert "its last block is missing" in refusal(archive, tmp_path)


@pytest.mark.parametrize("name", ["a.tgz", "a.zip"])
def test_a_changed_byte_is_noticed_by_the_archives_own_checksum(tmp_path, name):
    files = {"a": bytes(range(256)) * 50}
    archive = tar_of(tmp_path / name, files, mode="w:gz") if name == "a.tgz" else zip_of(tmp_path / name, files)
    content = bytearray(archive.read_bytes())
    content[len(content) // 3] ^= 255
    archive.write_bytes(content)
    assert "damaged or truncated" in refusal(archive, tmp_path)


def test_something_else_is_no_archive(tmp_path):
    (tmp_path / "a.zip").write_text("<html>Please log in</html>")
    assert "damaged or truncated" in refusal(tmp_path / "a.zip", tmp_path)


def test_a_file_where_a_folder_should_be_is_refused(tmp_path):
    assert "a file and a folder of one name" in refusal(tar_of(tmp_path / "a.tar", {"a": b"1", "a/b": b"2"}), tmp_path)


def test_a_failure_leaves_what_was_unpacked_before(tmp_path):
    unpack(tar_of(tmp_path / "a.tar"), tmp_path / "out")
    with pytest.raises(InputError):
        unpack(tar_of(tmp_path / "b.tar", {"../evil": b"1"}), tmp_path / "out")
    assert content_of(tmp_path / "out") == FILES


def test_too_small_a_disk_is_told_before_anything_is_written(tmp_path, monkeypatch):
    archive = zip_of(tmp_path / "a.zip")
    monkeypatch.setattr(unpack_module.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000})())
    assert "make room" in refusal(archive, tmp_path)
