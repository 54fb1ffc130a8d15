"""A SLURM cluster of this one machine: munge, a controller, a node with two cores and two made-up GPUs. Needs root."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGES = ("slurm-wlm", "munge")
PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch")
_PLACE = Path("/etc/slurm/slurm.conf")
_MEMORY = 20_000  # MB, which SLURM believes that the node has

_CONFIGURATION = """
ClusterName=made_up
SlurmctldHost={host}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
MpiDefault=none
ReturnToService=2
SlurmdTimeout=20
MinJobAge=3600
KillWait=5
SchedulerParameters=sched_interval=5,bf_interval=5
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory={memory} Gres=gpu:pretended:2 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


class Cluster:
    """The daemons of a cluster, each of which can be killed and started again."""

    def __init__(self, folder: Path):
        self.folder, self.host = folder, socket.gethostname().split(".")[0]
        # Snakemake's plugin takes SLURM's variables away from what it submits, so jobs look where Debian has the file
        if _PLACE.exists() and not _PLACE.is_symlink():
            raise SystemExit(f"{_PLACE}: this machine has a SLURM of its own; try another one")
        self._running: dict[str, subprocess.Popen] = {}
        for name in ("state", "spool"):
            (folder / name).mkdir(parents=True)
        text = _CONFIGURATION.format(folder=folder, host=self.host, memory=_MEMORY)
        (folder / "slurm.conf").write_text(text.lstrip())
        _PLACE.parent.mkdir(exist_ok=True)
        for name in ("slurm.conf", "gres.conf"):
            _PLACE.with_name(name).unlink(missing_ok=True)
            _PLACE.with_name(name).symlink_to(folder / name)
        devices = [folder / f"gpu{number}" for number in (0, 1)]
        for device in devices:  # SLURM wants devices: these swallow all, as /dev/null does
            os.mknod(device, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
        lines = [f"Name=gpu Type=pretended File={device} Flags=nvidia_gpu_env\n" for device in devices]
        (folder / "gres.conf").write_text("".join(lines))
        key = folder / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o600)

    def start(self, daemon: str) -> None:
        """Start munged, slurmctld or slurmd, and leave it running."""
        command = {
            "munged": ["munged", "--foreground", "--force", *self._munge()],
            "slurmctld": ["slurmctld", "-D"],
            "slurmd": ["slurmd", "-D"],
        }[daemon]
        with (self.folder / f"{daemon}.out").open("ab") as output:
            self._running[daemon] = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)

    def kill(self, daemon: str) -> None:
        """Kill a daemon as a machine's failure would; what it has started runs on."""
        process = self._running.pop(daemon)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def ask(self, *command: str) -> str:
        """Return what one of SLURM's commands prints; nothing where it fails, as while the controller is gone."""
        done = subprocess.run(command, capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else ""

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Wait until the node takes jobs."""
        until = time.monotonic() + seconds
        while (state := self.ask("sinfo", "--noheader", "--format=%T")) not in ("idle", "mixed", "allocated"):
            if time.monotonic() > until:
                raise TimeoutError(f"the node is {state or 'not known'}; {self.folder}/slurmctld.log may say why")
            time.sleep(0.5)

    def running(self) -> dict[str, str]:
        """Return {job number: its comment, in which Snakemake's plugin names the rule} of the jobs that run."""
        lines = self.ask("squeue", "--noheader", "--states=RUNNING", "--format=%i %k").splitlines()
        return dict(line.split(maxsplit=1) for line in lines if " " in line)

    def gpu(self, number: str) -> str:
        """Return which GPUs a job has, "" for none, or where that is not known."""
        about = self.ask("scontrol", "--details", "show", "job", number).split()
        return next((word.removeprefix("GRES=") for word in about if word.startswith("GRES=")), "")

    def stop(self) -> None:
        """Kill all daemons and the jobs that they were running."""
        for number in self.running():
            self.ask("scancel", "--signal=KILL", number)
        for daemon in ("slurmd", "slurmctld", "munged"):
            if daemon in self._running:
                self.kill(daemon)
        for name in ("slurm.conf", "gres.conf"):
            _PLACE.with_name(name).unlink(missing_ok=True)

    def _munge(self) -> list[str]:
        options = {"key-file": "key", "socket": "socket", "pid-file": "pid", "seed-file": "seed", "log-file": "log"}
        return [f"--{option}={self.folder}/munge.{ending}" for option, ending in options.items()]


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Yield a cluster that takes jobs; its configuration, state and logs are in a folder."""
    made = Cluster(folder)
    try:
        for daemon in ("munged", "slurmctld", "slurmd"):
            made.start(daemon)
            time.sleep(1)
        made.wait_until_ready()
        yield made
    finally:
        made.stop()
