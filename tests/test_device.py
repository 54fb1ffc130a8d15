"""Where networks compute in bfloat16: a processor has to have instructions for it."""

import os
import subprocess
import sys

import pytest
import torch
from torch import nn

from wsss.device import has_fast_bfloat16


@pytest.mark.skipif(torch.cuda.is_available() or torch.backends.mps.is_available(), reason="of processors")
@pytest.mark.parametrize(
    ("instructions", "fast"),
    [
        ({"avx2": True}, False),
        ({"avx512_f": True, "avx512_bw": True, "avx512_vl": True, "avx512_vnni": True}, False),  # oneDNN stands in
        ({"avx512_f": True, "avx512_bf16": False, "amx_bf16": False, "amx_tile": True}, False),
        ({"avx512_f": True, "avx512_bf16": True}, True),
        ({"amx_bf16": True}, True),
        ({"neon": True, "bf16": False}, False),
        ({"neon": True, "bf16": True}, True),
    ],
)
def test_bfloat16_where_the_processor_computes_in_it(monkeypatch, instructions, fast):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"architecture": "any", **instructions})
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True)
    assert has_fast_bfloat16(nn.Sequential(nn.Conv2d(4, 4, 3), nn.Linear(4, 4))) is fast
    assert not has_fast_bfloat16(nn.Conv2d(4, 4, 3, groups=4))


def test_instructions_that_onednn_must_not_use_are_none():
    program = (
        "import torch; from wsss.device import has_fast_bfloat16\n"
        "torch.cpu.get_capabilities = lambda: {'avx512_bf16': True, 'bf16': True}\n"
        "print(has_fast_bfloat16(torch.nn.Linear(4, 4)))"
    )
    environment = os.environ | {"ONEDNN_MAX_CPU_ISA": "AVX2", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("False\n", 0), done.stderr
