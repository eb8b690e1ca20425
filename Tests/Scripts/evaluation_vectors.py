#!/usr/bin/env python3
"""Vectors for the tests of PersonalCaption/Evaluation, computed independently of the Swift code.

Only the standard library; where nltk is installed its sentence_bleu is printed beside our own.
Run it and compare with StatisticsTests.swift and TextMeasureTests.swift.
"""
import itertools
import math
import re
from statistics import NormalDist

MASK = (1 << 64) - 1


class SplitMix64:
    def __init__(self, seed):
        self.state = seed & MASK

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, count):
        return self.next() * count >> 64


def quantile(values, q):
    values = sorted(values)
    place = (len(values) - 1) * q
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


def sums(items):
    return [sum(column) for column in zip(*items)]


def f1(s):
    hits, judged, wanted = s[:3]
    p = hits / judged if judged else (0 if wanted else 1)
    r = hits / wanted if wanted else (0 if judged else 1)
    return 2 * p * r / (p + r) if p + r else 0


def bootstrap(items, statistic, resamples, seed, level=0.95):
    random = SplitMix64(seed)
    values = []
    for _ in range(resamples):
        values.append(statistic(sums([items[random.below(len(items))] for _ in items])))
    return quantile(values, (1 - level) / 2), quantile(values, 1 - (1 - level) / 2)


def paired_bootstrap(a, b, statistic, resamples, seed):
    random = SplitMix64(seed)
    values = []
    for _ in range(resamples):
        chosen = [random.below(len(a)) for _ in a]
        values.append(statistic(sums([b[i] for i in chosen])) - statistic(sums([a[i] for i in chosen])))
    return quantile(values, 0.025), quantile(values, 0.975)


def permutation(a, b, statistic):
    """All 2^n exchanges, also of items that do not differ: the share is the same."""
    seen = abs(statistic(sums(b)) - statistic(sums(a)))
    large = 0
    for flips in itertools.product((0, 1), repeat=len(a)):
        x = sums([q if f else p for p, q, f in zip(a, b, flips)])
        y = sums([p if f else q for p, q, f in zip(a, b, flips)])
        large += abs(statistic(y) - statistic(x)) >= seen - 1e-12
    return large / 2 ** len(a)


def sampled_permutation(a, b, statistic, exchanges, seed):
    seen = abs(statistic(sums(b)) - statistic(sums(a)))
    random = SplitMix64(seed ^ 0x9E3779B9)
    large = 1
    for _ in range(exchanges):
        flips = [p != q and random.next() >> 63 for p, q in zip(a, b)]
        x = sums([q if f else p for p, q, f in zip(a, b, flips)])
        y = sums([p if f else q for p, q, f in zip(a, b, flips)])
        large += abs(statistic(y) - statistic(x)) >= seen - 1e-12
    return large / (exchanges + 1)


def sign_test(better, worse):
    n = better + worse
    return min(1, 2 * sum(math.comb(n, k) for k in range(min(better, worse) + 1)) / 2 ** n) if n else 1


def wilson(k, n, level=0.95):
    z = NormalDist().inv_cdf(1 - (1 - level) / 2)
    p = k / n
    middle, half = p + z * z / 2 / n, z * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n)
    return max(0, (middle - half) / (1 + z * z / n)), min(1, (middle + half) / (1 + z * z / n))


def calibration(forecasts, bins=10):
    n = len(forecasts)
    groups = [[] for _ in range(bins)]
    for p, y in forecasts:
        groups[min(int(p * bins), bins - 1)].append((p, y))
    ece = sum(len(g) / n * abs(sum(p for p, _ in g) / len(g) - sum(y for _, y in g) / len(g)) for g in groups if g)
    brier = sum((p - y) ** 2 for p, y in forecasts) / n
    loss = -sum(math.log(max(1e-12, min(1 - 1e-12, p))) if y else math.log(1 - max(1e-12, min(1 - 1e-12, p))) for p, y in forecasts) / n
    pos, neg = [p for p, y in forecasts if y], [p for p, y in forecasts if not y]
    auc = sum((p > q) + 0.5 * (p == q) for p in pos for q in neg) / (len(pos) * len(neg))
    accuracy = sum((p >= 0.5) == bool(y) for p, y in forecasts) / n
    return ece, brier, loss, auc, accuracy


def words(text):
    return re.findall(r"[a-z0-9]+", text.lower())


def grams(tokens, n):
    return [tuple(tokens[i:i + n]) for i in range(len(tokens) - n + 1)]


