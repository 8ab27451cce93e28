"""The assets that Python makes between dbt's layers: what stands, the pseudonyms, the release."""

from collections.abc import Iterator, Sequence

import dagster as dg

from tf_pipeline import paths
from tf_pipeline.authorities import registry
from tf_pipeline.authorities.due import LATE_AFTER, STALE_AFTER
from tf_pipeline.defs import one_load, progress
from tf_pipeline.defs.build_layer import tables_metadata
from tf_pipeline.defs.dbt_layers import KEY_MAP_KEY, STANDING_KEY
from tf_pipeline.defs.gating import check_result, check_spec, is_open, show
from tf_pipeline.defs.months import PARTITIONS
from tf_pipeline.defs.without_values import without_values
from tf_pipeline.naming import delivery_key, suite_name
from tf_pipeline.quality.gate import GateResult
from tf_pipeline.warehouse.contract import BY_MONTH, WHOLE

PUBLISHED_KEY = ["published", "gm_baseline"]
SHARED_KEY = ["published", "gm_shared"]
ENGINEERS = ["team:gm-data-engineering"]


def python_assets() -> list[dg.AssetsDefinition]:
    """What stands of the deliveries, the pseudonyms, and the published baseline."""
    return [_standing(), _key_map(), _published()]


def _standing() -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="standing",
        specs=[
            dg.AssetSpec(
                STANDING_KEY,
                description=(
                    "What stands for the month: each authority's last accepted delivery, whether "
                    "of this month or carried forward. A refused or missing delivery changes "
                    "nothing here."
                ),
                deps=[dg.AssetKey(delivery_key(a)) for a in registry.authorities()],
                group_name="deliveries",
                owners=ENGINEERS,
                kinds={"duckdb", "python"},
                partitions_def=PARTITIONS,
                skippable=True,
            )
        ],
        check_specs=[check_spec(STANDING_KEY, "Every row delivered is accepted or set aside")],
        pool="warehouse",
        required_resource_keys={one_load.KEY},
    )
    def standing(context: dg.AssetExecutionContext) -> Iterator:
        with without_values("standing"):
            from tf_pipeline.defs.accept import record_untried
            from tf_pipeline.quality.gate import run_gate
            from tf_pipeline.warehouse.connect import writer
            from tf_pipeline.warehouse.gates import record_gate
            from tf_pipeline.warehouse.purge import refuse_purged

            month = context.partition_key
            progress.report("standing: what each authority's last accepted delivery is")
            record_untried(month)
            with writer(f"what stands in {month}") as connection:
                refuse_purged(connection, month)
                frame = connection.execute(
                    """
                    with latest as (
                        select authority, max(month) as as_of_month
                        from raw.accepted
                        where month <= ?
                        group by authority
                    )

                    select
                        accepted.authority, accepted.dataset, latest.as_of_month,
                        accepted.rows_delivered, accepted.rows_accepted, accepted.rows_set_aside,
                        accepted.rows_accepted + accepted.rows_set_aside as rows_accounted,
                    from latest
                    inner join raw.accepted as accepted
                        on latest.authority = accepted.authority
                        and latest.as_of_month = accepted.month
                    order by all
                    """,
                    [month],
                ).pl()
                gate = run_gate(suite_name(STANDING_KEY), {"": frame})
                record_gate(connection, month, "standing", "gm", gate)
            show([gate], month)
            yield check_result(STANDING_KEY, gate)
            _stop_if_shut(
                gate, "No delivery stands for the month" if frame.is_empty() else "standing"
            )
            authorities = frame["authority"].n_unique()
            carried = frame.filter(frame["as_of_month"] != month)["authority"].unique().sort()
            yield dg.MaterializeResult(
                asset_key=dg.AssetKey(STANDING_KEY),
                metadata={
                    "dagster/row_count": int(frame["rows_accepted"].sum() or 0),
                    "authorities_standing": authorities,
                    "carried_forward": ", ".join(carried) or "none",
                },
            )

    return standing


def _key_map() -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="key_map",
        specs=[
            dg.AssetSpec(
                KEY_MAP_KEY,
                description=(
                    "Pseudonym of every local family and person id, by a keyed hash. Never "
                    "published: an authority finds its own family by it, on request."
                ),
                deps=[dg.AssetKey(["staging", n]) for n in ("stg_families", "stg_people")],
                group_name="staging",
                owners=ENGINEERS,
                kinds={"duckdb", "python"},
                partitions_def=PARTITIONS,
                skippable=True,
            )
        ],
        check_specs=[check_spec(KEY_MAP_KEY, "One pseudonym an id, one id a pseudonym")],
        pool="warehouse",
        required_resource_keys={one_load.KEY},
    )
    def key_map(context: dg.AssetExecutionContext) -> Iterator:
        with without_values("key_map"):
            from tf_pipeline.defs.warehouse_gates import gate_table
            from tf_pipeline.warehouse.connect import writer
            from tf_pipeline.warehouse.keys import extend_key_map

            month = context.partition_key
            progress.report("key_map: pseudonyms of new ids")
            with writer("adding pseudonyms") as connection:
                added = extend_key_map(connection)
                gate = gate_table(connection, KEY_MAP_KEY, month, "staging")
                (metadata,) = tables_metadata(connection, [KEY_MAP_KEY], month)
            show([gate], month)
            yield check_result(KEY_MAP_KEY, gate)
            _stop_if_shut(gate, "key_map")
            yield dg.MaterializeResult(
                asset_key=dg.AssetKey(KEY_MAP_KEY), metadata={**metadata, "keys_added": added}
            )

    return key_map


