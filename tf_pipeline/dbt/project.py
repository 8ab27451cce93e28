"""The dbt project's settings: its folder, its target, and how dbt parses it."""

import os
from typing import Any

from tf_pipeline import paths
from tf_pipeline.errors import UserFacingError
from tf_pipeline.warehouse.opening import is_encrypted

# dbt prints its errors even when quiet, and they quote values
OPTIONS = ["--quiet", "--no-use-colors", "--log-level", "none", "--log-level-file", "none"]


class DbtProblem(UserFacingError):
    """dbt could not run, or some nodes failed; names them without dbt's own message."""

    def __init__(self, failed: dict[str, str]) -> None:
        # dbt's messages quote values of the data; the node and the kind of error do not
        super().__init__("; ".join(f"{name}: {kind}" for name, kind in failed.items()))
        self.failed = failed


def parse(target: str) -> Any:
    """Parses the project into dbt's Manifest. Raises DbtProblem with dbt's own message."""
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    project = project_folder()
    # a partial parse after a change of a macro loses the settings in `_tests.yml`
    arguments = ["--no-partial-parse", *OPTIONS, "parse", *folders(project, target)]
    done = dbtRunner().invoke(arguments)
    if not isinstance(done.result, Manifest):
        # a parse error of a project quotes SQL and YAML, never data
        raise DbtProblem({"parse": str(done.exception)})
    return done.result


def project_folder() -> str:
    """The project's folder; also tells dbt where to write and which warehouse to use."""
    target = paths.dbt_target_dir()
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ |= {
        "TF_WAREHOUSE": str(paths.warehouse_path()),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    return str(paths.dbt_dir())


def folders(project: str, target: str) -> list[str]:
    """The options that name the project, its profiles and its target."""
    return ["--project-dir", project, "--profiles-dir", project, "--target", target]


def target_name() -> str:
    """The profile's output; our plugin attaches an encrypted warehouse."""
    return "encrypted" if is_encrypted(paths.warehouse_path()) else "duckdb"
