"""Earlier deliveries, to compare a new one with: hashes of files and rows, and local ids."""

from collections.abc import Collection
from dataclasses import dataclass, field

import polars as pl

from tf_pipeline.warehouse.connect import reader


@dataclass(frozen=True)
class Earlier:
    """An authority's accepted delivery for a month; hashes by dataset, empty if not known."""

    month: str
    files: dict[str, str] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)


def accepted_before(authority: str, before: str) -> list[Earlier]:
    """The accepted deliveries of an authority before a month, the last one first."""
    with reader(f"reading the accepted deliveries of {authority}") as connection:
        if connection is None:
            return []
        found = connection.execute(
            "select a.month, a.dataset, a.file_sha256, h.rows_sha256 from raw.accepted as a "
            "left join raw.row_hashes as h using (authority, month, dataset) "
            "where a.authority = ? and a.month < ? order by a.month desc",
            [authority, before],
        ).fetchall()
    earlier = {month: Earlier(month) for month, *_ in found}
    for month, dataset, file_sha, rows_sha in found:
        earlier[month].files[dataset] = file_sha
        if rows_sha:
            earlier[month].rows[dataset] = rows_sha
    return list(earlier.values())


def ids_of_others(authority: str, kind: str, ids: Collection[str]) -> set[str]:
    """The ids that another authority has used, that this one never has, in a form not its own.

    A form is an id with every letter as A and every digit as 9. Numbers with one digit more than
    this authority's count as its own, because numbering goes on. If no id of this authority is
    known, the result is empty.
    """
    asked = pl.DataFrame({"local_id": sorted(ids)}, schema={"local_id": pl.String})
    with reader(f"reading who uses the numbers of {authority}") as connection:
        if connection is None:
            return set()
        connection.register("asked", asked)
        strange = connection.execute(
            """
            with known as (
                select
                    authority,
                    local_id,
                    regexp_replace(
                        regexp_replace(local_id, '[A-Za-z]', 'A', 'g'), '[0-9]', '9', 'g'
                    ) as form,
                from restricted.key_map
                where kind = $kind
            ),

            own as (select distinct form from known where authority = $authority),

            own_forms as (
                select form from own
                union
                select regexp_replace(form, '(9+)', '\\19', 'g') from own
                union
                select regexp_replace(form, '(9+)([^9]*)$', '\\19\\2') from own
            )

            select distinct asked.local_id
            from asked
            inner join known on asked.local_id = known.local_id
            where known.authority <> $authority
                and known.form not in (select form from own_forms)
                and exists (select 1 from own)
                and not exists (
                    select 1 from known as mine
                    where mine.authority = $authority and mine.local_id = asked.local_id
                )
            """,
            {"kind": kind, "authority": authority},
        ).fetchall()
        connection.unregister("asked")
    return {row[0] for row in strange}
