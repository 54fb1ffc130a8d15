"""What stages are writing to their logs, as one text."""

from __future__ import annotations

from pathlib import Path

_RECENT = 300.0  # seconds: a log that has grown since then, when one begins to look, is followed from its last lines
_TAIL = 500  # bytes of such a log


class Follower:
    """Reads what has been added to the logs below a folder, each time that it is asked."""

    def __init__(self, folder: Path):
        self._folder, self._read, self._last = folder, dict[Path, int](), Path()
        sizes = {path: path.stat() for path in self._logs()}
        latest = max((stat.st_mtime for stat in sizes.values()), default=0.0)
        for path, stat in sizes.items():
            is_recent = stat.st_mtime > latest - _RECENT
            self._read[path] = max(stat.st_size - _TAIL, 0) if is_recent else stat.st_size

    def new(self) -> str:
        """Return the lines that are complete and new, of each log after its name where that is another than before."""
        text = ""
        for path in self._logs():
            size, done = path.stat().st_size, self._read.get(path, 0)
            if size < done:  # begun anew
                done = 0
            with path.open("rb") as file:
                file.seek(done)
                added = file.read(size - done)
            whole = added[: added.rfind(b"\n") + 1]
            self._read[path] = done + len(whole)
            if whole:
                if path != self._last:
                    text += f"{path.relative_to(self._folder)}:\n"
                    self._last = path
                text += whole.decode("utf-8", "replace").replace("\r", "\n")
        return text

    def _logs(self) -> list[Path]:
        return sorted(path for path in self._folder.rglob("*.log") if path.is_file())
