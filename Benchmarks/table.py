"""Medians, ratios and goals in one table."""
import platform
import statistics

import task

OURS, OURS_GGUF, LLAMA = "studio", "studio (GGUF)", "llama.cpp"


def medians(samples):
    """{(peer, variant): {work: median}} of the samples of all rounds."""
    found = {}
    for sample in samples:
        for work, value in sample["samples"].items():
            found.setdefault((sample["peer"], sample["variant"]), {}).setdefault(work, []).append(value)
    return {key: {work: statistics.median(values) for work, values in works.items()} for key, works in found.items()}


def better(work, values):
    return max(values) if task.WORKS[work][2] else min(values)


def ratio(work, ours, theirs):
    """How many times faster (or smaller) ours is."""
    return ours / theirs if task.WORKS[work][2] else theirs / ours


def best(figures, work, bits, want=lambda peer: True):
    """(value, label) of the best variant of these peers at a width, any width when bits is None."""
    found = [(works[work], f"{peer} {variant}") for (peer, variant), works in figures.items()
             if work in works and want(peer) and bits in (None, BITS.get((peer, variant)))]
    return (max if task.WORKS[work][2] else min)(found) if found else None


BITS = {}


def goals(figures):
    """(work, goal in words, what was reached, whether it is met); only what was measured."""
    only = lambda *names: lambda peer: peer in names
    ours = lambda work, bits=None: best(figures, work, bits, only(OURS))
    rows = []

    def compared(work, bits, label, times, *names):
        mine, theirs = ours(work, bits), best(figures, work, bits, only(*names))
        if mine and theirs:
            reached = ratio(work, mine[0], theirs[0])
            rows.append((label, f"≥ {times} × {theirs[1]}", f"{reached:.2f} ×", reached >= times))

    def limited(work, bits, limit, unit):
        mine = ours(work, bits)
        if mine:
            rows.append((task.WORKS[work][0].strip(), f"≤ {limit} {unit}", f"{mine[0]:.2f} {unit}", mine[0] <= limit))

    for bits, times in ((4, 1.25), (8, 1.2), (16, 1.0)):
        compared("decode", bits, f"decode, {bits} bits", times, "llama.cpp")
    compared("prefill", None, "prefill, best width", 2.5, "llama.cpp")
    compared("prefill", None, "prefill, best width", 1.0, "OpenVINO GenAI")
    compared("vision", None, "vision tower", 2.0, "Transformers")
    for work, limit in (("cold", 14), ("known", 3.5), ("again", 0.5)):
        limited(work, None, limit, "s")
    for bits in (4, 8, 16):
        many, one = ours("batch", bits), ours("decode", bits)
        if many and one:
            rows.append((f"8 answers at once, {bits} bits", "≥ 4 × one", f"{many[0] / one[0]:.2f} ×", many[0] >= 4 * one[0]))
    limited("memory", 4, 4.0, "GB")
    return rows


def machine():
    facts = {}
    with open("/proc/cpuinfo") as file:
        for line in file:
            key, _, value = line.partition(":")
            facts.setdefault(key.strip(), value.strip())
    with open("/proc/meminfo") as file:
        memory = int(file.readline().split()[1]) / 1048576
    flags = facts.get("flags", "").split()
    shown = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "avx_vnni", "amx_bf16") if flag in flags]
    return {"cpu": facts.get("model name", platform.machine()), "family": facts.get("cpu family"),
            "model": facts.get("model"), "memoryGiB": round(memory, 1), "instructions": shown, "system": platform.platform()}


def text(document):
    """The whole report as lines of Markdown."""
    BITS.update({(sample["peer"], sample["variant"]): sample["bits"] for sample in document["samples"]})
    figures = medians(document["samples"])
    about = document["machine"]
    rounds = max((sample["round"] for sample in document["samples"]), default=0)
    lines = [f"Qwen2.5-VL-3B shape, random weights; {document['threads']} threads; medians of {rounds} rounds, taken in turns; "
             f"{document['date']}", "",
             f"Machine: {about['cpu']} (family {about['family']}, model {about['model']}), {about['memoryGiB']} GiB; "
             f"{' '.join(about['instructions'])}", ""]
    lines += [f"* {name}: {version}" for name, version in document["versions"].items()]
    shown = [work for work in task.WORKS if any(work in works for works in figures.values())]
    lines += ["", "| " + " | ".join(["", "bits"] + [f"{task.WORKS[work][0].strip()}, {task.WORKS[work][1]}" for work in shown]) + " |",
              "|---" * (2 + len(shown)) + "|"]
    for key in sorted(figures, key=lambda key: (-BITS[key], key[0] != OURS, key)):
        cells = [f"{figures[key][work]:.2f}" if work in figures[key] else "–" for work in shown]
        lines.append("| " + " | ".join([" ".join(key), str(BITS[key]), *cells]) + " |")
    for bits in (16, 8, 4):
        cells = []
        for work in shown:
            mine = best(figures, work, bits, lambda peer: peer == OURS)
            theirs = best(figures, work, bits, lambda peer: peer not in (OURS, OURS_GGUF))
            cells.append(f"**{ratio(work, mine[0], theirs[0]):.2f} ×**" if mine and theirs else "–")
        if any(cell != "–" for cell in cells):
            lines.append("| " + " | ".join([f"**ours / best peer at {bits} bits**", str(bits), *cells]) + " |")
    for variant in [variant for peer, variant in figures if peer == OURS_GGUF and (LLAMA, variant) in figures]:
        mine, theirs = figures[OURS_GGUF, variant], figures[LLAMA, variant]
        cells = [f"**{ratio(work, mine[work], theirs[work]):.2f} ×**" if work in mine and work in theirs else "–" for work in shown]
        lines.append("| " + " | ".join([f"**studio / llama.cpp, the same {variant} file**", str(BITS[OURS_GGUF, variant]), *cells]) + " |")
    rows = goals(figures)
    if rows:
        lines += ["", "| goal | wanted | reached | |", "|---|---|---|---|"]
        lines += [f"| {name} | {wanted} | {reached} | {'met' if met else 'missed'} |" for name, wanted, reached, met in rows]
    notes = list(document["notes"])
    disturbed = [sample for sample in document["samples"] if sample["others"] > 0.1]
    if disturbed:
        most = max(sample["others"] for sample in disturbed)
        notes.append(f"{len(disturbed)} of {len(document['samples'])} samples were disturbed: other programs took up to "
                     f"{100 * most:.0f} % of the processors.")
    lines += [""] + [f"* {note}" for note in notes] if notes else []
    return "\n".join(lines)
