"""The input of alerts: failed gates, refused and missing deliveries, rows of other authorities.

It reads names of files and rules, and counts, but no cell of the data.
"""

from dataclasses import dataclass, field
from datetime import date

from tf_pipeline import paths
from tf_pipeline.authorities import registry
from tf_pipeline.ingest.find import delivered_files
from tf_pipeline.releases.queries import latest_releases
from tf_pipeline.rules.due import last_due_month
from tf_pipeline.warehouse.lock import write_lock
from tf_pipeline.warehouse.opening import open_warehouse


@dataclass(frozen=True)
class Gate:
    """A gate that failed, or a failed test across tables; without delivery gates."""

    month: str
    name: str
    outcome: str
    failed_rules: str


@dataclass(frozen=True)
class Refusal:
    """A delivery refused at its last attempt; nothing of that month or later is accepted."""

    month: str
    authority: str
    outcome: str
    rules: str
    files: str


@dataclass(frozen=True)
class Misdirected:
    """Rows of one dataset whose numbers belong only to another authority."""

    month: str
    authority: str
    dataset: str
    file_name: str
    rows: int
    files: str


@dataclass(frozen=True)
class State:
    """The current state; months are YYYY-MM, `published` is the newest published month."""

    authorities: tuple[str, ...] = ()
    gates: tuple[Gate, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    misdirected: tuple[Misdirected, ...] = ()
    # month and authority of every delivery that arrived, with any outcome
    came: frozenset[tuple[str, str]] = frozenset()
    accepted: dict[str, str] = field(default_factory=dict)
    in_inbox: frozenset[str] = frozenset()
    published: str | None = None


# the last attempt of each authority and month counts
LATEST = """
    with latest as (
        select authority, month, max(outcome) as outcome,
            string_agg(coalesce(file_sha256, dataset), ' ' order by dataset) as files
        from (
            select * from raw.attempts
            qualify rank() over (partition by authority, month order by attempted_at desc) = 1)
        group by authority, month)
"""
GATES = """
    select month, gate, outcome, coalesce(failed_rules, '') from ops.gates
    where outcome in ('failed', 'could_not_run') and layer <> 'delivery' order by all
"""
REFUSALS = f"""{LATEST},
    rules as (
        select authority, month, string_agg(distinct rule, ', ' order by rule) as rules
        from raw.findings where severity = 'critical' group by authority, month)
    select month, authority, outcome, coalesce(rules, ''), files
    from latest left join rules using (authority, month)
    where outcome in ('held', 'rejected') and month > coalesce((
        select max(accepted.month) from raw.accepted
        where accepted.authority = latest.authority), '')
    order by month, authority
"""
MISDIRECTED = f"""{LATEST}
    select month, authority, dataset, any_value(file_name), sum(occurrences)::integer,
        any_value(files)
    from raw.findings inner join latest using (authority, month)
    where starts_with(rule, 'MISDIRECTED') group by month, authority, dataset order by all
"""


def read_state(today: date) -> State:
    """The current state.

    Raises WarehouseBusy immediately if a load is writing: its results are known only afterwards.
    """
    authorities = tuple(registry.authorities())
    if not paths.warehouse_path().exists():
        return State(authorities)
    due = last_due_month(today)
    with (
        write_lock("reading the state for alerts", 0),
        open_warehouse(paths.warehouse_path(), read_only=True) as warehouse,
    ):

        def rows(query: str) -> list[tuple]:
            return warehouse.execute(query).fetchall()

        return State(
            authorities=authorities,
            gates=tuple(Gate(*row) for row in rows(GATES)),
            refusals=tuple(Refusal(*row) for row in rows(REFUSALS)),
            misdirected=tuple(Misdirected(*row) for row in rows(MISDIRECTED)),
            came=frozenset(
                rows(
                    f"{LATEST} select month, authority from latest where outcome <> 'not_delivered'"
                )
            ),
            accepted=dict(
                rows("select authority, max(month) from raw.accepted group by authority")
            ),
            in_inbox=frozenset(
                a for a in authorities if delivered_files(paths.inbox_dir() / due / a)
            ),
            published=max(latest_releases(), default=None),
        )
