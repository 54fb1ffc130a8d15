"""A dense CRF (Krähenbühl & Koltun 2011) for any image and any probabilities; see docs/dense_crf.md."""

from wsss.crf.inference import dense_crf, prepare
from wsss.crf.winners import possible_winners

__all__ = ["dense_crf", "possible_winners", "prepare"]
