"""What a list of similarities says: accuracy, error rates at a threshold with their bounds, equal error rate, TAR."""

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.rates import binomial_bounds

FOLDS = 10
STEPS = 1000
"""Into which the range of similarities is cut to look for a threshold."""
Scores = NDArray[np.float64]


def pair_accuracy(scores: Scores, same: NDArray[np.bool_], seed: int) -> dict[str, object]:
    """Accuracy as Labelled Faces in the Wild reports it: the threshold chosen on nine tenths, counted on the tenth.

    Folds are drawn with a seed, as many pairs of each sort in each.
    """
    if min(same.sum(), (~same).sum()) < FOLDS:
        return {"accuracy": None, "why": f"fewer than {FOLDS} pairs of a sort"}
    rng = np.random.default_rng(seed)
    fold = np.empty(len(scores), np.int64)
    for sort in (same, ~same):
        fold[sort] = rng.permutation(int(sort.sum())) % FOLDS
    shares, thresholds = [], []
    for number in range(FOLDS):
        held = fold == number
        threshold = _best_threshold(scores[~held], same[~held])
        thresholds.append(threshold)
        shares.append(float(((scores[held] >= threshold) == same[held]).mean()))
    return {
        "accuracy": round(float(np.mean(shares)), 5),
        "deviation_of_folds": round(float(np.std(shares)), 5),
        "threshold": round(float(np.mean(thresholds)), 4),
        "same": int(same.sum()),
        "different": int((~same).sum()),
    }


def _best_threshold(scores: Scores, same: NDArray[np.bool_]) -> float:
    """Where the fewest errors are expected of pairs like these.

    Every pair is spread out a little (0.4 deviations of the strangers, logistic), or between the few hard pairs of a
    small set a single one moves the threshold far: counted errors are the same over wide stretches.
    """
    low, high = float(scores.min()), float(scores.max())
    if high - low < 1e-9:
        return low
    genuine, edges = np.histogram(scores[same], STEPS, (low, high))
    strangers, _ = np.histogram(scores[~same], STEPS, (low, high))
    middles = (edges[:-1] + edges[1:]) / 2
    spread = max(0.4 * float(scores[~same].std()), (high - low) / STEPS)
    below = 1.0 / (1.0 + np.exp(-np.clip((middles[:, None] - middles[None]) / (0.55 * spread), -50.0, 50.0)))
    return float(middles[int(np.argmin(below @ genuine + (1.0 - below) @ strangers))])


def errors_at(threshold: float | None, genuine: Scores, strangers: Scores) -> dict[str, object] | None:
    """False matches and false non-matches at a threshold, with their 95 % bounds (Clopper and Pearson).

    A picture without a face counts as a comparison that fails. The bounds take the pairs for independent, which they
    are not where one person is in many: the truth lies in a wider interval. None where there is no threshold.
    """
    if threshold is None:
        return None
    return {
        "threshold": threshold,
        "fmr": _share(int((strangers >= threshold).sum()), len(strangers)),
        "fnmr": _share(int((genuine < threshold).sum()), len(genuine)),
    }


def _share(hits: int, tries: int) -> dict[str, object]:
    low, high = binomial_bounds(hits, tries)
    share = None if tries == 0 else float(f"{hits / tries:.4g}")
    return {"share": share, "low": float(f"{low:.3g}"), "high": float(f"{high:.3g}"), "hits": hits, "of": tries}


def equal_error_rate(genuine: Scores, strangers: Scores) -> float | None:
    """Where as many strangers are taken as right people are turned away."""
    if not len(genuine) or not len(strangers):
        return None
    thresholds = np.unique(np.concatenate([genuine, strangers]))
    misses = np.searchsorted(np.sort(genuine), thresholds) / len(genuine)
    takes = 1.0 - np.searchsorted(np.sort(strangers), thresholds) / len(strangers)
    place = int(np.argmin(np.abs(misses - takes)))
    return round(float(misses[place] + takes[place]) / 2, 5)


def true_accept_rate(genuine: Scores, strangers: Scores, far: float) -> dict[str, object] | None:
    """The share of right people taken where at most `far` of strangers are; None with too few strangers to tell.

    At least ten of them have to be taken, or the threshold is the chance of a single pair.
    """
    allowed = int(far * len(strangers))
    if allowed < 10 or not len(genuine):
        return None
    # Just above the first stranger who would be one too many.
    threshold = float(np.nextafter(np.partition(strangers, -allowed - 1)[-allowed - 1], np.inf))
    return {"tar": round(float((genuine >= threshold).mean()), 5), "threshold": round(threshold, 4)}
