"""Prints the delivered rows behind a figure, or says why there are none."""

from rich.console import Console

from tf_pipeline.explain.delivered import Unnamed
from tf_pipeline.explain.delivered_places import Place
from tf_pipeline.explain.explanation import Explanation
from tf_pipeline.explain.text import PLURAL, line, more, title

NOT_HELD = "not_held"


def show_delivered(out: Console, about: Explanation) -> None:
    """Prints file, sheet and rows, the headings read and, if collected, the cells."""
    entities = {entry.entity for entry in about.lines if entry.is_delivered}
    if not entities:
        return
    title(out, "Delivered rows behind it")
    if "place" in entities:
        line(out, _finding(about))
    for place in about.places:
        line(out, f"{place.authority} {place.month} {_place(place)}")
    for gap in about.unnamed:
        line(out, _gap(about, gap))
    if not about.places and not about.unnamed and "place" not in entities:
        line(out, f"None: {_nothing(about, entities)}.")
    for authority, dataset, headings, fields in about.headings:
        read = ", ".join(f"'{heading}'" for heading in headings or [])
        line(
            out,
            f"Headings read, {authority} {dataset}: {read or f'none maps to {fields}'}",
        )
    for dataset, file_name, sheet, number, item, cells in about.delivered_cells:
        where = " · ".join(part for part in (dataset, file_name, sheet) if part)
        group = f", group {item}" if item else ""
        texts = ", ".join(f"{heading}: {text!r}" for heading, text in cells)
        line(out, f"{where} · row {number}{group}: {texts}")


def places_text(places: list[Place]) -> str:
    """Places in one line."""
    return "; ".join(_place(place) for place in places)


def _place(place: Place) -> str:
    name = " · ".join(part for part in (place.file_name, place.sheet) if part)
    numbers = ", ".join(place.first) + more(place.groups, len(place.first))
    groups = f", {place.groups:,} groups" if place.groups > place.rows else ""
    many = f"{place.rows:,} row{'s' if place.rows > 1 else ''}{groups}"
    return f"{place.dataset}: {name} · {many}: {numbers}"


def _finding(about: Explanation) -> str:
    row = about.cell.row
    where = [row["file_name"], row["sheet"], f"row {row['row']}" if row["row"] else None]
    place = " · ".join(part for part in where if part)
    return f"The finding is at: {place or 'no single file'}"


def _nothing(about: Explanation, entities: set[str]) -> str:
    if "delivery" in entities:
        return "no current delivery has this dataset"
    return "the cell is blank" if about.cell.value is None else "the figure counts nobody"


def _gap(about: Explanation, gap: Unnamed) -> str:
    who = f"{gap.members} of {gap.of} {PLURAL[gap.entity]}" if gap.of > 1 else f"this {gap.entity}"
    row = about.cell.row
    is_held_apart = NOT_HELD in row or NOT_HELD in row.values()
    means = f": that is what {NOT_HELD} means" if is_held_apart else ""
    where = f"in the delivery of {gap.month} of {gap.authority}"
    return f"No row of {gap.dataset} {where} names {who}{means}"
