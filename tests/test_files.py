"""Files that exist whole or not at all, and images and masks that say what is wrong with them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from wsss import files
from wsss.errors import InputError
from wsss.files import (
    read_image,
    read_json,
    read_lines,
    read_mask,
    read_text,
    whole_directory,
    whole_file,
    write_json,
    write_mask,
)


def everything(folder) -> list[str]:
    """Return what is in a folder, hidden files included."""
    return sorted(path.name for path in folder.iterdir())


def test_whole_file_appears_when_the_block_ends(tmp_path):
    with whole_file(tmp_path / "new" / "a.txt") as part:
        part.write_text("all")
        assert not (tmp_path / "new" / "a.txt").exists()
    assert (tmp_path / "new" / "a.txt").read_text() == "all" and everything(tmp_path / "new") == ["a.txt"]


def test_error_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), whole_file(path) as part:
        part.write_text("ha")
        raise RuntimeError
    assert path.read_text() == "old" and everything(tmp_path) == ["a.txt"]


def test_interrupt_leaves_no_file(tmp_path):
    with pytest.raises(KeyboardInterrupt), whole_file(tmp_path / "a.txt") as part:
        part.write_text("ha")
        raise KeyboardInterrupt
    assert everything(tmp_path) == []


@pytest.mark.parametrize("old", ["none", "folder", "file", "link"])
def test_whole_directory_takes_the_place_of_what_was_there(tmp_path, old):
    path, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    if old == "folder":
        (path / "deep").mkdir(parents=True)
        (path / "deep" / "stale").touch()
    elif old == "file":
        path.touch()
    elif old == "link":
        path.symlink_to(elsewhere)
    with whole_directory(path) as part:
        (part / "fresh").touch()
    assert everything(path) == ["fresh"] and not path.is_symlink()
    assert everything(tmp_path) == ["elsewhere", "out"] and everything(elsewhere) == ["kept"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_error_leaves_the_old_directory_and_nothing_else(tmp_path, error):
    path = tmp_path / "out"
    path.mkdir()
    (path / "old").touch()
    with pytest.raises(error), whole_directory(path) as part:
        (part / "half").touch()
        raise error
    assert everything(path) == ["old"] and everything(tmp_path) == ["out"]


def test_remains_of_a_killed_process_do_not_get_into_the_output(tmp_path):
    for name in (".out.part", ".out.old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "remains").touch()
    with whole_directory(tmp_path / "out") as part:
        assert everything(part) == []
    assert everything(tmp_path) == ["out"]


def test_old_output_leaves_in_one_step(tmp_path, monkeypatch):
    """Whoever is killed while the old output is deleted leaves no half of it under its name."""
    path = tmp_path / "out"
    path.mkdir()
    (path / "old").touch()
    monkeypatch.setattr("wsss.files.shutil.rmtree", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt), whole_directory(path) as part:
        (part / "new").touch()
    assert everything(path) == ["new"]


def test_json_comes_back(tmp_path):
    write_json(tmp_path / "a.json", {"miou": 51.5, "per_class": [1, None]})
    assert read_json(tmp_path / "a.json") == {"miou": 51.5, "per_class": [1, None]}


def test_value_that_is_no_json_leaves_no_file(tmp_path):
    with pytest.raises(TypeError):
        write_json(tmp_path / "a.json", {"x": object()})
    assert everything(tmp_path) == []


def test_missing_and_broken_files_are_named(tmp_path):
    for read in (read_json, read_lines, read_image, read_mask):
        with pytest.raises(InputError, match="nothing: no such file"):
            read(tmp_path / "nothing")
    (tmp_path / "half.json").write_text('{"a": ')
    with pytest.raises(InputError, match="half.json: not JSON"):
        read_json(tmp_path / "half.json")


def test_lines_are_stripped_and_empty_ones_left_out(tmp_path):
    (tmp_path / "a.txt").write_text("one\r\n\n  two \n")
    assert read_lines(tmp_path / "a.txt") == ["one", "two"]


@pytest.mark.parametrize(
    ("suffix", "damage"),
    [(suffix, damage) for suffix in ("jpg", "png") for damage in ("empty", "cut", "text")] + [("png", "flipped")],
)
def test_broken_image_is_named(tmp_path, suffix, damage):
    path = tmp_path / f"photo.{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    content = path.read_bytes()
    damaged = {
        "empty": b"",
        "cut": content[: len(content) // 2],
        "text": b"<html>",
        "flipped": content[:2000]
        + bytes(255 - value for value in content[2000:2100])
        + content[2100:],  # PNG: checksum
    }
    path.write_bytes(damaged[damage])
    with pytest.raises(InputError, match=rf"photo.{suffix}: does not decode as an image .*replace or drop it"):
        read_image(path)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK"])
def test_photos_of_any_mode_become_rgb(tmp_path, mode):
    path = tmp_path / ("photo.jpg" if mode == "CMYK" else "photo.png")
    Image.new("RGB", (5, 4), (255, 255, 255)).convert(mode).save(path)
    image = read_image(path)
    assert image.shape == (4, 5, 3) and image.dtype == np.uint8 and image.min() > 250


def test_photo_of_16_bits_keeps_its_greys(tmp_path):
    greys = np.array([[0, 0x7F00, 0x80FF, 0xFFFF]], np.uint16)
    Image.fromarray(greys).save(tmp_path / "photo.png")
    assert read_image(tmp_path / "photo.png").tolist() == [[[0] * 3, [127] * 3, [128] * 3, [255] * 3]]


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_photo_of_32_bits_is_refused_by_name(tmp_path, dtype):
    Image.fromarray(np.full((4, 5), 70000, dtype)).save(tmp_path / "photo.tiff")
    with pytest.raises(InputError, match=r"photo\.tiff: numbers of 32 bits.*save it with 8 or 16"):
        read_image(tmp_path / "photo.tiff")


@pytest.mark.parametrize("size", [(40, 50), (1000, 2), (2, 1000)])
def test_photo_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path, monkeypatch, size):
    Image.new("L", size).save(tmp_path / "photo.png")
    monkeypatch.setattr(files, "MOST_PIXELS", 1999)
    monkeypatch.setattr(Image.Image, "load", None)
    with pytest.raises(InputError, match=rf"photo\.png: {size[0]}×{size[1]} pixels are more than"):
        read_image(tmp_path / "photo.png")


def test_photo_of_100_megapixels_is_read_without_a_warning(tmp_path, recwarn):
    Image.new("1", (10000, 10000)).save(tmp_path / "photo.png")
    assert read_image(tmp_path / "photo.png").shape == (10000, 10000, 3) and not recwarn.list


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_text_is_read_in_every_unicode_that_programs_write(tmp_path, encoding, newline):
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    (tmp_path / "a.txt").write_bytes((mark + newline.join(["Hütte", "żółw", ""])).encode(encoding))
    assert read_lines(tmp_path / "a.txt") == ["Hütte", "żółw"]
    assert read_text(tmp_path / "a.txt") == "Hütte\nżółw\n"


def test_text_in_another_encoding_is_refused_with_its_line(tmp_path):
    (tmp_path / "a.txt").write_bytes("eins\nHütte\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"a\.txt: line 2 is not in UTF-8; save the file as UTF-8"):
        read_lines(tmp_path / "a.txt")


def test_mask_comes_back_as_palette_png_in_voc_colours(tmp_path):
    mask = np.array([[0, 1, 255], [20, 15, 2]])
    write_mask(tmp_path / "m.png", mask)
    assert np.array_equal(read_mask(tmp_path / "m.png"), mask)
    with Image.open(tmp_path / "m.png") as image:
        assert image.mode == "P"
        colours = np.asarray(image.convert("RGB"))
    # of VOC's devkit: aeroplane (1) dark red, void (255) cream, person (15)
    assert [colours[0, 1].tolist(), colours[0, 2].tolist(), colours[1, 1].tolist()] == [
        [128, 0, 0],
        [224, 224, 192],
        [192, 128, 128],
    ]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "I;16", "1"])
def test_mask_that_holds_no_class_numbers_is_refused(tmp_path, mode):
    Image.new(mode, (3, 3)).save(tmp_path / "m.png")
    with pytest.raises(InputError, match="m.png: a mask is a palette or greyscale PNG"):
        read_mask(tmp_path / "m.png")
