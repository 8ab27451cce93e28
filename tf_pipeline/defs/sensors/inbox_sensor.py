"""The sensor that loads deliveries when their files have arrived or changed in the inbox."""

import json
import time
from hashlib import sha256
from pathlib import Path

import dagster as dg

from tf_pipeline import paths
from tf_pipeline.authorities import registry
from tf_pipeline.defs.jobs import deliveries_job
from tf_pipeline.defs.partitions import show_months
from tf_pipeline.deliveries.select_delivery import select_candidate
from tf_pipeline.ingest.find import delivered_files
from tf_pipeline.known_months import known_months
from tf_pipeline.naming import delivery_key
from tf_pipeline.releases.queries import accepted_hashes

# files may still be copied: wait until nothing has changed for this long
SETTLED_SECONDS = 120


@dg.sensor(
    name="inbox",
    job=deliveries_job,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Loads an authority's delivery when its files have arrived or changed in the inbox",
)
def inbox_sensor(context: dg.SensorEvaluationContext):
    """One run per month for all authorities whose settled files differ from the accepted ones."""
    seen: dict[str, str] = json.loads(context.cursor or "{}")
    arrived: dict[str, dict[str, str]] = {}
    waiting = []
    for month in known_months():
        for authority in registry.authorities():
            folder = paths.inbox_dir() / month / authority
            files = delivered_files(folder)
            place, signature = f"{month}/{authority}", inbox_signature(files)
            if not files or seen.get(place) == signature:
                continue
            if not is_settled(files):
                waiting.append(f"{place} (still arriving)")
            else:
                seen[place] = signature
                if not _is_taken(folder, authority, month):
                    arrived.setdefault(month, {})[authority] = signature
    show_months(context.instance, arrived)
    requests = [_request(month, signatures) for month, signatures in arrived.items()]
    skipped = None if requests else "; ".join(waiting) or "Nothing new in the inbox"
    return dg.SensorResult(run_requests=requests, skip_reason=skipped, cursor=json.dumps(seen))


def inbox_signature(files: list[Path]) -> str:
    """A hash of the files' names, sizes and times, without reading the files."""
    stats = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return sha256(repr(stats).encode()).hexdigest()[:16]


def is_settled(files: list[Path]) -> bool:
    """Whether no file has changed for a while, so that no half-copied file is opened."""
    return time.time() - max(file.stat().st_mtime for file in files) >= SETTLED_SECONDS


def _is_taken(folder: Path, authority: str, month: str) -> bool:
    """Whether a load would select every accepted file of the month, unchanged."""
    accepted = accepted_hashes(authority, month)
    here = {file.sha256 for file in select_candidate(authority, month, folder).files}
    return bool(accepted) and accepted <= here


def _request(month: str, signatures: dict[str, str]) -> dg.RunRequest:
    """One run for several authorities, because every process spends time on imports."""
    return dg.RunRequest(
        run_key=f"{month}/{sha256(repr(sorted(signatures.items())).encode()).hexdigest()[:16]}",
        partition_key=month,
        asset_selection=[dg.AssetKey(delivery_key(authority)) for authority in signatures],
    )
