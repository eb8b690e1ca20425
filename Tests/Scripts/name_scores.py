#!/usr/bin/env python3
"""The published name score, independently of the Swift code: name_scores.py FILE [--case-sensitive]

Rule of oyt9306/RePIC, evaluation/eval_multi_2_concept.py (case-sensitive) and
eval_multi_4_concept.py (lower case): tokens between white space, stripped of punctuation, equal to
a tag with or without its brackets. Prints hits, judged golds, golds, records with all golds.
"""
import json
import sys

STRIP = ".,!?;:()[]{}\"'-"


def score(rows, lower):
    fold = (lambda t: t.lower()) if lower else (lambda t: t)
    pool = {fold(tag) for row in rows for tag in row[1]}
    hits = judged = golds = complete = 0
    for row in rows:
        words = {w.strip(STRIP) for w in fold(row[2].replace("</s>", "")).split()}
        present = lambda tag: tag in words or tag.strip("<>") in words
        own = [fold(tag) for tag in row[1]]
        stranger = any(present(tag) for tag in pool if tag not in own)
        found = [present(tag) for tag in own]
        hits += sum(found)
        judged += sum(f or stranger for f in found)
        golds += len(own)
        complete += all(found)
    return hits, judged, golds, complete, len(rows)


if __name__ == "__main__":
    rows = json.load(open(sys.argv[1], encoding="utf-8"))
    hits, judged, golds, complete, records = score(rows, "--case-sensitive" not in sys.argv)
    p, r = hits / judged if judged else 0, hits / golds if golds else 0
    f = 2 * p * r / (p + r) if p + r else 0
    print(f"{hits}/{judged} {hits}/{golds} {complete}/{records}  P {100 * p:.1f} R {100 * r:.1f} F1 {100 * f:.1f}")
