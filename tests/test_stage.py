"""What a stage's program does around its function: command line, record, messages, exit status."""

from __future__ import annotations

import errno
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import torch
from paths import REPOSITORY
from safetensors import SafetensorError
from small import PARAMS

from wsss.errors import InputError
from wsss.stage import labelled_paths, main

PROGRAM = '''"""A stage."""
from pathlib import Path
from wsss.config import Parameters
from wsss.files import whole_directory

seen, effect = {{}}, None

def run(parameters: Parameters, *, data: Path, out: Path, {arguments}) -> None:
    seen.update(locals())
    with whole_directory(out) as folder:
        (folder / "a").touch()
        if effect:
            raise effect

if __name__ == "__main__":
    from wsss.stage import main
    main(run)
'''


@pytest.fixture
def stage(tmp_path, monkeypatch):
    """Give a function that runs a stage's program in this process and returns what its `run` was given."""
    (tmp_path / "params.yaml").write_text(PARAMS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RANK", raising=False)
    threads, exact = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()

    def call(*options: str, name: str = "extract_seed", arguments: str = "threads: int", effect=None, **kwargs) -> dict:
        path = tmp_path / f"{name}.py"
        path.write_text(PROGRAM.format(arguments=arguments))
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        module.effect = effect
        monkeypatch.setattr(sys, "argv", [f"stages/{name}.py", "--data", "d", "--out", "results/out", *options])
        main(module.run, **kwargs)
        return module.seen

    yield call
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(exact)


def test_a_bool_is_a_switch_and_the_variant_is_handed_on_where_it_is_asked_for(stage):
    arguments = "variant: str, loud: bool = False, side: int | None = None"
    seen = stage("--dataset", "toy", "--variant", "tau1=2", "--loud", "--side", "7", arguments=arguments)
    assert (seen["variant"], seen["loud"], seen["side"]) == ("tau1=2", True, 7)
    seen = stage("--dataset", "toy", "--again", arguments=arguments)
    assert (seen["variant"], seen["loud"], seen["side"]) == ("main", False, None)
    record = json.loads(Path("results/out.run.json").read_text())
    assert record["options"] == {}  # the variant is in what it sets


def test_arguments_are_the_command_line_and_most_are_paths(stage):
    arguments = "split: str, top: int = 3, weights: Path | None = None, parts: list[str], threads: int"
    seen = stage("--dataset", "toy", "--split", "val", "--parts", "a=b", "c=d", "--threads", "1", arguments=arguments)
    del seen["parameters"]
    assert seen == {
        "data": Path("d"),
        "out": Path("results/out"),
        "split": "val",
        "top": 3,
        "weights": None,
        "parts": ["a=b", "c=d"],
        "threads": 1,
    }


def test_underscores_become_dashes_and_given_paths_paths(stage):
    arguments = "seed_maps: Path, weights: Path | None = None"
    seen = stage("--dataset", "toy", "--seed-maps", "s", "--weights", "w", arguments=arguments)
    assert (seen["seed_maps"], seen["weights"]) == (Path("s"), Path("w"))


def test_data_set_and_variant_choose_the_parameters(stage):
    seen = stage("--dataset", "own", "--variant", "epochs=9,mapping=cam")
    parameters = seen["parameters"]
    assert (parameters.dataset, parameters.seed.epochs, parameters.seed.tau1) == ("own", 9, None)


@pytest.mark.parametrize("missing", ["--dataset", "--network"])
def test_missing_option_is_refused_by_name(stage, capsys, missing):
    given = {"--dataset": "toy", "--network": "n"}
    del given[missing]
    with pytest.raises(SystemExit) as exit_:
        stage(*[word for pair in given.items() for word in pair], arguments="network: Path")
    assert exit_.value.code == 2 and missing in capsys.readouterr().err


def test_log_starts_with_the_command(stage, capsys):
    stage("--dataset", "toy")
    first = capsys.readouterr().err.splitlines()[0]
    assert first == "python stages/extract_seed.py --data d --out results/out --dataset toy"


def test_record_holds_the_parameters_that_the_stage_depends_on_and_versions(stage, tmp_path):
    stage("--dataset", "toy", "--variant", "tau1=0.5")
    record = json.loads((tmp_path / "results" / "out.run.json").read_text())
    assert (record["stage"], record["dataset"]) == ("extract_seed", "toy")
    assert set(record["parameters"]) == {"data", "seed", "extract"}
    assert record["parameters"]["seed"]["tau1"] == 0.5
    assert record["versions"]["torch"] == version("torch")


def test_record_after_true_masks_holds_nothing_of_the_seeds(stage, tmp_path):
    stage("--dataset", "toy", "--variant", "segmentation.supervision=ground_truth", name="train_segmentation")
    record = json.loads((tmp_path / "results" / "out.run.json").read_text())
    assert set(record["parameters"]) == {"data", "segmentation"}


def test_no_record_when_none_is_wanted_or_another_process_writes_it(stage, tmp_path, monkeypatch):
    stage("--dataset", "toy", record=False)
    monkeypatch.setenv("RANK", "1")
    stage("--dataset", "toy")
    assert not (tmp_path / "results" / "out.run.json").exists()


def test_what_is_there_made_of_the_same_is_not_made_again_unless_that_is_asked_for(stage, capsys, monkeypatch):
    assert stage("--dataset", "toy")
    assert stage("--dataset", "toy") == {} and "as it was" in capsys.readouterr().err
    assert stage("--dataset", "toy", "--variant", "tau1=0.5")
    assert stage("--dataset", "toy", "--variant", "tau1=0.5", "--again")
    for asked in ("all", "train_seed extract_seed", "results/out"):
        monkeypatch.setenv("WSSS_AGAIN", asked)
        assert stage("--dataset", "toy", "--variant", "tau1=0.5"), asked
    monkeypatch.setenv("WSSS_AGAIN", "train_seed")
    assert stage("--dataset", "toy", "--variant", "tau1=0.5") == {}


def test_a_stage_on_gpus_takes_as_many_as_it_is_told_before_it_runs(stage, monkeypatch):
    taken = []
    monkeypatch.setattr("wsss.stage.use_gpus", lambda stage, count, several: taken.append(count))
    for options in ((), ("--gpus", "0", "--again")):
        stage("--dataset", "toy", *options)
    assert taken == [1, 0]
    stage("--dataset", "toy")  # as it was: nothing is waited for
    stage("--dataset", "toy", name="label_affinity")
    with pytest.raises(SystemExit):
        stage("--dataset", "toy", "--gpus", "1", name="label_affinity")
    assert taken == [1, 0]


def test_parameters_other_than_planned_are_refused(stage):
    assert "has changed since this run was planned" in failure(stage, None, "--planned", "0" * 32)


def failure(stage, effect: Exception | None, *options: str) -> str:
    """Return the one line with which the stage's program ends with status 1, having left nothing."""
    with pytest.raises(SystemExit) as exit_:
        stage("--dataset", "toy", *options, effect=effect)
    message = exit_.value.code  # a text: Python prints it on stderr and exits with 1
    assert isinstance(message, str) and message.startswith("error: ") and "\n" not in message
    assert not Path("results").exists() or list(Path("results").iterdir()) == []
    return message


def test_input_error_is_one_line_and_leaves_nothing(stage):
    assert failure(stage, InputError("photo 7: broken")) == "error: photo 7: broken"


def test_refused_parameters_end_before_anything_runs(stage):
    assert "did you mean" in failure(stage, None, "--variant", "tau11=1")


def _wrapped() -> RuntimeError:
    try:
        raise OSError(errno.ENOSPC, "No space left on device")
    except OSError:
        try:
            raise RuntimeError("unexpected pos 704 vs 598")  # as torch.save does, in C++
        except RuntimeError as error:
            return error


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device", "results/x"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"),
        _wrapped(),
    ],
    ids=["python", "quota", "safetensors", "torch"],
)
def test_full_disk_is_one_line(stage, error):
    assert "the disk is full" in failure(stage, error) and "nothing was kept of results/out" in failure(stage, error)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA out of memory. Tried to allocate 20 GiB.\nSee documentation"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        RuntimeError("DataLoader worker (pid 5) is killed by signal: Killed."),
    ],
    ids=["python", "gpu", "cpu", "loader"],
)
def test_too_little_memory_is_one_line_that_tells_what_to_do(stage, error):
    assert "lower batch_size" in failure(stage, error)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PermissionError(errno.EACCES, "no", "results/x"), "results/x: permission denied; see to it"),
        (PermissionError(errno.EPERM, "no"), "operation not permitted; see to it"),
        (OSError(errno.EROFS, "no", "data"), "data: read-only file system; see to it"),
        (SafetensorError("Error while serializing: I/O error: Read-only file system (os error 30)"), "read-only file"),
    ],
    ids=["access", "permission", "python", "safetensors"],
)
def test_what_may_not_be_written_is_one_line(stage, error, told):
    assert told in failure(stage, error)


