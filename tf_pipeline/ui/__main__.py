"""Starts Dagster's own webserver behind the guard: `python -m tf_pipeline.ui --host …`.

Belongs here: putting the guard in front. The options are those of `dagster-webserver`.
"""

import os
import sys

from dagster_webserver import cli

from tf_pipeline.ui.request_guard import RequestGuard, known_hosts

# Dagster's command takes the application that it serves from here; a test names the version
create_app = cli.create_app_from_workspace_process_context


def main(arguments: list[str]) -> None:
    """Serves the UI until it is stopped."""
    address = arguments[arguments.index("--host") + 1] if "--host" in arguments else "127.0.0.1"
    hosts = known_hosts(address, os.environ.get("TF_UI_HOSTS", ""))

    def guarded(*args, **kwargs):
        return RequestGuard(create_app(*args, **kwargs), hosts)

    cli.create_app_from_workspace_process_context = guarded
    cli.cli(arguments, auto_envvar_prefix="DAGSTER_WEBSERVER")


if __name__ == "__main__":
    main(sys.argv[1:])
