"""Fetch an archive of a published data set from the first mirror that has it, and check it.

python stages/fetch_archive.py --out archives/VOC2012test.tar
"""

from pathlib import Path

from wsss.data.download.fetch import fetch
from wsss.data.download.sources import read_sources
from wsss.errors import InputError, did_you_mean
from wsss.stage import main


def run(*, out: Path, sources: Path = Path("workflow/sources.yaml")) -> None:
    """Fetch the archive with the name of `out`; `sources` says where from."""
    files = read_sources(sources).files
    if out.name not in files:
        raise InputError(f"{out.name}: not an archive in {sources}{did_you_mean(out.name, files)}")
    fetch(files[out.name], out)


if __name__ == "__main__":
    main(run, record=False)
