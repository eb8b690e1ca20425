"""Multiplications and additions of a Qwen2.5-VL-3B prompt, to hold measured times against."""

TEXT = dict(hidden=2048, inner=11008, layers=36, key_value=256, vocabulary=151936)
VISION = dict(hidden=1280, inner=3420, layers=32, full=4, window=64, out=2048)


def picture_tokens(side):
    return (side // 28) ** 2


def vision(side):
    """Operations of the vision tower on one square picture whose side is a multiple of 28."""
    h, patches = VISION["hidden"], (side // 14) ** 2
    products = 2 * (4 * h * h + 3 * h * VISION["inner"]) * VISION["layers"] + 2 * 1176 * h
    whole = VISION["full"] * 4 * h * patches
    windows = (VISION["layers"] - VISION["full"]) * 4 * h * min(patches, VISION["window"])
    merger = 2 * (4 * h) * (4 * h + VISION["out"]) / 4
    return patches * (products + whole + windows + merger)


def text(tokens, before=0):
    """Operations of reading `tokens` after `before` others, with the output layer for the last one."""
    h = TEXT["hidden"]
    products = 2 * (2 * h * h + 2 * h * TEXT["key_value"] + 3 * h * TEXT["inner"]) * TEXT["layers"]
    attention = 4 * h * TEXT["layers"] * (before + tokens / 2)
    return tokens * (products + attention) + 2 * h * TEXT["vocabulary"]


def first_token(references, side, words):
    """Operations from nothing to the first token of `references` pictures, a query and some words."""
    pictures = references + 1
    return pictures * vision(side) + text(pictures * (picture_tokens(side) + 2) + words)
