"""The assets that others open: the published baseline, and the file for handing on."""

from collections.abc import Iterator, Sequence

import dagster as dg

from tf_pipeline import paths, progress
from tf_pipeline.defs.assets.publication_specs import publication_specs
from tf_pipeline.defs.checks import check_result, check_spec, write_pages
from tf_pipeline.defs.gated_asset import gated_asset
from tf_pipeline.defs.run_tags import fingerprint_of
from tf_pipeline.naming import PUBLISHED_KEY, SHARED_KEY
from tf_pipeline.quality.gate_result import GateResult


def publication_assets() -> dg.AssetsDefinition:
    """The release of a month, and its shared file."""

    @gated_asset(
        name="publication",
        specs=publication_specs(),
        checks=[
            check_spec(PUBLISHED_KEY, "No personal column or value, nothing missing"),
            check_spec(SHARED_KEY, "No small count, and none that can be worked out"),
        ],
    )
    def publication(context: dg.AssetExecutionContext) -> Iterator:
        from tf_pipeline.pages.comparability import FILE_NAME, write_comparability
        from tf_pipeline.pages.write_packs import packs_after_publication
        from tf_pipeline.releases.publish import SHARED_FILE, publish
        from tf_pipeline.releases.release_gate import ReleaseGate, ReleaseRefused, record_release

        month = context.partition_key
        progress.report("publication: copying, replacing the month, checking")
        gate = ReleaseGate(month)
        record_release(month, ())
        try:
            release = publish(month, fingerprint_of(context), gate, write_comparability)
        except ReleaseRefused:
            record_release(month, gate.results)
            write_pages(gate.results, month)
            yield from _checks(gate.results)
            raise dg.Failure(
                "A gate of the release failed: the last baseline stays.", allow_retries=False
            ) from None
        record_release(month, gate.results)
        write_pages(gate.results, month)
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