def bleu(hypothesis, references):
    if not hypothesis:
        return 0
    total = 0
    for n in range(1, 5):
        own = {}
        for g in grams(hypothesis, n):
            own[g] = own.get(g, 0) + 1
        hits = sum(min(c, max(grams(r, n).count(g) for r in references)) for g, c in own.items())
        if n == 1 and hits == 0:
            return 0
        total += math.log((hits or 0.1) / max(1, len(hypothesis) - n + 1)) / 4
    closest = min((abs(len(r) - len(hypothesis)), len(r)) for r in references)[1]
    penalty = 1 if len(hypothesis) > closest else math.exp(1 - closest / len(hypothesis))
    return penalty * math.exp(total)


def nltk_bleu(hypothesis, references):
    try:
        from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
    except ImportError:
        return None
    return sentence_bleu(references, hypothesis, smoothing_function=SmoothingFunction(epsilon=0.1).method1)


def lcs(a, b):
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


def longest_run(a, b):
    best = 0
    for n in range(1, len(b) + 1):
        if set(grams(a, n)) & set(grams(b, n)):
            best = n
    return best


def copy_rate(caption, given):
    a, b = words(caption), words(given)
    common = lcs(a, b)
    p, r = common / len(a), common / len(b)
    return r, 2 * p * r / (p + r) if common else 0, longest_run(a, b) / len(b), bleu(a, [b])


A = [[1, 1, 2], [2, 2, 2], [0, 1, 1], [1, 3, 2], [2, 2, 3], [1, 1, 1], [0, 0, 2], [3, 4, 4]]
B = [[2, 2, 2], [2, 2, 2], [1, 1, 1], [2, 3, 2], [2, 2, 3], [1, 2, 1], [1, 2, 2], [4, 4, 4]]
LONG_A = [[i % 2, 1, 1] for i in range(20)]
LONG_B = [[int(i % 3 != 0), 1, 1] for i in range(20)]
FORECASTS = [(0.05, 0), (0.10, 0), (0.15, 1), (0.30, 0), (0.30, 1), (0.55, 0), (0.62, 1), (0.62, 0), (0.80, 1), (0.91, 1), (0.97, 1), (1.0, 1)]
TEXTS = [
    "The picture features <Luna> on a red sofa beside a lamp.",
    "The picture features <Luna> on a green field beside a tree.",
    "Here is <Luna>, asleep in the sun.",
]
CAPTION = "Here <Otto> is a red backpack with patches, hanging on the wall beside a red door."
GIVEN = "Otto is a red backpack with multiple colorful patches attached to it."

if __name__ == "__main__":
    print("splitmix", [SplitMix64(7).next() for _ in range(1)], [(lambda r: [r.below(10) for _ in range(12)])(SplitMix64(7))])
    print("f1", f1(sums(A)), f1(sums(B)))
    print("bootstrap f1 A", bootstrap(A, f1, 500, 1))
    print("bootstrap f1 A 90 %, seed 9", bootstrap(A, f1, 200, 9, 0.9))
    print("paired", paired_bootstrap(A, B, f1, 500, 1))
    print("permutation exact", permutation(A, B, f1))
    print("permutation sampled", f1(sums(LONG_A)), f1(sums(LONG_B)), sampled_permutation(LONG_A, LONG_B, f1, 999, 1))
    print("sign of A, B", [(f1(a) < f1(b)) - (f1(a) > f1(b)) for a, b in zip(A, B)])
    for pair in ((0, 0), (5, 0), (9, 2), (30, 45), (600, 500)):
        print("sign", pair, sign_test(*pair))
    for k, n in ((0, 10), (10, 10), (3, 7), (82, 82), (38, 105)):
        print("wilson", k, n, wilson(k, n))
    print("wilson 90 %", wilson(3, 7, 0.9))
    print("calibration", calibration(FORECASTS))
    print("calibration 4 bins", calibration(FORECASTS, 4)[0])
    tokens = [words(t) for t in TEXTS]
    for n in (1, 2):
        every = [g for t in tokens for g in grams(t, n)]
        print("distinct", n, len(set(every)), len(every), len(set(every)) / len(every))
    each = [bleu(t, [o for j, o in enumerate(tokens) if j != i]) for i, t in enumerate(tokens)]
    print("self-bleu", each, sum(each) / len(each))
    print("nltk     ", [nltk_bleu(t, [o for j, o in enumerate(tokens) if j != i]) for i, t in enumerate(tokens)])
    print("copy rate", copy_rate(CAPTION, GIVEN), nltk_bleu(words(CAPTION), [words(GIVEN)]))
    print("copy rate, nothing shared", copy_rate("One two three.", GIVEN))
    print("bleu of two words", bleu(["a", "b"], [["a", "b"]]), nltk_bleu(["a", "b"], [["a", "b"]]))
