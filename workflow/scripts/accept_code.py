"""Accept products that older code has made as what the present code would make.

python workflow/scripts/accept_code.py [results/mini/main/seed_network ...]

Their records say from then on who accepted which modules, and when. Without names, all products below results/ and
data/ that a run would name as made by older code.
"""

import argparse
import getpass
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from wsss.errors import InputError
from wsss.product.code import changed_code, code_now
from wsss.product.kept import keep
from wsss.product.making import LONG_STAGES
from wsss.product.record import Record, read_record, write_record

_STAGES = Path("stages")


def main() -> None:
    """Accept; say what."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("products", nargs="*", type=Path)
    try:
        count = sum(_accept(product) for product in parser.parse_args().products or _all_products())
    except InputError as error:
        sys.exit(f"error: {error}")
    if not count:
        print("nothing was made by older code")
    elif Path("dvc.lock").exists():
        subprocess.run([sys.executable, "workflow/scripts/dvc_commit.py"], check=True)


def _all_products() -> list[Path]:
    records = [path for folder in ("data", "results") for path in sorted(Path(folder).rglob("*.run.json"))]
    shown = [path for path in records if not any(part.startswith(".") for part in path.parts)]
    return [path.with_name(path.name.removesuffix(".run.json")) for path in shown]


def _accept(product: Path) -> bool:
    record = read_record(product)
    if record is None:
        raise InputError(f"{product}: there is no record beside it (*.run.json)")
    changed = changed_code(record.known_code(), _STAGES / record.program)
    if not changed or record.stage not in LONG_STAGES:
        return False
    write_record(product, _accepted(record))
    keep(product)
    print(f"{product}: accepted, though {', '.join(changed)} changed")
    return True


def _accepted(record: Record) -> Record:
    """Return the record with the present code of all its modules that mean something else now."""
    now = code_now(record.code, _STAGES / record.program)
    code = {name: digest for name, digest in now.items() if digest != record.code[name]}
    when = datetime.now(UTC).isoformat(timespec="seconds")
    return replace(record, accepted={"by": _user(), "when": when, "code": code})


def _user() -> str:
    name = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True).stdout.strip()
    return name or getpass.getuser()


if __name__ == "__main__":
    main()
