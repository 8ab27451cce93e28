"""Invented families: months agree with one another, and numbers have the form they should."""

from datetime import date, timedelta

import polars as pl
import pytest

from tf_pipeline.authorities import registry
from tf_pipeline.calendar import month_end
from tf_pipeline.rules.frameworks import framework_in_force
from tf_pipeline.sample.names import SURNAMES
from tf_pipeline.sample.population import Population, population
from tf_pipeline.sample.schooling import finished_half_terms
from tf_pipeline.sample.snapshot import snapshot

MONTHS = ["2016-04", "2016-05"]
FAMILIES = 400
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


@pytest.fixture(scope="module")
def everyone() -> Population:
    return population(FAMILIES, registry.authorities(), MONTHS, 11)


@pytest.fixture(scope="module")
def months(everyone: Population) -> dict[str, dict[str, pl.DataFrame]]:
    return {month: snapshot(everyone, month) for month in MONTHS}


def test_next_month_is_this_month_and_changes(months: dict) -> None:
    before, after = (months[m]["families"] for m in MONTHS)
    kept = before.join(after, on="family", suffix="_after")
    assert kept.height == before.height == FAMILIES < after.height
    assert kept["start_date"].equals(kept["start_date_after"])
    closed = kept.filter(pl.col("end_date").is_not_null())
    assert closed["end_date"].equals(closed["end_date_after"])
    newly = kept.filter(pl.col("end_date").is_null() & pl.col("end_date_after").is_not_null())
    assert newly.height
    assert newly["end_date_after"].min() > month_end(MONTHS[0])
    people = months[MONTHS[0]]["people"]
    assert people.join(months[MONTHS[1]]["people"], on="person", how="anti").is_empty()


def test_more_months_change_no_earlier_family(everyone: Population) -> None:
    alone = population(FAMILIES, registry.authorities(), MONTHS[:1], 11)
    assert everyone.families.head(FAMILIES).equals(alone.families)
    assert everyone.people.head(alone.people.height).equals(alone.people)


def test_needs_are_those_of_the_framework_in_force_and_the_rest_stays() -> None:
    across = ["2022-09", "2022-10"]
    everyone = population(FAMILIES, registry.authorities(), across, 11)
    before, after = (snapshot(everyone, month)["needs"] for month in across)
    for needs, month in ((before, across[0]), (after, across[1])):
        for code in framework_in_force(month).needs:
            found = needs[f"need_{code}"].value_counts()
            assert set(found[f"need_{code}"]) == {"yes", "no", "not_known"}
    alone = population(FAMILIES, registry.authorities(), across[:1], 11)
    assert everyone.families.head(FAMILIES).equals(alone.families)


def test_a_month_on_its_own_has_sensible_dates() -> None:
    end = month_end("2022-11")
    rows = snapshot(population(FAMILIES, registry.authorities(), ["2022-11"], 11), "2022-11")
    families = rows["families"]
    assert families["start_date"].is_between(end - timedelta(days=1096), end).all()
    closed = families["end_date"].drop_nulls()
    assert 0.1 * FAMILIES < closed.len() < 0.5 * FAMILIES
    assert closed.max() <= end
    born = rows["people"]["date_of_birth"].drop_nulls()
    assert born.is_between(date(1930, 1, 1), end).all()
    children = rows["people"].filter(~pl.col("is_grown_up") & ~pl.col("is_unborn_person"))
    assert children.height > FAMILIES
    years = rows["attendance"]["academic_year"].unique().sort().to_list()
    assert years == ["2021/22", "2022/23"]
    assert rows["incidents"]["incident_month"].unique().to_list() == [date(2022, 11, 1)]


def test_same_seed_same_people_and_another_seed_others(everyone: Population) -> None:
    again = population(FAMILIES, registry.authorities(), MONTHS, 11)
    other = population(FAMILIES, registry.authorities(), MONTHS, 12)
    assert again.people.equals(everyone.people)
    assert not other.people["forename"].equals(everyone.people["forename"])


def test_unborn_children_are_born_when_their_day_comes(months: dict) -> None:
    before, after = (months[m]["people"] for m in MONTHS)
    expected = before.filter("is_unborn_person")
    assert expected["expected_date"].min() > month_end(MONTHS[0])
    assert expected["date_of_birth"].is_null().all()
    born = expected.join(after.filter(~pl.col("is_unborn_person")), on="person", suffix="_after")
    assert born.height
    assert born["expected_date"].equals(born["date_of_birth_after"])


def test_numbers_are_unique_and_well_formed(everyone: Population) -> None:
    upns = everyone.people["upn"].drop_nulls()
    assert upns.is_unique().all()
    for upn in upns.head(200):
        total = sum(int(digit) * place for place, digit in enumerate(upn[1:], start=2))
        assert upn[0] == UPN_LETTERS[total % 23]
    ninos = everyone.people["nino"].drop_nulls()
    assert ninos.str.head(8).is_unique().all()
    assert ninos.str.contains(r"^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$").all()


def test_awkward_surnames_are_among_them(everyone: Population) -> None:
    found = set(everyone.people["surname"])
    assert found == set(SURNAMES)
    assert {"Fernandez", "Nan", "Null", "None", "Financial"} <= found


def test_attendance_covers_finished_half_terms_and_adds_up(months: dict) -> None:
    before, after = (months[m]["attendance"] for m in MONTHS)
    assert finished_half_terms("2016-04")[-1][:2] == (2015, 4)
    assert finished_half_terms("2016-05")[-1][:2] == (2015, 5)
    kept = before.join(after, on=["row_key", "item"], suffix="_after")
    assert kept.height == before.height < after.height
    assert kept["sessions_authorised"].equals(kept["sessions_authorised_after"])
    possible, authorised, unauthorised, attended = (
        before[f"sessions_{part}"].cast(int)
        for part in ("possible", "authorised", "unauthorised", "attended")
    )
    assert (possible == authorised + unauthorised + attended).all()
    assert attended.min() >= 0
