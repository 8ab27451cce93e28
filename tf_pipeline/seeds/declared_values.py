"""What a row of `authority_declarations.csv` may say: by whom, of what, and which value.

Belongs here: all that follows from the row's topic in `ref_declarations.csv`.
Does not belong here: comparing words (`word_rule.py`), known words of other seeds
(`known_words.py`).
"""

from collections.abc import Iterator

import polars as pl

from tf_pipeline.seeds.seed_files import LINE, RuleFinding
from tf_pipeline.seeds.word_lists import fields_of_seeds
from tf_pipeline.seeds.word_rule import Known, Seeds, of
from tf_pipeline.vocabulary import ANY, NO_VALUE

# dataset → what a zero may mean in it besides that nothing is known; a blank is never one of these
ZERO, ZERO_UNKNOWN = "zero_means", ("not_known", "not_held")
NONE = {"needs": "no", "incidents": "true_zero", "benefits": "true_zero"}
# who declares a rule for all authorities
WHOLE = "gm"
# kinds of declared values besides domains of ref_values and literal words
STATUS, REGEX, MEANINGS, NUMBER, DAY = "status", "regex", "meanings", "number", "day"
# published schemas with less content than gm
SCHEMAS = ["gm_shared"]
# events that happen every month
EVENTS = ["delivery"]


def with_kinds(seeds: Seeds) -> pl.DataFrame:
    """The declarations, each with what its topic can be declared of, as what, and by whom."""
    kinds = seeds["ref_declarations"].select("topic", "subject_kind", "value_kind", "declared_by")
    kinds = kinds.unique("topic", keep="first")
    declarations = seeds["authority_declarations"].join(kinds, on="topic", how="left")
    # the statuses allowed for a zero depend on its dataset
    of_dataset = pl.lit(f"{STATUS} of ") + pl.col("subject").str.split(".").list.first()
    kind = pl.col("value_kind")
    return declarations.with_columns(
        pl.when(kind == STATUS, pl.col("topic") == ZERO)
        .then(of_dataset)
        .otherwise(kind)
        .alias("value_kind")
    )


def _declaring(seeds: Seeds) -> pl.DataFrame:
    whole = pl.DataFrame({"declared_by": [WHOLE], "authority": [WHOLE]})
    each = seeds["ref_authorities"].select(pl.lit("authority").alias("declared_by"), "authority")
    return pl.concat([each, whole])


def _subjects(seeds: Seeds) -> pl.DataFrame:
    every_field = seeds["ref_datasets"].select("dataset", pl.lit(ANY).alias("field"))
    fields = pl.concat([fields_of_seeds(seeds).select("dataset", "field"), every_field])
    subjects = {
        "field": fields.select(pl.concat_str("dataset", "field", separator=".")).to_series(),
        "dataset": seeds["ref_datasets"]["dataset"],
        "topic": seeds["ref_meanings"]["topic"].unique(maintain_order=True),
        "schema": pl.Series(SCHEMAS),
        "event": pl.Series(EVENTS),
    }
    return pl.concat(
        pl.DataFrame({"subject": names}).select(pl.lit(kind).alias("subject_kind"), "subject")
        for kind, names in subjects.items()
    )


def _declared_values(seeds: Seeds) -> pl.DataFrame:
    kinds = seeds["ref_declarations"].select(pl.col("value_kind").unique().drop_nulls())
    domains = seeds["ref_values"].select(pl.col("domain").alias("value_kind"), "value")
    literals = kinds.join(domains, on="value_kind", how="anti").filter(
        ~pl.col("value_kind").is_in([STATUS, REGEX, MEANINGS, NUMBER, DAY])
    )
    statuses = [(STATUS, value) for value in NO_VALUE] + [
        (f"{STATUS} of {dataset}", value)
        for dataset in seeds["ref_datasets"]["dataset"]
        for value in (*([NONE[dataset]] if dataset in NONE else []), *ZERO_UNKNOWN)
    ]
    return pl.concat(
        [
            domains,
            pl.DataFrame(statuses, schema=["value_kind", "value"], orient="row"),
            literals.with_columns(pl.col("value_kind").alias("value")),
        ]
    )


KNOWN_DECLARATIONS = (
    Known(
        "authority_declarations", "topic", "DECLARATION_UNKNOWN",
        "declaration of ref_declarations.csv", of("ref_declarations", "topic"),
    ),
    Known(
        "authority_declarations", "authority", "AUTHORITY_UNKNOWN",
        "authority that declares {topic}", _declaring, within=("declared_by",),
    ),
    Known(
        "authority_declarations", "subject", "SUBJECT_UNKNOWN",
        "{subject_kind} for which {topic} can be declared", _subjects, within=("subject_kind",),
    ),
    Known(
        "authority_declarations", "value", "DECLARED_VALUE_UNKNOWN", "value of {topic}",
        _declared_values, within=("value_kind",),
    ),
    Known(
        "authority_declarations", "value", "MEANING_UNKNOWN",
        "meaning of {subject} in ref_meanings.csv",
        of("ref_meanings", "topic", "meaning"), within=("subject",),
        parts=pl.col("value").str.extract_all(r"\S+"), where=pl.col("value_kind") == MEANINGS,
    ),
)  # fmt: skip


def unreadable_expressions(declarations: pl.DataFrame) -> Iterator[RuleFinding]:
    """Regular expressions that DuckDB cannot read: like its RE2, Polars has no look-around."""
    compiles = pl.lit("").str.contains(pl.col("value"), literal=False, strict=False)
    bad = declarations.filter(pl.col("value_kind") == REGEX, pl.col("value").is_not_null())
    for line, value in bad.filter(compiles.is_null()).select(LINE, "value").iter_rows():
        message = f"'{value}' is no regular expression that DuckDB reads; accepted: such as ^unborn"
        yield RuleFinding("authority_declarations.csv", line, "EXPRESSION_UNREADABLE", message)


def not_a_number(declarations: pl.DataFrame) -> Iterator[RuleFinding]:
    """Declared numbers that are not positive whole numbers, and days that a month may lack."""
    # the day after it must exist in every month
    forms = {
        NUMBER: (r"^[1-9]\d{0,5}$", "whole number; accepted: such as 5"),
        DAY: (r"^([1-9]|1\d|2[0-7])$", "day; accepted: a whole number from 1 to 27"),
    }
    for kind, (form, expected) in forms.items():
        bad = declarations.filter(pl.col("value_kind") == kind, ~pl.col("value").str.contains(form))
        for line, value in bad.select(LINE, "value").iter_rows():
            message = f"'{value}' is no {expected}"
            yield RuleFinding("authority_declarations.csv", line, "NUMBER_UNREADABLE", message)
