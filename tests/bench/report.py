"""The tables of a result, as Markdown.

Belongs here: words and layout.
Does not belong here: choosing figures (figures.py), and the chart (chart.py).
"""

from tests.bench.figures import cpu, median, middle, ratio, rows_read

WHAT = {
    "month": "first load of the month, into an empty folder",
    "again": "load of the same month, nothing new",
    "corrected": "load after one authority's delivery came again, a row shorter",
    "whole again": "full load of that same state (`--again`)",
    "dbt build": "plain `dbt build` of seeds and models",
    "floor": "bare floor: same files, same SQL, no Dagster, dbt or GX",
    "check": "`check` of one authority's files",
    "--help": "`--help`",
    "status": "`status`",
    "explain": "`explain` of one cell",
}
RATIOS = {
    "first load ÷ its bare floor": ("month", "floor"),
    "first load ÷ plain `dbt build`": ("month", "dbt build"),
    "corrected ÷ whole again": ("corrected", "whole again"),
    "nothing new ÷ first load": ("again", "month"),
}


# a step, and the parts of the floor that it is divided by
TO_FLOOR = {
    "first load ÷ its floor without landed rows copied": (
        "month",
        ("imports", "files read", "seeds", "models", "gm copied", "closing"),
    ),
    "plain `dbt build` ÷ the floor's seeds and models": ("dbt build", ("seeds", "models")),
}


def tables(result: dict, svg: str) -> str:
    """The whole page: machine, trees, costs, ratios, rows a second and parts."""
    rounds = result["repeat"]
    return "\n".join(
        [
            f"# What a load costs, {result['date']}",
            "",
            f"A month of GM, {result['families']:,} families (scale {result['scale']}); "
            + (f"medians of {rounds} rounds." if rounds > 1 else "one round."),
            "CPU is user and system together, with child processes; wall clock depends on what "
            "else the machine does. `../README.md` says what each figure is.",
            "",
            *_machine(result),
            *_trees(result),
            f"![CPU seconds by part]({svg})",
            "",
            *_costs(result),
            *_ratios(result),
            *_parts(result, "month", "Parts of the first load"),
            *_parts(result, "floor", "Parts of the floor"),
        ]
    )


def _machine(result: dict) -> list[str]:
    about = result["machine"]
    load = ", ".join(f"{one:.1f}" for one in about["load_average"])
    return [
        f"Machine: {about['processor']}, {about['cores']} cores, {about['memory_gib']} GiB, "
        f"{about['kernel']}; load average before and after each round: {load}.",
        "",
    ]


def _trees(result: dict) -> list[str]:
    lines = []
    for label, about in result["trees"].items():
        versions = ", ".join(f"{name} {number}" for name, number in about["packages"].items())
        lines.append(f"- `{label}` {about['subject']} (Python {about['python']}, {versions})")
    return [*lines, ""]


def _costs(result: dict) -> list[str]:
    rows = []
    for step, what in WHAT.items():
        row = [what]
        for tree in result["trees"]:
            row.append(_number(median(result, tree, step, "cpu"), 2))
            row.append(_number(median(result, tree, step, "wall"), 2))
            row.append(_number(median(result, tree, step, "peak"), 0))
        rows.append([*row, *_newest_to_oldest(result, step)])
    heads = [f"`{t}` {unit}" for t in result["trees"] for unit in ("CPU s", "wall s", "peak MiB")]
    return _table("Costs", ["what", *heads, *_newest_head(result)], rows)


def _ratios(result: dict) -> list[str]:
    rows = []
    for what, (above, below) in RATIOS.items():
        of_trees = [
            ratio(median(result, tree, above, "cpu"), median(result, tree, below, "cpu"))
            for tree in result["trees"]
        ]
        rows.append([what, *(_number(one, 2) for one in of_trees)])
    for what, (step, parts) in TO_FLOOR.items():
        rows.append(_to_floor(result, what, step, parts))
    if len(result["trees"]) > 1:
        # a tree's own floor moves with its SQL
        fixed = median(result, next(iter(result["trees"])), "floor", "cpu")
        costs = [median(result, tree, "month", "cpu") for tree in result["trees"]]
        rows.append(
            ["first load ÷ the first tree's floor", *(_number(ratio(c, fixed), 2) for c in costs)]
        )
    if read := rows_read(result):
        for unit, figure in (("CPU second", "cpu"), ("second of wall clock", "wall")):
            speeds = [
                ratio(read, median(result, tree, "month", figure)) for tree in result["trees"]
            ]
            rows.append([f"rows a {unit}, first load", *(_number(one, 0) for one in speeds)])
        rows.append(["rows of the month's files", *[f"{read:,}"] * len(result["trees"])])
    return _table("Ratios, and rows a second", ["what", *_labels(result)], rows)


def _to_floor(result: dict, what: str, step: str, parts: tuple[str, ...]) -> list[str]:
    """A step's CPU by that of some parts of the floor, in the round in the middle."""
    row = [what]
    for tree in result["trees"]:
        run = middle(result, tree, "floor")
        below = sum(cpu(run["parts"][name]) for name in parts) if run else None
        row.append(_number(ratio(median(result, tree, step, "cpu"), below), 2))
    return row


def _parts(result: dict, step: str, title: str) -> list[str]:
    """CPU seconds of the round in the middle, so that they add up to its whole."""
    by_tree = {tree: middle(result, tree, step) for tree in result["trees"]}
    found = [run["parts"] for run in by_tree.values() if run]
    names = list(dict.fromkeys(name for parts in found for name in parts))
    rows = [[name, *(_part(run, name) for run in by_tree.values())] for name in names]
    if not rows:
        return []
    whole = [_number(cpu(run) if run else None, 2) for run in by_tree.values()]
    rows.append(["**all**", *(f"**{one}**" for one in whole)])
    return _table(f"{title}, CPU seconds (user + system)", ["part", *_labels(result)], rows)


def _part(run: dict | None, name: str) -> str:
    used = run["parts"].get(name) if run else None
    if not used:
        return "–"
    return f"{cpu(used):.2f} ({used['user']:.2f} + {used['system']:.2f})"


def _newest_to_oldest(result: dict, step: str) -> list[str]:
    costs = [median(result, tree, step, "cpu") for tree in result["trees"]]
    return [_number(ratio(costs[-1], costs[0]), 2)] if len(costs) > 1 else []


def _newest_head(result: dict) -> list[str]:
    return ["CPU, last ÷ first"] if len(result["trees"]) > 1 else []


def _labels(result: dict) -> list[str]:
    return [f"`{tree}`" for tree in result["trees"]]


def _number(figure: float | None, digits: int) -> str:
    return "–" if figure is None else f"{figure:,.{digits}f}"


def _table(title: str, heads: list[str], rows: list[list[str]]) -> list[str]:
    ruler = ["---", *["---:"] * (len(heads) - 1)]
    lines = [f"| {' | '.join(cells)} |" for cells in [heads, ruler, *rows]]
    return [f"## {title}", "", *lines, ""]
