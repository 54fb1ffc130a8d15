"""A table in LaTeX, with the cells that it has in Markdown."""

from __future__ import annotations

import re
from itertools import dropwhile, takewhile

_SPECIAL = {
    **{"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "$": r"\$", "{": r"\{", "}": r"\}"},
    **{"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "…": r"\ldots{}", "–": "--"},
    **{"±": r"$\pm$", "×": r"$\times$", "<": r"$<$", ">": r"$>$"},
    **{"τ": r"$\tau$", "δ": r"$\delta$", "λ": r"$\lambda$", "μ": r"$\mu$"},
}
_NUMBER = re.compile(r"(?<![\w.])-(?=\d)")


def latex_table(markdown: str, label: str) -> str:
    """Return the first table of a Markdown text for `\\input`; it needs the package booktabs.

    The text's heading is the caption. Columns whose heads say `---:` stand to the right.
    """
    from_table = dropwhile(lambda line: not line.startswith("|"), markdown.splitlines())
    table = takewhile(lambda line: line.startswith("|"), from_table)
    head, rule, *rows = [[cell.strip() for cell in line[1:].removesuffix("|").split("|")] for line in table]
    heading = next((line.lstrip("# ") for line in markdown.splitlines() if line.startswith("#")), label)
    columns = "".join("r" if cell.endswith(":") else "l" for cell in rule)
    body = "\n".join(f"{' & '.join(map(escaped, row))} \\\\" for row in rows)
    return "\n".join(
        [
            "% needs \\usepackage{booktabs}",
            "\\begin{table}",
            "\\centering",
            f"\\caption{{{escaped(heading.split(': ', 1)[-1])}}}",
            f"\\label{{tab:{label}}}",
            f"\\begin{{tabular}}{{{columns}}}",
            "\\toprule",
            f"{' & '.join(map(escaped, head))} \\\\",
            "\\midrule",
            body,
            "\\bottomrule",
            "\\end{tabular}",
            "\\end{table}",
            "",
        ]
    )


def escaped(text: str) -> str:
    """Return text as LaTeX shows it; `**bold**` is bold, and a number's minus sign is one."""
    text = "".join(_SPECIAL.get(one, one) for one in text.replace("**", "\x00"))
    text = re.sub("\x00(.+?)\x00", r"\\textbf{\1}", text).replace("\x00", "**")
    return _NUMBER.sub("$-$", text)
