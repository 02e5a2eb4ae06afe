"""Tells a model's answer that went wrong (a loop, noise, nothing, cut off) from a receipt, which repeats by nature.

    guard.py   Guard: takes the answer as it streams and says what is wrong, and from where on
    loops.py   the same text again and again, or the same text with a number that counts
    lines.py   lines that are nearly the same, in any order
    noise.py   scripts that no document mixes

All of them look at the answer at fixed places, every `STRIDE` characters, so that how it was cut into deltas changes
nothing.
"""

from extraction.degeneration.guard import Guard
from extraction.degeneration.loops import Cause, Fault

__all__ = ["Cause", "Fault", "Guard"]