def _published() -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="publication",
        specs=[
            dg.AssetSpec(
                PUBLISHED_KEY,
                description=(
                    "The GM baseline that analysts query: "
                    "`data/published/current/gm_baseline.duckdb`, schema `gm`. Pseudonymised; no "
                    "name, birth date, address, UPN or NINO. Replaced atomically, each release "
                    "kept; nobody reading the last one is disturbed."
                ),
                deps=[dg.AssetKey(["gm", table]) for table in (*BY_MONTH, *WHOLE)],
                group_name="baseline",
                owners=["team:gm-analysts", *ENGINEERS],
                kinds={"duckdb", "python"},
                partitions_def=PARTITIONS,
                freshness_policy=dg.FreshnessPolicy.time_window(
                    fail_window=STALE_AFTER, warn_window=LATE_AFTER
                ),
                skippable=True,
            ),
            dg.AssetSpec(
                SHARED_KEY,
                description=(
                    "What may be handed on: `data/published/current/gm_shared_baseline.duckdb`, "
                    "schema `gm_shared`. Aggregated tables only; small counts, and those that "
                    "would give one away, are suppressed."
                ),
                deps=[dg.AssetKey(PUBLISHED_KEY)],
                group_name="baseline",
                owners=["team:gm-analysts", *ENGINEERS],
                kinds={"duckdb", "python"},
                partitions_def=PARTITIONS,
                skippable=True,
            ),
        ],
        check_specs=[
            check_spec(PUBLISHED_KEY, "No personal column or value, nothing missing"),
            check_spec(SHARED_KEY, "No small count, and none that can be worked out"),
        ],
        pool="warehouse",
        required_resource_keys={one_load.KEY},
    )
    def publication(context: dg.AssetExecutionContext) -> Iterator:
        with without_values("publication"):
            from tf_pipeline.defs.packs import packs_after_publication
            from tf_pipeline.defs.release_gate import ReleaseGate, ReleaseRefused, record_release
            from tf_pipeline.pages.comparability import FILE_NAME, write_comparability
            from tf_pipeline.warehouse.publish import SHARED_FILE, publish

            month = context.partition_key
            progress.report("publication: copying, replacing the month, checking")
            gate = ReleaseGate(month)
            record_release(month, ())
            try:
                fingerprint = context.run.tags.get("tf/fingerprint", "")
                release = publish(month, fingerprint, gate, write_comparability)
            except ReleaseRefused:
                record_release(month, gate.results)
                show(gate.results, month)
                yield from _checks(gate.results)
                raise dg.Failure(
                    "Gate shut on the release: the last baseline stays.", allow_retries=False
                ) from None
            record_release(month, gate.results)
            show(gate.results, month)
            yield from _checks(gate.results)
            progress.report(f"publication: release {release.release_id}")
            yield dg.MaterializeResult(
                asset_key=dg.AssetKey(PUBLISHED_KEY),
                metadata={
                    "fix_packs": packs_after_publication(month),
                    "release": release.release_id,
                    "file": dg.MetadataValue.path(str(paths.current_release_path())),
                    "comparability": dg.MetadataValue.path(
                        str(paths.current_release_path().with_name(FILE_NAME))
                    ),
                    "gates": dg.MetadataValue.path(str(paths.gate_pages_dir() / "index.html")),
                    "dagster/row_count": sum(release.rows.values()),
                    "rows_of_the_month": dict(release.rows),
                },
            )
            yield dg.MaterializeResult(
                asset_key=dg.AssetKey(SHARED_KEY),
                metadata={
                    "release": release.release_id,
                    "file": dg.MetadataValue.path(
                        str(paths.current_release_path().with_name(SHARED_FILE))
                    ),
                },
            )

    return publication


def _checks(gates: Sequence[GateResult]) -> Iterator[dg.AssetCheckResult]:
    for key, gate in zip((PUBLISHED_KEY, SHARED_KEY), gates, strict=True):
        yield check_result(key, gate)


def _stop_if_shut(gate, what: str) -> None:
    if not is_open(gate):
        raise dg.Failure(
            f"Gate shut ({gate.outcome.value}): {what}; nothing after it is built or published.",
            allow_retries=False,
        )
