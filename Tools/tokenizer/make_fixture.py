#!/usr/bin/env python3
"""Writes the tokenizer fixtures from Hugging Face's `tokenizers`.

    python3 make_fixture.py FOLDER OUTPUT

FOLDER holds what rebuild_real_vocabulary.py wrote; OUTPUT is Tests/Fixtures/tokenizer.

    encodings.bin   10,000 strings in many scripts and their ids
    decodings.bin   600 id sequences and their text
    qwen2-merges.bin, MANIFEST.json

encodings.bin, per string: length of the UTF-8, the UTF-8, the number of ids and the ids as user
text (no added token recognised), then 0 when recognising added tokens changes nothing, else the
number of ids and the ids with added tokens recognised.
decodings.bin, per sequence: the number of ids, the ids, then length and UTF-8 of the text with
special tokens kept and of the text with special tokens skipped.
All numbers are LEB128. Needs Python 3.9 and `tokenizers` 0.23.
"""
import hashlib
import json
import pathlib
import random
import sys
import unicodedata

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

SEED = 20240917
STRINGS = 10_000
SEQUENCES = 600
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL = (
    "<|endoftext|> <|im_start|> <|im_end|> <|object_ref_start|> <|object_ref_end|> <|box_start|> "
    "<|box_end|> <|quad_start|> <|quad_end|> <|vision_start|> <|vision_end|> <|vision_pad|> "
    "<|image_pad|> <|video_pad|>"
).split()
ORDINARY = (
    "<tool_call> </tool_call> <|fim_prefix|> <|fim_middle|> <|fim_suffix|> <|fim_pad|> "
    "<|repo_name|> <|file_sep|>"
).split()


def load(folder, with_added):
    model = models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt"))
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    if with_added:
        for text in SPECIAL:
            tokenizer.add_special_tokens([AddedToken(text, normalized=False, special=True)])
        for text in ORDINARY:
            tokenizer.add_tokens([AddedToken(text, normalized=False, special=False)])
    return tokenizer


def letters(first, last):
    """Assigned letters, marks and digits of a block, none newer than the normalizer knows."""
    return [
        chr(code)
        for code in range(first, last + 1)
        if unicodedata.ucd_3_2_0.category(chr(code))[0] in "LMNPS"
    ]


ALPHABETS = [
    [chr(code) for code in range(0x20, 0x7F)],
    letters(0x41, 0x5A) + letters(0x61, 0x7A),
    letters(0xA1, 0x17F),
    letters(0x180, 0x24F),
    letters(0x370, 0x3FF),
    letters(0x400, 0x4FF),
    letters(0x590, 0x5FF),
    letters(0x600, 0x6FF),
    letters(0x900, 0x97F),
    letters(0xB80, 0xBFF),
    letters(0xE00, 0xE7F),
    letters(0x1E00, 0x1EFF),
    letters(0x3040, 0x30FF),
    letters(0x4E00, 0x9FA5),
    letters(0xAC00, 0xD7A3),
    letters(0x1100, 0x11FF),
    letters(0x2000, 0x2BFF),
    letters(0xF900, 0xFA2D) + letters(0xFF01, 0xFFEE),
    [chr(code) for code in (*range(0x1F300, 0x1F650), *range(0x1F680, 0x1F6C0))],
    letters(0x1D400, 0x1D7FF) + letters(0x20000, 0x200FF),
]
MARKS = [chr(code) for code in range(0x300, 0x345)]
BLANKS = [" ", " ", " ", "  ", "   ", "\n", "\n\n", "\r\n", "\r", "\t", "\u00a0", "\u2003", "\u3000",
          "\u2028", "\u0085", "\x0b", "\x0c", " \n", "\n ", "\t\t", "\u200b", "\ufeff", "\u200d"]
CONTRACTIONS = ["'s", "'S", "'t", "'T", "'re", "'RE", "'Ve", "'m", "'LL", "'lL", "'d", "'D", "'\u017f",
                "'\u017fx", "'r", "'v", "'l", "\u2019s", "''s", "' s", "'st", "'rex", "'n"]
NUMBERS = ["0", "42", "3.14159", "1,000,000", "2024-09-17", "0xFF", "1e-9", "\u0664\u0662", "\u0967\u0968",
           "\u2168", "\u00bd", "\u2460", "\u00b2", "12:30", "+49 (0)30", "50%", "\uff11\uff12"]
WORDS = ("the a of and picture dog cat my mug named describe image running on beach red Hello World "
         "caf\u00e9 na\u00efve stra\u00dfe \u00fcber se\u00f1or d\u00e9j\u00e0 \u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440 "
         "\u0645\u0631\u062d\u0628\u0627 \u0628\u0643 \u05e9\u05dc\u05d5\u05dd \u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e "
         "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35 \u4f60\u597d \u4e16\u754c \u56fe\u50cf \u63cf\u8ff0 \u3053\u3093\u306b\u3061\u306f "
         "\u30ab\u30e1\u30e9 \uc548\ub155 \ud55c\uad6d\uc5b4 Ti\u1ebfng Vi\u1ec7t \u03ba\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1 "
         "internationalization unbelievable iPhone GPT XMLHttpRequest snake_case camelCase").split()
