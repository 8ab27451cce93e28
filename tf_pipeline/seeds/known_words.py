"""Which cells of the seeds must be known words, and where these words are listed.

Belongs here: the table KNOWN; a new rule of this kind is a new line in it.
Does not belong here: comparing (`seed_checks.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from tf_pipeline.vocabulary import ANY, IGNORE, KEPT_BESIDE, NO_VALUE

Seeds = Mapping[str, pl.DataFrame]
# dataset → what a zero or a blank may mean in it; in other datasets it means no value
NONE = {"needs": "no", "incidents": "true_zero", "benefits": "true_zero"}
WHOLE = "gm"
# kinds of declared values besides domains of ref_values and literal words
STATUS, REGEX, MEANINGS, NUMBER, DAY = "status", "regex", "meanings", "number", "day"
# published schemas with less content than gm
SCHEMAS = ["gm_shared"]
# events that happen every month
EVENTS = ["delivery"]


@dataclass(frozen=True)
class Known:
    """A rule: cells of a column must be known words; the columns in `within` decide which.

    accepted returns a frame of the columns in `within`, then the words. noun and those columns
    form the message. parts splits a cell with several words; where limits the rule to some rows.
    """

    seed: str
    column: str
    rule: str
    noun: str
    accepted: Callable[[Seeds], pl.DataFrame]
    within: tuple[str, ...] = ()
    empty: bool = False
    parts: pl.Expr | None = None
    where: pl.Expr | None = None


def of(seed: str, *columns: str) -> Callable[[Seeds], pl.DataFrame]:
    """Known words from columns of another seed."""
    return lambda seeds: seeds[seed].select(columns)


def among(*words: str) -> Callable[[Seeds], pl.DataFrame]:
    """Known words that the program defines."""
    return lambda seeds: pl.DataFrame({"word": words})


def _kept(seeds: Seeds) -> pl.DataFrame:
    return pl.DataFrame({"word": [*seeds["ref_datasets"]["dataset"], *KEPT_BESIDE]})


def _levels(seeds: Seeds) -> pl.DataFrame:
    rows = seeds["ref_intensity_levels"]
    return rows.filter(pl.col("rank").str.to_integer(strict=False) > 0).select(
        pl.col("intensity_level").sort()
    )


def _fields(seeds: Seeds) -> pl.DataFrame:
    """dataset, field, domain; every need of every framework is a separate field."""
    needs = seeds["ref_needs"].select(
        pl.lit("needs").alias("dataset"),
        (pl.lit("need_") + pl.col("need_code")).alias("field"),
        pl.lit("need_status").alias("domain"),
    )
    fields = seeds["ref_fields"].select("dataset", "field", "domain")
    return pl.concat([fields, needs]).unique(["dataset", "field"], maintain_order=True)


def _heading_targets(seeds: Seeds) -> pl.DataFrame:
    ignored = seeds["ref_datasets"].select("dataset", pl.lit(IGNORE).alias("field"))
    return pl.concat([seeds["ref_fields"].select("dataset", "field"), ignored])


def _with_any(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows by dataset and field, then rows for any field of a dataset and for any dataset."""
    anywhere = [rows.with_columns(pl.lit(ANY).alias(name)) for name in ("field", "dataset")]
    return pl.concat([rows, *anywhere]).unique(maintain_order=True)


def _value_fields(seeds: Seeds) -> pl.DataFrame:
    nowhere = pl.DataFrame({"dataset": [ANY], "field": [ANY]})
    return pl.concat([_with_any(_fields(seeds).select("dataset", "field")), nowhere])


def _canonical(seeds: Seeds) -> pl.DataFrame:
    values = _fields(seeds).join(
        seeds["ref_values"], on="domain", maintain_order="left_right", how="inner"
    )
    values = _with_any(values.select("dataset", "field", "value"))
    no_value = _value_fields(seeds).join(pl.DataFrame({"value": NO_VALUE}), how="cross")
    return pl.concat([values, no_value]).unique(maintain_order=True)


def _declaring(seeds: Seeds) -> pl.DataFrame:
    whole = pl.DataFrame({"declared_by": [WHOLE], "authority": [WHOLE]})
    each = seeds["ref_authorities"].select(pl.lit("authority").alias("declared_by"), "authority")
    return pl.concat([each, whole])


def _subjects(seeds: Seeds) -> pl.DataFrame:
    every_field = seeds["ref_datasets"].select("dataset", pl.lit(ANY).alias("field"))
    fields = pl.concat([_fields(seeds).select("dataset", "field"), every_field])
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
    statuses = [
        (f"{STATUS} of {dataset}", value)
        for dataset in seeds["ref_datasets"]["dataset"]
        for value in (*([NONE[dataset]] if dataset in NONE else []), *NO_VALUE)
    ]
    return pl.concat(
        [
            domains,
            pl.DataFrame(statuses, schema=["value_kind", "value"], orient="row"),
            literals.with_columns(pl.col("value_kind").alias("value")),
        ]
    )


