"""Check an archive of a published data set and unpack it.

python stages/unpack_archive.py --archive archives/VOC2012test.tar --out archives/unpacked/VOC2012test.tar
"""

from pathlib import Path

from wsss.data.download.fetch import check_file
from wsss.data.download.sources import read_sources
from wsss.data.download.unpack import unpack
from wsss.errors import InputError, did_you_mean
from wsss.stage import main


def run(*, archive: Path, out: Path, sources: Path = Path("workflow/sources.yaml")) -> None:
    """Make `out` a folder of what `archive` holds, if it is the one that `sources` describes."""
    files = read_sources(sources).files
    if archive.name not in files:
        raise InputError(f"{archive.name}: not an archive in {sources}{did_you_mean(archive.name, files)}")
    check_file(files[archive.name], archive)
    unpack(archive, out)


if __name__ == "__main__":
    main(run, record=False)
