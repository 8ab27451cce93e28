"""The chart of a result: CPU seconds by part, one bar per tree and kind of run, as SVG.

Belongs here: order, colours and labels.
Does not belong here: choosing figures (figures.py), and tables (report.py).
"""

import altair as alt
import vl_convert

from tests.bench.figures import cpu, middle

# a gate has the paler tone of what it judges
COLOURS = {
    "imports": "#7f7f7f",
    "deliveries": "#1f77b4",
    "after a delivery": "#aec7e8",
    "reference": "#8c564b",
    "reference gates": "#c49c94",
    "standing": "#bcbd22",
    "staging": "#2ca02c",
    "staging gates": "#98df8a",
    "key_map": "#dbdb8d",
    "intermediate": "#9467bd",
    "intermediate gates": "#c5b0d5",
    "marts": "#ff7f0e",
    "marts gates": "#ffbb78",
    "publication": "#d62728",
    "after publication": "#ff9896",
    "whole": "#4d4d4d",
    "files read": "#17becf",
    "landed rows copied": "#9edae5",
    "seeds": "#e377c2",
    "models": "#f7b6d2",
    "gm copied": "#393b79",
    "closing": "#c7c7c7",
}
BARS = {"month": "load", "dbt build": "dbt build", "floor": "floor"}


def chart(result: dict) -> str:
    """The SVG's text; fonts and all else are in it, and drawing it needs no network."""
    values = _values(result)
    shown = {value["part"] for value in values}
    # a part that only a later tree has still gets a colour
    parts = [part for part in COLOURS if part in shown] + sorted(shown - COLOURS.keys())
    for value in values:
        value["order"] = parts.index(value["part"])
    drawn = (
        alt.Chart(
            alt.Data(values=values),
            title=f"CPU seconds by part, {result['families']:,} families, {result['date']}",
        )
        .mark_bar()
        .encode(
            x=alt.X("seconds:Q", title="CPU seconds (user + system)"),
            y=alt.Y("bar:N", sort=list(dict.fromkeys(v["bar"] for v in values)), title=None),
            color=alt.Color(
                "part:N",
                sort=parts,
                title=None,
                scale=alt.Scale(domain=parts, range=[COLOURS.get(p, "#000000") for p in parts]),
            ),
            order=alt.Order("order:Q"),
        )
        .properties(width=640, height=alt.Step(34))
    )
    return vl_convert.vegalite_to_svg(drawn.to_dict())


def _values(result: dict) -> list[dict]:
    """One value for each part of the round in the middle, in the order of the bars."""
    return [
        {"bar": f"{bar} {tree}", "part": part, "seconds": round(cpu(used), 3)}
        for step, bar in BARS.items()
        for tree in result["trees"]
        if (run := middle(result, tree, step))
        for part, used in run["parts"].items()
    ]