_MODES = among("automatic_export", "manual_search", "not_known")
_FRAMEWORKS = of("ref_frameworks", "framework")
_DATASETS = of("ref_datasets", "dataset")
_ALL_LEVELS = of("ref_intensity_levels", "intensity_level")
KNOWN = (
    Known("ref_fields", "dataset", "DATASET_UNKNOWN", "dataset", _DATASETS),
    Known(
        "ref_fields", "domain", "DOMAIN_UNKNOWN", "domain of ref_values.csv",
        of("ref_values", "domain"), empty=True,
    ),
    Known("ref_needs", "framework", "FRAMEWORK_UNKNOWN", "framework", _FRAMEWORKS),
    Known("ref_framework_needs", "framework", "FRAMEWORK_UNKNOWN", "framework", _FRAMEWORKS),
    Known(
        "ref_framework_needs", "criterion", "NEED_UNKNOWN", "need of {framework} in ref_needs.csv",
        of("ref_needs", "framework", "need"), within=("framework",),
    ),
    Known(
        "ref_framework_needs", "need_code", "NEED_UNKNOWN", "need of ref_needs.csv",
        of("ref_needs", "need_code"),
    ),
    Known("ref_recorded", "recorded_in", "DATASET_UNKNOWN", "dataset", _DATASETS),
    Known(
        "ref_recorded", "need_code", "NEED_UNKNOWN", "need of ref_needs.csv",
        of("ref_needs", "need_code"), empty=True,
    ),
    Known("ref_weightings", "intensity_level", "INTENSITY_LEVEL_UNKNOWN", "level", _ALL_LEVELS),
    Known(
        "ref_declarations", "subject_kind", "SUBJECT_KIND_UNKNOWN", "kind of subject",
        among("field", "dataset", "topic", "schema", "event"),
    ),
    Known(
        "ref_declarations", "declared_by", "DECLARED_BY_UNKNOWN", "party that declares",
        among("authority", WHOLE),
    ),
    Known("xwalk_headings", "dataset", "DATASET_UNKNOWN", "dataset", _DATASETS),
    Known(
        "xwalk_headings", "field", "FIELD_UNKNOWN", "field of {dataset} in ref_fields.csv",
        _heading_targets, within=("dataset",),
    ),
    Known(
        "xwalk_values", "dataset", "DATASET_UNKNOWN", "dataset",
        lambda seeds: _value_fields(seeds).select(pl.col("dataset").unique(maintain_order=True)),
    ),
    Known(
        "xwalk_values", "field", "FIELD_UNKNOWN", "field of {dataset} in ref_fields.csv",
        _value_fields, within=("dataset",),
    ),
    Known(
        "xwalk_values", "canonical", "CANONICAL_UNKNOWN", "canonical value of {dataset}.{field}",
        _canonical, within=("dataset", "field"),
    ),
    Known(
        "xwalk_intensity_levels", "level_rule", "LEVEL_RULE_UNKNOWN", "rule of levels",
        among("level", "as_supplied", "hours", "none"),
    ),
    Known(
        "xwalk_intensity_levels", "intensity_level", "INTENSITY_LEVEL_UNKNOWN", "level",
        _levels, empty=True,
    ),
    Known("xwalk_hours_levels", "intensity_level", "INTENSITY_LEVEL_UNKNOWN", "level", _levels),
    Known(
        "xwalk_disputed_levels", "service", "SERVICE_UNKNOWN",
        "service of xwalk_intensity_levels.csv",
        of("xwalk_intensity_levels", "service"), empty=True,
    ),
    Known(
        "xwalk_disputed_levels", "local_name", "LOCAL_NAME_UNKNOWN",
        "local name of xwalk_intensity_levels.csv",
        of("xwalk_intensity_levels", "local_name"), empty=True,
    ),
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
    Known(
        "authority_definitions", "topic", "TOPIC_UNKNOWN", "topic of ref_meanings.csv",
        of("ref_meanings", "topic"),
    ),
    Known(
        "authority_definitions", "meaning", "MEANING_UNKNOWN",
        "meaning of {topic} in ref_meanings.csv",
        of("ref_meanings", "topic", "meaning"), within=("topic",),
    ),
    Known(
        "authority_definitions", "source_basis", "SOURCE_BASIS_UNKNOWN", "source basis",
        lambda seeds: seeds["ref_values"].filter(domain="source_basis").select("value"),
        empty=True, parts=pl.col("source_basis").str.split("+"),
    ),
    Known(
        "authority_definitions", "collection_mode", "COLLECTION_MODE_UNKNOWN",
        "way of collecting", _MODES,
    ),
    Known(
        "profile_declarations", "collection_mode", "COLLECTION_MODE_UNKNOWN",
        "way of collecting", _MODES,
    ),
    Known(
        "worked_examples", "supplied_level", "INTENSITY_LEVEL_UNKNOWN", "level",
        _ALL_LEVELS, empty=True,
    ),
    Known(
        "retention_periods", "kept", "KEPT_UNKNOWN",
        "dataset, nor set_aside, key_map, quarantine, landing, packs or runs", _kept,
    ),
    Known("worked_examples", "agreed_level", "INTENSITY_LEVEL_UNKNOWN", "level", _ALL_LEVELS),
)  # fmt: skip
# seeds whose rows may apply to all authorities
FOR_ALL = (
    "xwalk_headings",
    "xwalk_disputed_levels",
    "authority_definitions",
    "delivery_overrides",
)


def of_authorities(seeds: Seeds) -> list[Known]:
    """Rules for the column `authority` of each seed; KNOWN has the rules on who may declare."""
    its_own = ("ref_authorities", "authority_declarations")
    names = seeds["ref_authorities"]["authority"].to_list()
    return [
        Known(
            seed, "authority", "AUTHORITY_UNKNOWN", "authority of ref_authorities.csv",
            among(*names, *([ANY] if seed in FOR_ALL else [])),
        )
        for seed, rows in seeds.items()
        if "authority" in rows.columns and seed not in its_own
    ]  # fmt: skip
