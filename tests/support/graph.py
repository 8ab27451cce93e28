"""The asset graph as lines of text, for a snapshot that a reviewer can read in a diff.

Write the snapshot again after a wanted change: `.venv/bin/python -m tests.support.graph`.
"""

from pathlib import Path

from tests.support.commands import REPO

SNAPSHOT = REPO / "tests" / "contracts" / "graph.txt"


def graph_lines() -> list[str]:
    """Every asset with what it is built from, every check, job, schedule and sensor, in order."""
    from tf_pipeline.definitions import defs

    location = defs()
    graph = location.resolve_asset_graph()
    lines = []
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        parents = " ".join(sorted(parent.to_user_string() for parent in node.parent_keys))
        lines.append(f"asset {key.to_user_string()} ({node.group_name}) <- {parents}".rstrip())
    for check in graph.asset_check_keys:
        lines.append(f"check {check.asset_key.to_user_string()} {check.name}")
    repository = location.get_repository_def()
    for job in repository.get_all_jobs():
        steps = sorted(node.name for node in job.nodes)
        lines += [f"job {job.name}: {step}" for step in steps if not job.name.startswith("__")]
    for schedule in repository.schedule_defs:
        lines.append(f"schedule {schedule.name} {schedule.cron_schedule} {schedule.job_name}")
    for sensor in repository.sensor_defs:
        targets = " ".join(sorted(target.job_name for target in sensor.targets))
        lines.append(f"sensor {sensor.name} {targets}".rstrip())
    return sorted(lines)


def write_snapshot(path: Path = SNAPSHOT) -> None:
    """Writes the graph of now as the snapshot."""
    path.write_text("\n".join(graph_lines()) + "\n", "utf-8")


if __name__ == "__main__":
    write_snapshot()
