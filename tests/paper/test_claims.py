"""What spreads over random seeds let one say of a claim."""

from __future__ import annotations

import pytest
from small import seed_metrics

from wsss.paper.claims import claims_markdown, judge
from wsss.paper.table_file import Claim

CAM, CM, AA = "cnn mapping=cam", "cnn mapping=cm", "cnn mapping=cm,regularization=aa"


def claim(*pairs) -> Claim:
    return Claim(statement="s", source="t", larger=[{"of": list(of), "than": list(than)} for of, than in pairs])


@pytest.mark.parametrize(
    ("ours", "verdict"),
    [((50, 52, 54), "holds"), ((40, 39, 38), "does not hold"), ((45, 46, 50), "undecided")],
)
def test_claim_holds_fails_or_is_within_the_spread(ours, verdict):
    metrics = {CAM: seed_metrics(45, 46, 44), CM: seed_metrics(*ours)}  # 45 ± 1; the last ones: 47 ± 2.6
    judged = judge(claim((("miou", CM), ("miou", CAM))), metrics)
    assert judged["verdict"] == verdict


def test_claim_about_two_metrics_of_one_run():
    judged = judge(claim((("fnr", CAM), ("fpr", CAM))), {CAM: seed_metrics(45, 46, fpr=20, fnr=30)})
    assert judged["verdict"] == "holds" and judged["comparisons"][0]["difference"] == 10


def test_claim_of_several_comparisons_needs_them_all():
    pairs = ((("miou", AA), ("miou", CM)), (("miou", CM), ("miou", CAM)))
    metrics = {CAM: seed_metrics(45, 46), CM: seed_metrics(50, 51), AA: seed_metrics(60, 61)}
    assert judge(claim(*pairs), metrics)["verdict"] == "holds"
    assert judge(claim(*pairs), metrics | {AA: seed_metrics(50, 52)})["verdict"] == "undecided"
    assert (
        judge(claim(*pairs), metrics | {AA: seed_metrics(50, 52), CAM: seed_metrics(70, 71)})["verdict"]
        == "does not hold"
    )


def test_single_runs_decide_nothing():
    assert (
        judge(claim((("miou", CM), ("miou", CAM))), {CAM: seed_metrics(10), CM: seed_metrics(90)})["verdict"]
        == "undecided"
    )


def test_claims_page_counts_the_verdicts_and_shows_the_numbers():
    judged = [judge(claim((("miou", CM), ("miou", CAM))), {CAM: seed_metrics(45, 47), CM: seed_metrics(50, 52)})]
    text = claims_markdown(judged, "the 12 images of train of toy")
    assert "1 hold, 0 do not hold, 0 are undecided" in text
    assert "mIoU of cnn mapping=cm 51.0 ± 1.4 against mIoU of cnn mapping=cam 46.0 ± 1.4: +5.0 ± 2.0" in text
    assert "the 12 images of train of toy, over 2 random seeds" in text
