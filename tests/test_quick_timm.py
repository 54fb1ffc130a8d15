"""timm is imported without torch's compiler, which is there as ever where something is compiled."""

import subprocess
import sys

ASKED_FOR_LATER = """
import sys
import wsss, timm, torch
assert "torch._dynamo" not in sys.modules, "imported with timm"
kept_out = timm.models.naflexvit.NaFlexRopeIterator.__next__  # as decorated during the import
import torchvision
assert torchvision.ops.roi_align.__globals__["is_compile_supported"]("cpu")
assert torch._dynamo.__file__ and torch._dynamo.utils.__file__, "a stand-in was left"

from wsss.quick_timm import _disable
seen = _disable(lambda x: torch.compiler.is_compiling(), reason="a test")
compiled = torch.compile(lambda x: (torch.compiler.is_compiling(), seen(x)), backend="eager")
assert compiled(torch.ones(2)) == (True, False)
assert kept_out.__code__ is seen.__code__, "timm's function is not decorated as ours"
"""
ALREADY_IMPORTED = """
import torch, timm, wsss
assert torch._dynamo.__file__
"""


def runs(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_compiler_is_imported_where_it_is_called_and_keeps_out_of_what_it_was_kept_from():
    runs(ASKED_FOR_LATER)


def test_timm_that_was_imported_before_is_left_alone():
    runs(ALREADY_IMPORTED)
