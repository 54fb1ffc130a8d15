"""Tables in LaTeX."""

import shutil
import subprocess

import pytest

from wsss.paper.latex_table import escaped, latex_table

MARKDOWN = """## Table 5: Seeds & masks, tau1 in 100 %

![table 5](table5.png)

| row | mIoU, ours | against |
| --- | ---: | --- |
| CNN: **tau1=0.5** | 60.2 ± 2.5 | -0.9 ± 3.9 |
| {a_b} \\ w/o REG | – |  |

| another | table |
| --- | --- |
| 1 | 2 |
"""


def test_a_table_has_the_cells_alignment_and_title_of_the_markdown():
    assert latex_table(MARKDOWN, "table5").splitlines() == [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering",
        r"\caption{Seeds \& masks, tau1 in 100 \%}",
        r"\label{tab:table5}",
        r"\begin{tabular}{lrl}",
        r"\toprule",
        r"row & mIoU, ours & against \\",
        r"\midrule",
        r"CNN: \textbf{tau1=0.5} & 60.2 $\pm$ 2.5 & $-$0.9 $\pm$ 3.9 \\",
        r"\{a\_b\} \textbackslash{} w/o REG & -- &  \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("2**3", "2**3"),
        ("4-8", "4-8"),
        ("a -3", "a $-$3"),
        ("#1 ~ $5^2", r"\#1 \textasciitilde{} \$5\textasciicircum{}2"),
    ],
)
def test_what_latex_would_take_for_a_command_is_text(text, latex):
    assert escaped(text) == latex


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_latex_takes_it(tmp_path):
    document = f"\\documentclass{{article}}\\usepackage{{booktabs}}\\begin{{document}}{latex_table(MARKDOWN, 't')}"
    (tmp_path / "a.tex").write_text(document + "\\end{document}")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
