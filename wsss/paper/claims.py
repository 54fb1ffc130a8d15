"""The paper's claims, held against our numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wsss.paper.seed_table import NAMES
from wsss.paper.spread import UNDECIDED, difference, sign, spread
from wsss.paper.table_file import Claim

HOLDS, FAILS = "holds", "does not hold"


def judge(claim: Claim, metrics: Mapping[str, Sequence[dict]]) -> dict:
    """Return a claim's verdict and the numbers behind it.

    It holds if all of its comparisons do and fails if one fails; a difference within its spread, or of single runs,
    whose spread nobody knows, is undecided. `metrics`: {run: its seed metrics, one per random seed}.
    """
    comparisons = []
    for pair in claim.larger:
        spreads = [spread([one[metric] for one in metrics[run]]) for metric, run in (pair.of, pair.than)]
        sides = [
            {"metric": metric, "run": run, "mean": value.mean, "sd": value.deviation, "seeds": value.count}
            for (metric, run), value in zip((pair.of, pair.than), spreads, strict=True)
        ]
        gap = difference(*spreads)
        direction = None if gap.deviation is None else sign(gap)
        verdict = {1: HOLDS, -1: FAILS, None: UNDECIDED}[direction]
        comparisons.append(
            {"larger": sides[0], "than": sides[1], "difference": gap.mean, "sd": gap.deviation, "verdict": verdict}
        )
    verdicts = {comparison["verdict"] for comparison in comparisons}
    verdict = FAILS if FAILS in verdicts else UNDECIDED if UNDECIDED in verdicts else HOLDS
    return {"statement": claim.statement, "source": claim.source, "verdict": verdict, "comparisons": comparisons}


def claims_markdown(judged: Sequence[dict], measured: str) -> str:
    """Return the claims as a Markdown table; `measured` says on what."""
    counts = [sum(claim["verdict"] == verdict for claim in judged) for verdict in (HOLDS, FAILS, UNDECIDED)]
    lines = ["# Claims of the paper on this data set", ""]
    lines += [f"{counts[0]} hold, {counts[1]} do not hold, {counts[2]} are undecided within the spread.", ""]
    lines += ["| claim | verdict | numbers: mean ± standard deviation over random seeds, % |", "| --- | --- | --- |"]
    for claim in judged:
        numbers = "; ".join(_text(comparison) for comparison in claim["comparisons"])
        lines.append(f"| {claim['statement']} ({claim['source']}) | **{claim['verdict']}** | {numbers} |")
    seeds = min(side["seeds"] for claim in judged for c in claim["comparisons"] for side in (c["larger"], c["than"]))
    lines += [
        "",
        f"Measured on {measured}, over {seeds} random seed{'s' * (seeds > 1)}. A difference is decided if it is ",
    ]
    lines[-1] += "larger than its spread: the root of the sum of both variances."
    return "\n".join([*lines, ""])


def _text(comparison: dict) -> str:
    sides = (comparison["larger"], comparison["than"])
    texts = [f"{NAMES[side['metric']]} of {side['run'].replace(',', ', ')} {_number(side)}" for side in sides]
    spread_ = "" if comparison["sd"] is None else f" ± {comparison['sd']:.1f}"
    return f"{texts[0]} against {texts[1]}: {comparison['difference']:+.1f}{spread_}"


def _number(side: dict) -> str:
    return f"{side['mean']:.1f}" + ("" if side["sd"] is None else f" ± {side['sd']:.1f}")
