"""Spreads over random seeds, and what they let one say of a claim."""

from __future__ import annotations

import pytest
from small import seed_metrics

from wsss.paper.claims import claims_markdown, judge
from wsss.paper.spread import difference, sign, spread
from wsss.paper.table_file import Claim


def test_spread_is_mean_and_sample_deviation():
    found = spread([60.0, 62.0, 67.0])  # mean 63, squares 9 + 1 + 16, over 2
    assert (found.mean, found.count) == (63.0, 3)
    assert found.deviation == pytest.approx(13**0.5)
    assert str(found) == "63.0 ± 3.6"


def test_single_run_has_no_spread():
    assert spread([60.0]).deviation is None and str(spread([60.0])) == "60.0"


def test_difference_spreads_as_two_runs_do():
    gap = difference(spread([10.0, 16.0]), spread([1.0, 9.0]))  # 13 ± sqrt(18), 5 ± sqrt(32)
    assert gap.mean == 8 and gap.deviation == pytest.approx(50**0.5)
    assert difference(spread([1.0]), spread([2.0, 3.0])).deviation is None


def test_difference_within_its_spread_has_no_sign():
    assert sign(difference(spread([10.0, 16.0]), spread([1.0, 9.0]))) == 1  # 8 > 7.07
    assert sign(difference(spread([10.0, 16.0]), spread([3.0, 11.0]))) is None  # 6 < 7.07
    assert sign(difference(spread([1.0]), spread([2.0]))) == -1
    assert sign(difference(spread([1.0]), spread([1.0]))) is None


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
