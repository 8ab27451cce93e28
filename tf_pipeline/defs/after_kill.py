"""Cleans up after a load that was killed after its publication: open runs, missing packs."""

from tf_pipeline import paths


def finish_what_a_kill_left(month: str) -> None:
    """Marks runs of dead processes as failed and writes missing packs; usually does nothing."""
    from tf_pipeline.pages.pack_release import packs_are_whole
    from tf_pipeline.pages.write_packs import packs_after_publication

    if any((paths.dagster_home() / "living").glob("*")):
        from tf_pipeline.defs.dead_runs import fail_dead_runs_here

        fail_dead_runs_here()
    if not packs_are_whole(month):
        packs_after_publication(month)