@pytest.mark.parametrize("error", [ZeroDivisionError("bug"), OSError(errno.EBADF, "no"), RuntimeError("bug")])
def test_bug_keeps_its_traceback(stage, error):
    with pytest.raises(type(error)):
        stage("--dataset", "toy", effect=error)
    assert list(Path("results").iterdir()) == []


def test_program_exits_with_status_1_and_a_line_on_stderr(tmp_path):
    (tmp_path / "params.yaml").write_text(PARAMS)
    program = tmp_path / "evaluate_seed.py"
    program.write_text(PROGRAM.format(arguments="top: int = 1"))
    options = ["--data", "d", "--out", "o", "--dataset", "toi"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, program, *options], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    command, message = done.stderr.splitlines()
    assert done.returncode == 1 and done.stdout == ""
    assert command.startswith("python ") and message.startswith("error: unknown data set 'toi'")


def test_labelled_paths_have_labels():
    assert labelled_paths(["CAM=a/mapping=cam/b", "C M=c"]) == {"CAM": Path("a/mapping=cam/b"), "C M": Path("c")}
    for values in (["a"], ["=a"], ["a="], ["a=1", "a=2"]):
        with pytest.raises(InputError, match="label"):
            labelled_paths(values)


def of_part(number: int) -> tuple[str, ...]:
    out = f"results/toy/main/.parts/seeds/{number}-of-2"
    return ("--dataset", "toy", "--part", f"{number}-of-2", "--out", out)


