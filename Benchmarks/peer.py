"""What every peer has: variants, the works it can do, and figures for one variant at a time."""
from place import environment


class Peer:
    """One program. `variants` are (label, bits); `measure` gives {work: figure} and what it saw."""

    name = ""
    variants = []
    works = set()

    def __init__(self, place, threads):
        self.place, self.threads = place, threads
        self.env = environment(threads)

    def missing(self, variant):
        """The end of a sentence when the variant cannot be measured, else None."""

    def version(self):
        """What is measured, in a few words."""

    def measure(self, variant, works):
        """({work: figure}, part of the processor that other programs took, notes)."""
