"""The paths of the repository's own folders, and of everything the pipeline writes.

Belongs here: paths and the environment variables that move them.
Does not belong here: opening or creating anything except folders.
"""

import os
from pathlib import Path


def repo_dir() -> Path:
    """The checkout with `dbt_project/` and `expectations/` (TF_HOME moves it)."""
    return Path(os.environ.get("TF_HOME") or Path(__file__).resolve().parents[1])


def data_dir() -> Path:
    """The folder for everything that is written (TF_DATA_DIR, default `data/`)."""
    return Path(os.environ.get("TF_DATA_DIR") or repo_dir() / "data").resolve()


def inbox_dir() -> Path:
    """Deliveries as sent: `<month>/<authority>/<files>` (TF_INBOX, default `data/inbox`)."""
    return Path(os.environ.get("TF_INBOX") or repo_dir() / "data" / "inbox").resolve()


def dbt_dir() -> Path:
    """The dbt project (TF_DBT_DIR lets a test or a what-if run a changed copy)."""
    return Path(os.environ.get("TF_DBT_DIR") or repo_dir() / "dbt_project").resolve()


def seeds_dir() -> Path:
    """Reference data, crosswalks and declarations."""
    return dbt_dir() / "seeds"


def expectations_dir() -> Path:
    """A suite for each table, one for all deliveries (TF_EXPECTATIONS: a test's changed copy)."""
    return Path(os.environ.get("TF_EXPECTATIONS") or repo_dir() / "expectations").resolve()


def authorities_dir() -> Path:
    """One YAML per authority: the shape of its files (TF_AUTHORITIES moves it)."""
    return Path(os.environ.get("TF_AUTHORITIES") or repo_dir() / "tf_pipeline" / "authorities")


def bounds_path() -> Path:
    """How large a delivered file may be (TF_BOUNDS names another file)."""
    return Path(os.environ.get("TF_BOUNDS") or Path(__file__).parent / "ingest" / "bounds.yml")


def warehouse_path() -> Path:
    """The central DuckDB warehouse; restricted, because staging holds names."""
    return data_dir() / "warehouse" / "warehouse.duckdb"


def lock_path() -> Path:
    """The file whose operating-system lock allows only one writer at a time."""
    return data_dir() / "warehouse" / "writer.lock"


def landing_dir() -> Path:
    """Every delivered file unchanged, by content, and the register of deliveries; restricted."""
    return data_dir() / "landing"


def quarantine_dir() -> Path:
    """Files of rejected and held deliveries, with the reasons."""
    return data_dir() / "quarantine"


def packs_dir() -> Path:
    """Each authority's fix pack: `<month>/<authority>/<files>`."""
    return data_dir() / "packs"


def alerts_path() -> Path:
    """The record of sent alerts, by channel and time."""
    return data_dir() / "alerts" / "sent.json"


def published_dir() -> Path:
    """Immutable releases, and the `current` link that analysts open."""
    return data_dir() / "published"


def current_release_path() -> Path:
    """The published file that analysts query."""
    return published_dir() / "current" / "gm_baseline.duckdb"


def key_path() -> Path:
    """The pseudonymisation key; only its owner may read it, and it is never in the warehouse."""
    return data_dir() / "secrets" / "pseudonym.key"


def rotation_path() -> Path:
    """The plan of a key rotation; it exists only while the rotation is finishing."""
    return data_dir() / "secrets" / "rotation.json"


def gate_pages_dir() -> Path:
    """Great Expectations' pages for leads."""
    return data_dir() / "docs" / "gates"


def dagster_home() -> Path:
    """Dagster's instance (DAGSTER_HOME, default below the data folder)."""
    return Path(os.environ.get("DAGSTER_HOME") or data_dir() / "dagster").resolve()


def dbt_target_dir() -> Path:
    """dbt's manifest, logs and compiled SQL, in the data folder."""
    return data_dir() / "dbt"
