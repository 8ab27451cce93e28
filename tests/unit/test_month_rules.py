"""Which row of the crosswalks and declarations decides, for several deliveries at once."""

import polars as pl

from tf_pipeline.rules.declarations import declarations_in_force, definitions_in_force
from tf_pipeline.rules.heading_map import heading_map, read_headings
from tf_pipeline.rules.month_rules import month_rules
from tf_pipeline.rules.word_map import word_map

SINCE, ENDED, LATER = {"valid_from": "2014-09-01"}, {"valid_to": "2016-04-30"}, "2016-06-01"
MAY, JUNE = "2016-05-31", "2016-06-30"
DATED = ["authority", "valid_from", "valid_to", "reviewed_by", "note"]


def table(rows: list[dict], *columns: str) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def dated(rows: list[dict], *columns: str) -> pl.DataFrame:
    return table([{**SINCE, **row} for row in rows], *DATED, *columns)


def fields(*rows: tuple[str, str, str | None]) -> pl.DataFrame:
    names = ("dataset", "field", "domain")
    return table([dict(zip(names, row, strict=True)) for row in rows], *names)


def standing(*rows: tuple[str, str, str]) -> pl.DataFrame:
    names = ("authority", "as_of_date", "dataset")
    return table([dict(zip(names, row, strict=True)) for row in rows], *names)


def row(authority: str, dataset: str, field: str, delivered: str, canonical: str, **dates) -> dict:
    names = {"authority": authority, "dataset": dataset, "field": field}
    return {**names, "delivered": delivered, "canonical": canonical, **dates}


def meanings(deliveries: pl.DataFrame, of: pl.DataFrame, rows: list[dict], *values) -> set:
    seeds = {
        "ref_fields": of,
        "ref_values": table([{"domain": d, "value": v} for d, v in values], "domain", "value"),
        "xwalk_values": dated(rows, "dataset", "field", "delivered", "canonical"),
    }
    found = word_map(deliveries, seeds)
    return set(found.select("authority", "dataset", "field", "word", "canonical").iter_rows())


def test_the_most_specific_row_of_a_word_wins():
    rows = [
        row("north", "*", "*", "N/A", "not_known"),
        row("north", "incidents", "dv", " n/a", "not_held"),
        row("north", "incidents", "asb", "N/A", "not_held", **ENDED),
        row("south", "incidents", "asb", "-", "not_known"),
    ]
    of = fields(("incidents", "dv", None), ("incidents", "asb", None), ("people", "sex", None))
    assert meanings(standing(("north", JUNE, "incidents")), of, rows) == {
        ("north", "incidents", "dv", "n/a", "not_held"),
        ("north", "incidents", "asb", "n/a", "not_known"),
    }


def test_a_row_of_a_dataset_is_for_the_fields_that_may_have_its_value():
    rows = [
        row("north", "needs", "*", "Y", "yes"),
        row("north", "needs", "*", "NK", "not_known"),
        row("north", "needs", "need_1", "y", "no"),
    ]
    of = fields(
        ("needs", "need_1", "need_status"), ("needs", "need_2", "need_status"),
        ("needs", "need_2_basis", "source_basis"), ("needs", "debt", None),
        ("people", "is_unborn", "yes_no"),
    )  # fmt: skip
    values = [("need_status", "yes"), ("need_status", "no"), ("source_basis", "police")]
    found = meanings(
        standing(("north", JUNE, "needs"), ("north", JUNE, "people")), of, rows, *values,
        ("yes_no", "yes"),
    )  # fmt: skip
    said = {(field, word): canonical for _, _, field, word, canonical in found}
    assert said == {
        ("need_1", "y"): "no", ("need_2", "y"): "yes", ("need_2_basis", "police"): "police",
        **{(f, "nk"): "not_known" for f in ("need_1", "need_2", "need_2_basis", "debt")},
        **{(f, word): word for f in ("need_1", "need_2") for word in ("yes", "no")},
        ("is_unborn", "yes"): "yes",
    }  # fmt: skip


def test_a_canonical_value_is_a_word_for_itself_unless_a_row_has_it():
    rows = [
        row("north", "interventions", "level", "l1", "L3"),
        row("south", "interventions", "level", "l1", "L3", **ENDED),
    ]
    of = fields(("interventions", "level", "level"))
    deliveries = standing(("north", JUNE, "interventions"), ("south", JUNE, "interventions"))
    assert meanings(deliveries, of, rows, ("level", "L1")) == {
        ("north", "interventions", "level", "l1", "L3"),
        ("south", "interventions", "level", "l1", "L1"),
    }


def test_each_delivery_is_read_by_the_rules_of_its_own_month():
    rows = [row("north", "people", "sex", "X", "not_known", valid_from=LATER)]
    of = fields(("people", "sex", None))
    assert meanings(standing(("north", MAY, "people")), of, rows) == set()
    assert len(meanings(standing(("north", JUNE, "people")), of, rows)) == 1


