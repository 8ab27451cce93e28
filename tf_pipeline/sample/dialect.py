"""How one authority writes in one month: its headings, words and declarations in reverse."""

from dataclasses import dataclass

import polars as pl

from tf_pipeline.authorities import registry
from tf_pipeline.authorities.spec import AuthorityShape
from tf_pipeline.errors import UserFacingError
from tf_pipeline.rules.crosswalks import fields, in_force, seed
from tf_pipeline.rules.frameworks import Framework
from tf_pipeline.rules.month_rules import MonthRules, month_rules
from tf_pipeline.vocabulary import IGNORE


class SampleProblem(UserFacingError):
    """An authority's shape or crosswalk needs something the generator cannot make; says what."""


@dataclass(frozen=True)
class Dialect:
    """Everything needed to write like an authority in a month.

    headings: dataset → field → heading. ignored: dataset → headings of ignored columns.
    declared: topic → subject → value. words: its rows of `xwalk_values` in force; spoken: the same
    rows for each field they apply to. framework: the one used to report needs in that month.
    """

    authority: str
    name: str
    month: str
    seed: int
    position: int
    shape: AuthorityShape
    headings: dict[str, dict[str, str]]
    ignored: dict[str, list[str]]
    declared: dict[str, dict[str, str]]
    words: pl.DataFrame
    spoken: pl.DataFrame
    framework: Framework

    def choices(self, dataset: str, field: str) -> dict[str, list[str]]:
        """Canonical value → the words an authority may write; the most specific row wins."""
        found: dict[str, list[str]] = {}
        rows = self.spoken.filter((pl.col("dataset") == dataset) & (pl.col("field") == field))
        for canonical, word in rows.select("canonical", "delivered").iter_rows():
            found.setdefault(canonical, []).append(word)
        return found

    def no_value(self, dataset: str, field: str) -> list[str]:
        """Possible texts for an unknown value: the authority's words, and sometimes a blank."""
        return seldom_blank(self.choices(dataset, field).get("not_known", []))

    def declares(self, topic: str, subject: str) -> str | None:
        """The value of a declaration, such as what a blank means in `needs.need_1`."""
        return self.declared.get(topic, {}).get(subject)


def seldom_blank(words: list[str]) -> list[str]:
    """Words for no value and a blank (at most one in four); only a blank if there are no words."""
    return [*words * (3 if len(words) < 3 else 1), ""]


def dialect(authority: str, month: str, random_seed: int) -> Dialect:
    """How an authority writes in a month, from its YAML and the seeds."""
    rows = in_force(seed("crosswalks/xwalk_values.csv"), month)
    rows = rows.filter(pl.col("authority") == authority)
    names = dict(seed("reference/ref_authorities.csv").select("authority", "name").iter_rows())
    known = registry.authorities()
    shape = registry.shape(authority)
    rules = month_rules(authority, month)
    chosen, ignored = _headings(rules, shape)
    return Dialect(
        authority=authority,
        name=names.get(authority, authority),
        month=month,
        seed=random_seed,
        position=known.index(authority),
        shape=shape,
        headings=chosen,
        ignored=ignored,
        declared=rules.declared,
        words=rows,
        spoken=rules.words.filter(~pl.col("is_canonical_itself")),
        framework=rules.framework,
    )


def only_with_issues(authority: str, month: str) -> bool:
    """Whether an authority lists, in comparison families, only members with an issue."""
    listing = month_rules(authority, month).declared.get("comparison_listing", {})
    return listing.get("people") == "only_with_issues"


def _headings(
    rules: MonthRules, shape: AuthorityShape
) -> tuple[dict[str, dict[str, str]], dict[str, list[str]]]:
    """One heading for each field; if the crosswalk has several, the month decides."""
    year, number = (int(part) for part in rules.month.split("-"))
    turn = year * 12 + number
    order = {(f.dataset, f.name): i for i, f in enumerate(fields())}
    options: dict[str, dict[str, list[str]]] = {}
    for dataset, heading, field in (
        rules.crosswalk.sort("dataset", "heading").select("dataset", "heading", "field").iter_rows()
    ):
        if dataset in shape.datasets:
            options.setdefault(dataset, {}).setdefault(field, []).append(heading)
    chosen: dict[str, dict[str, str]] = {}
    ignored: dict[str, list[str]] = {}
    for dataset, by_field in options.items():
        ignored[dataset] = by_field.pop(IGNORE, []) if turn % 2 else []
        known = sorted((order[dataset, f], f) for f in by_field if (dataset, f) in order)
        chosen[dataset] = {f: by_field[f][turn % len(by_field[f])] for _, f in known}
    return chosen, ignored
