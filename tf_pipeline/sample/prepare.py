"""Prepares a dataset for its headings: needs in one of three shapes, unborn children, counts.

A column `<field>_said` holds finished text; other fields become text by their type.
"""

import numpy as np
import polars as pl

from tf_pipeline.rules.crosswalks import in_force, seed
from tf_pipeline.sample import levels, statuses, unborn
from tf_pipeline.sample.dialect import Dialect
from tf_pipeline.sample.snapshot import INCIDENT_STEPS
from tf_pipeline.sample.texts import chance, nothing, one_of, spread, typed_day_format, word_text
from tf_pipeline.vocabulary import NO_VALUE

LIST_SEPARATOR = "; "


def prepared(dataset: str, rows: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    """Canonical rows of a dataset in this authority's form.

    Adds `row_key`: if groups are repeated, rows with the same key share one line.
    """
    if dataset == "needs":
        rows = _needs(rows, dialect)
    elif dataset == "incidents":
        rows = _incidents(rows, dialect)
    elif dataset == "people":
        rows = _people(rows, dialect)
    elif dataset == "interventions":
        rows = levels.named(rows, dialect)
    if "row_key" in rows.columns:
        return rows
    return rows.with_columns(pl.col("family").cast(pl.String).alias("row_key"))


def _needs(rows: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    fields = dialect.headings["needs"]
    rows = rows.with_columns(
        need_basis(rows, dialect, n).alias(f"need_{n}_basis") for n in dialect.framework.needs
    )
    if "need_status" in fields:
        return _long_needs(rows, dialect)
    if "needs_present" in fields:
        return _listed_needs(rows, dialect)
    options_by_code = statuses.needs_said(dialect)
    return rows.with_columns(
        spread(
            rows[f"need_{code}"],
            {status: one.texts for status, one in options.items()},
            chance(dialect, "needs", code),
        ).alias(f"need_{code}_said")
        for code, options in options_by_code.items()
    )


def _long_needs(rows: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    """One row per family and need."""
    sources = _sources(dialect)
    pieces = []
    for code, need in dialect.framework.needs.items():
        options = {s: one.texts for s, one in statuses.need_texts(dialect, code).items()}
        status = rows[f"need_{code}"]
        source = one_of(sources[need], rows.height, chance(dialect, "source", code))
        source = source.zip_with(status != "not_known", pl.Series([""], dtype=pl.String))
        pieces.append(
            rows.with_columns(
                pl.lit(need).alias("need"),
                pl.lit(code).alias("item"),
                spread(status, options, chance(dialect, "needs", code)).alias("need_status_said"),
                source.alias("need_source_said"),
            )
        )
    return pl.concat(pieces).sort("family", "item")


def _listed_needs(rows: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    """Two cells: the needs that were found, and those that were checked and not found."""
    words = dialect.choices("needs", "need")
    columns = []
    for status, field in (("yes", "needs_present"), ("no", "needs_absent")):
        named = [
            pl.when(pl.col(f"need_{code}") == status).then(pl.lit(words[need][0]))
            for code, need in dialect.framework.needs.items()
            if need in words
        ]
        listed = pl.concat_list(named).list.drop_nulls().list.join(LIST_SEPARATOR)
        blank = pl.lit(nothing(dialect, "needs", field)[0])
        columns.append(pl.when(listed == "").then(blank).otherwise(listed).alias(f"{field}_said"))
    return rows.with_columns(columns)


def need_basis(rows: pl.DataFrame, dialect: Dialect, code: int) -> pl.Series:
    """The basis of a need, if the authority sends it; only bases for which it has words."""
    field = f"need_{code}_basis"
    null_text = pl.Series([None], dtype=pl.String)
    known = [b for b in dialect.choices("needs", field) if b not in NO_VALUE]
    if dialect.declares("esa_support_counts_as_health", f"needs.need_{code}") != "yes":
        known = [b for b in known if b != "esa_support_group"]
    if field not in dialect.headings["needs"] or not known:
        return null_text.new_from_index(0, rows.height)
    index = (rows["basis_pick"] * len(known)).cast(pl.Int64).to_numpy()
    picked = pl.Series(np.array(known, dtype=object)[index], dtype=pl.String)
    return picked.zip_with(rows[f"need_{code}"] == "yes", null_text)


def _sources(dialect: Dialect) -> dict[str, list[str]]:
    """Need → words for the source of its findings, from the authority's definitions."""
    rows = in_force(seed("declarations/authority_definitions.csv"), dialect.month)
    rows = rows.filter(pl.col("authority") == dialect.authority)
    bases = dict(rows.select("topic", "source_basis").iter_rows())
    known = dialect.choices("needs", "need_source")
    found = {}
    for need in dialect.framework.needs.values():
        stated = (bases.get(need) or "").split("+")
        found[need] = [w for basis in stated for w in known.get(basis, [])] or [""]
    return found


def _incidents(rows: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    columns = []
    for kind in INCIDENT_STEPS:
        if kind not in dialect.headings["incidents"]:
            continue
        zero, unknown, is_counted = statuses.incident_texts(dialect, kind)
        random = chance(dialect, "incidents", kind)
        if not is_counted:
            columns.append(one_of(zero.texts, rows.height, random).alias(f"{kind}_said"))
            continue
        texts = rows[kind].cast(pl.String)
        texts = texts.zip_with(rows[kind] > 0, one_of(zero.texts, rows.height, random))
        missing = one_of(unknown.texts, rows.height, random)
        columns.append(texts.zip_with(rows[kind].is_not_null(), missing).alias(f"{kind}_said"))
    return rows.with_columns(columns)


def _people(rows: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    """Marks unborn children in the authority's way; leaves them out if it has none."""
    marks = unborn.markers(dialect)
    if not marks:
        return _born(rows.filter(~pl.col("is_unborn_person")), dialect)
    rows = _born(rows, dialect)
    is_unborn = rows["is_unborn_person"]
    due = rows["expected_date"]
    texts = {
        field: pl.Series([mark], dtype=pl.String).new_from_index(0, rows.height)
        for field, mark in marks.items()
    }
    if "full_name" in texts and (rule := unborn.rule_for(dialect, "full_name")):
        named = texts["full_name"].str.strip_chars() + " " + rows["surname"]
        if unborn.meets(rule, f"{marks['full_name'].strip()} Synthetic"):
            texts["full_name"] = named
    if "expected_date" not in dialect.headings["people"]:
        written = due.cast(pl.Datetime).dt.strftime(
            typed_day_format(dialect.shape.datasets["people"], dialect)
        )
        texts |= _next_to_the_mark(written, marks, dialect)
        if not {"date_of_birth", "comments"} & set(texts):
            rows = rows.with_columns(pl.col("date_of_birth").fill_null(pl.col("expected_date")))
    return rows.with_columns(
        text.zip_with(is_unborn, _finished_text(rows, field)).alias(f"{field}_said")
        for field, text in texts.items()
    )


def _next_to_the_mark(
    written: pl.Series, marks: dict[str, str], dialect: Dialect
) -> dict[str, pl.Series]:
    """The expected date after the words that mark the child, if the rule allows that."""
    for field in ("date_of_birth", "comments"):
        rule = unborn.rule_for(dialect, field)
        if rule is None or field not in marks:
            continue
        mark = marks[field] if marks[field].endswith(" ") else f"{marks[field]} "
        if unborn.meets(rule, f"{mark}01/02/2003") and unborn.without(
            rule, f"{mark}01/02/2003"
        ) == "01/02/2003":  # fmt: skip
            return {field: pl.Series([mark], dtype=pl.String) + written}
    return {}


def _born(rows: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    """Coded words for everybody, without words that would mean unborn."""
    columns = []
    for field in ("sex", "is_unborn", "relationship"):
        if field not in dialect.headings["people"]:
            continue
        rule = unborn.rule_for(dialect, field)
        words = [w for ws in dialect.choices("people", field).values() for w in ws]
        avoid = [w for w in words if rule and unborn.meets(rule, w)]
        text = word_text(rows[field], dialect, "people", field, avoid)
        columns.append(text.alias(f"{field}_said"))
    return rows.with_columns(columns)


def _finished_text(rows: pl.DataFrame, field: str) -> pl.Series:
    """The field's text for everybody else; null for dates, which are written by their type."""
    if f"{field}_said" in rows.columns:
        return rows[f"{field}_said"]
    if rows.schema[field] == pl.String:
        return rows[field]
    return pl.Series([None], dtype=pl.String).new_from_index(0, rows.height)