def read(delivered: list[tuple], rows: list[dict], of: pl.DataFrame) -> list[tuple]:
    """(authority, dataset, heading) delivered in May → (dataset, heading, field) that are read."""
    seeds = {"xwalk_headings": dated(rows, "dataset", "heading", "field"), "ref_fields": of}
    names = ("authority", "dataset", "heading")
    places = [
        {**dict(zip(names, one, strict=True)), "as_of_date": MAY, "file_name": "a.csv"}
        for one in delivered
    ]
    frame = table(places, *names, "as_of_date", "file_name", "sheet").with_row_index("position", 1)
    found = read_headings(frame, heading_map(frame, seeds)).filter("is_read").sort("position")
    return found.select("dataset", "heading", "field").rows()


def heading(authority: str, dataset: str, text: str, field: str, **dates: str) -> dict:
    return {"authority": authority, "dataset": dataset, "heading": text, "field": field, **dates}


def test_the_first_heading_fills_a_field_whatever_its_blanks_and_capitals():
    rows = [
        heading("north", "families", "family no", "local_family_id"),
        heading("north", "families", "End date", "end_date"),
        heading("north", "families", "Closed on", "end_date"),
        heading("north", "families", "Begun", "start_date", **ENDED),
        heading("north", "families", "Printed by", "IGNORE"),
    ]
    names = ("Family   NO ", "Closed on", "Begun", "Printed by", "End date")
    delivered = [("north", "families", name) for name in names]
    assert read(delivered, rows, fields(("families", "ward", None))) == [
        ("families", "Family   NO ", "local_family_id"), ("families", "Closed on", "end_date"),
    ]  # fmt: skip


def test_an_authoritys_own_row_wins_over_a_row_for_all():
    rows = [
        heading("*", "nis", "Individual ID", "local_person_id"),
        heading("*", "nis", "Family ID", "local_family_id"),
        heading("north", "nis", "Our person no", "local_person_id"),
        heading("north", "nis", "Family ID", "IGNORE"),
    ]
    names = ("Individual ID", "Our person no", "Family ID")
    delivered = [("north", "nis", name) for name in names]
    assert read(delivered, rows, fields()) == [("nis", "Our person no", "local_person_id")]


def test_a_fields_own_name_gives_way_to_any_row_of_the_sheet():
    rows = [
        heading("south", "people", "Sex", "IGNORE"),
        heading("south", "people", "Pupil", "upn"),
        heading("south", "families", "Postcode", "postcode"),
    ]
    of = fields(
        ("people", "postcode", None), ("families", "postcode", None), ("people", "sex", None),
        ("people", "upn", None), ("incidents", "dv", None),
    )  # fmt: skip
    names = {"people": (" SEX ", "upn", "dv", "Pupil", "Postcode"), "families": ("Postcode",)}
    for authority, expected in {
        "north": [("people", " SEX ", "sex"), ("people", "upn", "upn"),
                  ("people", "Postcode", "postcode"), ("families", "Postcode", "postcode")],
        "south": [("people", "Pupil", "upn"), ("families", "Postcode", "postcode")],
    }.items():  # fmt: skip
        delivered = [(authority, dataset, name) for dataset in names for name in names[dataset]]
        assert read(delivered, rows, of) == expected


def test_a_declaration_of_a_field_wins_over_its_dataset():
    rows = [
        {"authority": "north", "topic": "zero_means", "subject": "needs.*", "value": "no"},
        {"authority": "north", "topic": "zero_means", "subject": "needs.debt", "value": "not_held"},
        {"authority": "north", "topic": "zero_means", "subject": "incidents.dv",
         "value": "true_zero", "valid_from": LATER},
        {"authority": "gm", "topic": "common_definition", "subject": "health", "value": "service",
         "valid_from": LATER},
    ]  # fmt: skip
    seeds = {
        "authority_declarations": dated(rows, "topic", "subject", "value"),
        "ref_fields": fields(("needs", "debt", None), ("needs", "need", None)),
    }
    days = standing(("north", MAY, "needs"), ("gm", JUNE, ""))
    found = declarations_in_force(days, seeds).select("authority", "subject", "value")
    assert set(found.iter_rows()) == {
        ("north", "needs.debt", "not_held"), ("north", "needs.need", "no"),
        ("gm", "health", "service"),
    }  # fmt: skip


def test_an_own_definition_wins_and_is_common_if_gm_declares_it():
    names = ("topic", "meaning", "source_basis")
    rows = [
        {"authority": "*", "topic": "dv", "meaning": "police_record"},
        {"authority": "south", "topic": "dv", "meaning": "worker_report", **ENDED},
        {"authority": "south", "topic": "dv", "meaning": "either", "valid_from": "2016-05-01"},
        {"authority": "*", "topic": "health", "meaning": "service"},
    ]
    common = [{"topic": "common_definition", "subject": "dv", "value": "worker_report either"}]
    found = definitions_in_force(
        standing(("north", MAY, ""), ("south", MAY, "")),
        dated(rows, *names),
        table(common, "topic", "subject", "value"),
    )
    assert set(found.select("authority", "topic", "meaning", "is_common").iter_rows()) == {
        ("north", "dv", "police_record", False), ("south", "dv", "either", True),
        ("north", "health", "service", False), ("south", "health", "service", False),
    }  # fmt: skip


def test_the_rules_of_a_month_are_resolved_once():
    assert month_rules("gm", "2016-05") is month_rules("gm", "2016-05")
    assert month_rules("gm", "2016-05") is not month_rules("gm", "2016-06")