GATHERING = ("--dataset", "toy", "--out", "results/toy/main/seeds", "--parts", of_part(1)[-1], of_part(2)[-1])


def test_parts_are_gathered_and_leave_no_trace(stage):
    part = "part: str | None = None, threads: int"
    assert [stage(*of_part(number), arguments=part)["part"] for number in (1, 2)] == ["1-of-2", "2-of-2"]
    Path("results/toy/main/.parts/seeds/2-of-2/a").rename("results/toy/main/.parts/seeds/2-of-2/b")
    with pytest.raises(SystemExit, match="2-of-2: is not there, or not whole"):
        stage(*GATHERING, arguments=part)
    stage(*of_part(2), arguments=part)
    stage(*GATHERING, arguments=part)
    record = json.loads(Path("results/toy/main/seeds.run.json").read_text())
    assert record["options"] == {} and record["measured"]["jobs"] == 2
    assert not Path("results/toy/main/.parts").exists() and Path("results/toy/main/.kept").exists()


def test_no_part_is_made_of_what_was_made_whole_before(stage, capsys):
    """A parameter that is taken back finds the whole product, whoever is asked for it."""
    part = "part: str | None = None, threads: int"
    stage("--dataset", "toy", "--out", "results/toy/main/seeds", arguments=part)
    for path in sorted(Path("results/toy/main").glob("seeds*")):  # as Snakemake does before a job
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert [stage(*of_part(number), arguments=part) for number in (1, 2)] == [{}, {}]
    assert not list(Path("results/toy/main/.parts/seeds/1-of-2").iterdir())
    stage(*GATHERING, arguments=part)
    assert Path("results/toy/main/seeds/a").exists() and not Path("results/toy/main/.parts").exists()
    assert "left empty, as the whole is there" in capsys.readouterr().err
    assert stage(*of_part(1), "--again", arguments=part)["part"] == "1-of-2"
