"""Which cells of the seeds must be words of another seed, and where these words are listed.

Belongs here: the table KNOWN; a new rule of this kind is a new line in it.
Does not belong here: comparing (`word_rule.py`), declarations (`declared_values.py`), words that
no other seed lists: these are in the suite of the seed (`expectations/reference.<seed>.json`).
"""

import polars as pl

from tf_pipeline.seeds.word_lists import (
    canonical,
    heading_targets,
    kept,
    levels,
    placeholders,
    value_fields,
)
from tf_pipeline.seeds.word_rule import Known, Seeds, among, of
from tf_pipeline.vocabulary import ANY

_FRAMEWORKS = of("ref_frameworks", "framework")
_DATASETS = of("ref_datasets", "dataset")
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
    Known(
        "ref_recorded", "need_code", "NEED_UNKNOWN", "need of ref_needs.csv",
        of("ref_needs", "need_code"), empty=True,
    ),
    Known("ref_weightings", "intensity_level", "INTENSITY_LEVEL_UNKNOWN", "level", levels(-1)),
    *(
        Known(
            "ref_messages", text, "PLACEHOLDER_UNKNOWN", "placeholder of {rule}", placeholders,
            within=("rule",), empty=True, parts=pl.col(text).str.extract_all(r"\{[^}]*\}"),
        )
        for text in ("message", "expected")
    ),
    Known("xwalk_headings", "dataset", "DATASET_UNKNOWN", "dataset", _DATASETS),
    Known(
        "xwalk_headings", "field", "FIELD_UNKNOWN", "field of {dataset} in ref_fields.csv",
        heading_targets, within=("dataset",),
    ),
    Known(
        "xwalk_values", "dataset", "DATASET_UNKNOWN", "dataset",
        lambda seeds: value_fields(seeds).select(pl.col("dataset").unique(maintain_order=True)),
    ),
    Known(
        "xwalk_values", "field", "FIELD_UNKNOWN", "field of {dataset} in ref_fields.csv",
        value_fields, within=("dataset",),
    ),
    Known(
        "xwalk_values", "canonical", "CANONICAL_UNKNOWN", "canonical value of {dataset}.{field}",
        canonical, within=("dataset", "field"),
    ),
    Known(
        "xwalk_intensity_levels", "intensity_level", "INTENSITY_LEVEL_UNKNOWN", "level",
        levels(1), empty=True,
    ),
    Known("xwalk_hours_levels", "intensity_level", "INTENSITY_LEVEL_UNKNOWN", "level", levels(1)),
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
        "worked_examples", "supplied_level", "INTENSITY_LEVEL_UNKNOWN", "level",
        levels(0), empty=True,
    ),
    Known(
        "retention_periods", "kept", "KEPT_UNKNOWN",
        "dataset, nor set_aside, key_map, quarantine, landing, packs or runs", kept,
    ),
    Known("worked_examples", "agreed_level", "INTENSITY_LEVEL_UNKNOWN", "level", levels(0)),
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
