"""Medians of the runs: what the tables and the chart both say.

Belongs here: choosing and dividing figures.
Does not belong here: how they are shown.
"""

from statistics import median_low


def cpu(used: dict) -> float:
    """User and system CPU of a run or a part, in seconds."""
    return used["user"] + used["system"]


def runs(result: dict, tree: str, step: str) -> list[dict]:
    """The runs of a step in a tree; empty where it was not measured."""
    return [run for run in result["runs"] if (run["tree"], run["step"]) == (tree, step)]


def middle(result: dict, tree: str, step: str) -> dict | None:
    """The run whose CPU is the median; its parts add up to it. None where there is none."""
    found = runs(result, tree, step)
    wanted = median_low([cpu(run) for run in found]) if found else None
    return next((run for run in found if cpu(run) == wanted), None)


def median(result: dict, tree: str, step: str, figure: str) -> float | None:
    """The median of `cpu`, `wall` (seconds) or `peak` (MiB) over the rounds."""
    found = runs(result, tree, step)
    if not found:
        return None
    return median_low([cpu(run) if figure == "cpu" else run[figure] for run in found])


def ratio(above: float | None, below: float | None) -> float | None:
    """How many times `below` goes into `above`; None where either was not measured."""
    return above / below if above is not None and below else None


def rows_read(result: dict) -> int | None:
    """Rows of the month's files, headings among them, as the floor counts them."""
    counted = [run["said"]["rows"] for run in result["runs"] if run["said"].get("rows")]
    return counted[0] if counted else None
