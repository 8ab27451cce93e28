"""An authority's declarations by field, for Gate 1 and the sample; dbt reads the same rows.

Belongs here: which declaration applies to a field. Does not belong here: its consequences.
"""

import polars as pl

from tf_pipeline.rules.crosswalks import fields, in_force, seed
from tf_pipeline.vocabulary import ANY


def declared(authority: str, month: str) -> dict[str, dict[str, str]]:
    """Topic → subject → value of one authority in one month.

    A declaration for a whole dataset (`needs.*`) is listed for each of its fields; a declaration
    for the field itself wins.
    """
    rows = in_force(seed("declarations/authority_declarations.csv"), month)
    rows = rows.filter(pl.col("authority") == authority)
    by_dataset: dict[str, list[str]] = {}
    for one in fields():
        by_dataset.setdefault(f"{one.dataset}.{ANY}", []).append(f"{one.dataset}.{one.name}")
    found: dict[str, dict[str, str]] = {}
    own: list[tuple[str, str, str]] = []
    for topic, subject, value in rows.select("topic", "subject", "value").iter_rows():
        if subject not in by_dataset:
            own.append((topic, subject, value))
            continue
        found.setdefault(topic, {}).update(dict.fromkeys(by_dataset[subject], value))
    for topic, subject, value in own:
        found.setdefault(topic, {})[subject] = value
    return found