CODE = ["func f(x: Int) -> Int {\n    return x * 2\n}\n", "for (int i = 0; i < n; ++i) {", "a[i]->b != null",
        "#include <stdio.h>\r\n", "{\"key\": [1, 2.5, null]}", "<div class=\"x\">&nbsp;</div>", "\\d+\\.\\w*",
        "https://example.org/a?b=c&d=%20#e", "SELECT * FROM t WHERE id='1';--", "```swift\nlet x = 1\n```",
        "/* comment */", "x += 1;\n\n\n\ty", "C:\\path\\file.txt", "~/.config", "@objc", "$HOME", "=====", "----"]
FACES = ["\U0001F469\u200d\U0001F469\u200d\U0001F467", "\U0001F44D\U0001F3FD", "\U0001F1E9\U0001F1EA",
         "\u2764\ufe0f", "\U0001F3F3\ufe0f\u200d\U0001F308", "1\ufe0f\u20e3", "\U0001F600\U0001F600\U0001F600"]
LOOKALIKES = ["<|im_start|", "|im_end|>", "<|im_start |>", "<|IM_END|>", "<|image_pad |>", "<||>",
              "< |im_end|>", "<|im_end|", "<<|", "<tool_call", "</tool_call >", "<|vision_pad"]


def word(rng):
    alphabet = rng.choice(ALPHABETS)
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(1, 8)))


def marked(rng):
    base = rng.choice(ALPHABETS[1:6] + ALPHABETS[11:12])
    text = ""
    for _ in range(rng.randint(1, 4)):
        text += rng.choice(base) + "".join(rng.choice(MARKS) for _ in range(rng.randint(0, 3)))
    return text


def hangul(rng):
    """Syllables composed, decomposed, or half and half."""
    text = ""
    for _ in range(rng.randint(1, 4)):
        syllable = chr(rng.randint(0xAC00, 0xD7A3))
        parts = unicodedata.normalize("NFD", syllable)
        half = unicodedata.normalize("NFC", parts[:2]) + parts[2:]
        text += rng.choice([syllable, parts, half])
    return text


PARTS = [
    (10, lambda rng: rng.choice(WORDS)), (6, word), (3, marked), (2, hangul),
    (8, lambda rng: rng.choice(BLANKS)), (4, lambda rng: rng.choice(NUMBERS)),
    (3, lambda rng: rng.choice(CONTRACTIONS)), (2, lambda rng: rng.choice(CODE)),
    (2, lambda rng: rng.choice(FACES)), (2, lambda rng: rng.choice(LOOKALIKES)),
    (1, lambda rng: rng.choice(SPECIAL + ORDINARY)),
    (3, lambda rng: rng.choice("!?.,;:-_()[]{}<>|\"'`~@#$%^&*+=/\\") * rng.randint(1, 4)),
    (1, lambda rng: chr(rng.choice([*range(0x20), 0x7F]))),
    (1, lambda rng: rng.choice("aZ\u4e00 !0") * rng.randint(1, 40)),
]


def string(rng):
    makers = rng.choices([maker for _, maker in PARTS], [weight for weight, _ in PARTS],
                         k=rng.randint(1, 10))
    return "".join(maker(rng) for maker in makers)


def sequence(rng, count):
    """Ids of any kind: random, runs of byte tokens, added, padding rows of the embedding."""
    kinds = [lambda: rng.randrange(256), lambda: rng.randrange(151_643),
             lambda: rng.randrange(151_643, 151_665), lambda: rng.randrange(151_665, 152_064)]
    return [rng.choices(kinds, [6, 6, 1, 1])[0]() for _ in range(count)]


def leb128(number):
    output = bytearray()
    while number >= 0x80:
        output.append(number & 0x7F | 0x80)
        number >>= 7
    output.append(number)
    return bytes(output)


def counted_ids(ids):
    return leb128(len(ids)) + b"".join(map(leb128, ids))


def counted_text(text):
    return leb128(len(text.encode())) + text.encode()


def main(folder, output):
    folder, output = pathlib.Path(folder), pathlib.Path(output)
    plain, full = load(folder, False), load(folder, True)
    rng = random.Random(SEED)
    texts = ["", " ", "\n", "'", "'s"] + [string(rng) for _ in range(STRINGS - 5)]
    encodings = bytearray()
    for text in texts:
        user = plain.encode(text, add_special_tokens=False).ids
        control = full.encode(text, add_special_tokens=False).ids
        encodings += counted_text(text) + counted_ids(user)
        encodings += b"\0" if control == user else counted_ids(control)
    decodings = bytearray()
    for _ in range(SEQUENCES):
        ids = sequence(rng, rng.randint(1, 24))
        decodings += counted_ids(ids)
        decodings += counted_text(full.decode(ids, skip_special_tokens=False))
        decodings += counted_text(full.decode(ids, skip_special_tokens=True))
    files = {
        "encodings.bin": bytes(encodings),
        "decodings.bin": bytes(decodings),
        "qwen2-merges.bin": (folder / "qwen2-merges.bin").read_bytes(),
    }
    output.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (output / name).write_bytes(data)
    manifest = {
        "made by": "Tools/tokenizer/make_fixture.py",
        "seed": SEED,
        "tokenizers": tokenizers.__version__,
        "unicode of the generator": unicodedata.unidata_version,
        "strings": STRINGS,
        "sequences": SEQUENCES,
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    (output / "MANIFEST.json").write_text(json.dumps(manifest, indent=2) + "\n")
    print({name: len(data) for name, data in files.items()})


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
