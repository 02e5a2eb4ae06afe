"""Structures kept out of sight. The reader is NOT tuned on these: nobody looks at them while its rules are written.

They are drawn to measure how the reader does on what nobody thought of; whoever changes the reader reads their score only.
"""

import random

from structures.document import Document, Maker
from structures.facts import draw_facts
from structures.tables import Column


def amounts_first(rng: random.Random, **options: bool) -> Document:
    """The amounts stand before the names."""
    make = Maker(rng, "amounts_first", **options)
    facts = draw_facts(rng, rng.randint(5, 14))
    y = make.begin(facts)
    payers = [make.payer_column("nhi"), make.payer_column("own")]
    if rng.random() < 0.4:
        payers.reverse()
    columns: list[Column] = [*payers, make.name_column()]
    y = make.table(columns, [make.line_row(line, columns) for line in facts.lines], y)
    return make.finish(y)


KINDS = (amounts_first,)
