"""From which GPUs a job may choose: those of CUDA_VISIBLE_DEVICES where that is set, or else all of the machine's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from wsss.gpu.devices import Device

VISIBLE = "CUDA_VISIBLE_DEVICES"
_ENTRY = re.compile(r"\d+|(GPU|MIG)-\S+")


class Gpu(NamedTuple):
    """A GPU, or a MIG part of one."""

    entry: str  # how CUDA_VISIBLE_DEVICES names it
    identity: str  # the same however that names it: its UUID, where the driver tells


def pool(environment: Mapping[str, str], devices: Sequence[Device]) -> list[Gpu]:
    """Return the GPUs, or MIG parts, that a job may choose from.

    Those that CUDA_VISIBLE_DEVICES names, by number, UUID, the beginning of a UUID or a MIG part's name; as for CUDA,
    what follows an entry of another form (`-1`, SLURM's `NoDevFiles`) does not count. Without it, all `devices`.
    """
    if VISIBLE not in environment:
        return [Gpu(unit, unit) for device in devices for unit in device.units]
    found: dict[str, Gpu] = {}
    for entry in (word.strip() for word in environment[VISIBLE].split(",")):
        if not _ENTRY.fullmatch(entry):
            break
        gpu = Gpu(entry, _identity(entry, devices))
        found.setdefault(gpu.identity, gpu)
    return list(found.values())


def _identity(entry: str, devices: Sequence[Device]) -> str:
    """Return the UUID of what an entry names; the entry itself, where no device is known by it.

    CUDA's numbers may be in another order than the driver's, where GPUs differ and CUDA_DEVICE_ORDER is not set. As
    long as all jobs are given numbers, they differ all the same.
    """
    if entry.isdigit():
        return devices[int(entry)].units[0] if int(entry) < len(devices) else entry
    beginnings = [unit for device in devices for unit in (device.uuid, *device.parts) if unit.startswith(entry)]
    if len(beginnings) != 1:
        return entry
    whole = [device.units[0] for device in devices if device.uuid == beginnings[0]]  # a divided GPU: its first part
    return whole[0] if whole else beginnings[0]
