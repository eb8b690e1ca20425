"""The work that everybody does, and what the project wants to reach in it."""

THREADS = 2
PROMPT_TOKENS = 512
GENERATED_TOKENS = 64
BATCH = 8
SIDE = 448

NAMES = ["bo", "lina", "mr fox", "the old lamp"]
INFO = ["a grey toy cat", "a woman with red glasses", "a fox made of cloth", "a brass lamp with a green shade"]
REFERENCE = "This is <{name}>: {info}.\n"
QUESTION = "Describe this picture in one sentence. Who or what do you recognise in it?"
SECOND_QUESTION = "Is anybody missing in this picture?"

# name of the work, what its figure is, whether more is better
WORKS = {
    "decode": ("decode after 512 tokens", "tokens/s", True),
    "prefill": ("prefill of 512 tokens", "tokens/s", True),
    "vision": ("vision tower, 448×448", "s", False),
    "cold": ("first token, 4 references + query, cold", "s", False),
    "known": ("  the references known, another query", "s", False),
    "again": ("  the same query, another question", "s", False),
    "batch": ("8 answers of 64 tokens at once", "tokens/s", True),
    "memory": ("peak memory with 5 pictures", "GB", False),
}
FIRST_TOKEN = ("cold", "known", "again")


def reference_texts():
    return [REFERENCE.format(name=name, info=info) for name, info in zip(NAMES, INFO)]


def filler(count):
    """Token ids for a prompt that nothing has seen before; never a special token."""
    return [(place * 37) % 1000 for place in range(count)]
