"""The published file: the tables and columns others rely on, and nothing personal."""

import re

CONTRACT = {
    "deliveries": "month authority dataset outcome as_of_month file_name file_sha256 "
    "rows_delivered rows_accepted rows_set_aside reason is_refused_with_others",
    "families": "month authority family_key programme_group start_date end_date closure_reason "
    "is_open is_open_in_any_service member_count intensity_level needs_yes needs_no "
    "needs_not_known is_eligible_common is_eligible_as_declared as_of_month",
    "people": "month authority person_key family_key gm_person_key age_band sex relationship "
    "is_unborn is_listed_only_with_issues",
    "family_members": "month authority family_key person_key first_month last_month",
    "family_needs": "month authority family_key need_code status source_basis is_comparable "
    "value_status status_rule",
    "need_sources": "month authority need_code source_basis yes no not_known not_held",
    "recorded_and_seen": "month authority topic recorded_basis seen_basis families ratio",
    "family_eligibility": "month authority family_key framework is_in_force needs_required "
    "is_eligible_as_declared is_eligible_common is_decided_by_support_group",
    "eligibility_sensitivity": "month authority families eligible_support_group_counted "
    "eligible_support_group_not_counted changed",
    "closures": "month authority closure_reason families still_open_in_any_service",
    "family_services": "month authority family_key service is_open",
    "family_sizes": "month authority programme_group families people mean_size is_comparable",
    "figure_members": "month authority table_name column_names family_key person_key "
    "intervention_key amount is_in_gm",
    "incident_summary": "month authority incident_type families rate is_comparable "
    "authorities_in_rate",
    "need_prevalence": "month authority need_code families yes no not_known not_held rate "
    "yes_common no_common rate_common is_comparable source_basis authorities_in_rate",
    "incidents": "month authority family_key incident_type count status months_covered "
    "source_basis period status_rule",
    "benefits": "month authority person_key benefit status source_basis as_at status_rule",
    "interventions": "month authority family_key intervention_key local_name service "
    "intensity_level level_basis start_date end_date hours_per_week workers is_open",
    "intensity_summary": "month authority intensity_level families",
    "intensity_sensitivity": "month authority term move intensity_level families_now "
    "families_moved change",
    "intensity_weighted": "month authority weighting families weighted_families",
    "intensity_coverage": "month authority interventions with_level share_with_level",
    "intensity_crosswalk": "authority delivered service intensity_level valid_from valid_to "
    "agreed_by agreed_on",
    "level_examples": "example authority agreed_level crosswalk_level agrees",
    "supply": "authority organisation dataset valid_from valid_to is_supplied obstacle",
    "authority_profiles": "authority database collection_mode team analysts_sit training",
    "comparability": "authority topic valid_from valid_to definition source_basis "
    "collection_mode is_common",
    "work_list": "month authority item dataset file_name sheet row heading rule severity "
    "responsible message expected occurrences",
    "gates": "month",
    "releases": "release_id",
    "dictionary": "table_name column_name description",
}
KEYS = {
    "deliveries": "month, authority, dataset",
    "families": "month, authority, family_key",
    "people": "month, authority, person_key",
    "family_members": "month, authority, family_key, person_key",
    "family_needs": "month, authority, family_key, need_code",
    "need_prevalence": "month, authority, need_code",
    "need_sources": "month, authority, need_code, source_basis",
    "recorded_and_seen": "month, authority, topic, recorded_basis",
    "family_eligibility": "month, authority, family_key, framework",
    "eligibility_sensitivity": "month, authority",
    "closures": "month, authority, closure_reason",
    "family_services": "month, authority, family_key, service",
    "family_sizes": "month, authority, programme_group",
    "figure_members": "month, authority, table_name, closure_reason, programme_group, service, "
    "incident_type, intensity_level, term, move, weighting, need_code, source_basis, topic, "
    "recorded_basis, family_key, person_key, intervention_key, column_names",
    "incident_summary": "month, authority, incident_type",
    "incidents": "month, authority, family_key, incident_type",
    "benefits": "month, authority, person_key",
    "interventions": "month, authority, family_key, intervention_key",
    "intensity_summary": "month, authority, intensity_level",
    "intensity_sensitivity": "month, authority, term, move, intensity_level",
    "intensity_weighted": "month, authority, weighting",
    "intensity_coverage": "month, authority",
    "intensity_crosswalk": "authority, delivered, valid_from",
    "level_examples": "example",
    "supply": "authority, organisation, dataset, valid_from",
    "authority_profiles": "authority, valid_from",
    "comparability": "authority, topic, valid_from",
    "work_list": "month, authority, item",
    "gates": "month, gate",
    "releases": "release_id",
}


def columns_of(baseline, table: str) -> set[str]:
    rows = baseline.execute(
        "select column_name from duckdb_columns() where schema_name = 'gm' and table_name = ?",
        [table],
    ).fetchall()
    return {row[0] for row in rows}


def test_every_table_of_the_contract_has_its_columns(baseline):
    missing = {
        table: set(names.split()) - columns_of(baseline, table) for table, names in CONTRACT.items()
    }
    assert {table: names for table, names in missing.items() if names} == {}


def test_every_grain_holds(baseline):
    for table, key in KEYS.items():
        twice = baseline.execute(
            f"select count(*) from (select {key} from gm.{table} group by all having count(*) > 1)"
        ).fetchone()[0]
        assert twice == 0, table


def test_everything_is_described_as_a_comment_and_in_the_dictionary(baseline):
    blank = baseline.execute(
        "select table_name, column_name from gm.dictionary where coalesce(description, '') = ''"
    ).fetchall()
    assert blank == []
    counted = baseline.execute(
        "select count(*) from duckdb_columns() where schema_name = 'gm' "
        "union all select count(*) from gm.dictionary where column_name <> ''"
    ).fetchall()
    assert counted[0] == counted[1]


def test_nothing_personal_is_published(baseline, warehouse):
    """Every name, number and birth date in staging is looked for in every published text."""
    people = warehouse.execute(
        "select distinct unnest([surname, upn, nino, postcode, local_person_id, local_family_id])"
        " from staging.stg_people"
    ).fetchall()
    secrets = {row[0].lower() for row in people if row[0] and len(row[0]) > 3}
    # a person may be called None, and a family may have none
    secrets -= {
        row[0] for row in warehouse.execute("select value from reference.ref_values").fetchall()
    }
    assert len(secrets) > 500
    texts = baseline.execute(
        "select table_name, column_name from duckdb_columns() "
        "where schema_name = 'gm' and data_type = 'VARCHAR'"
    ).fetchall()
    leaked = []
    for table, column in texts:
        values = baseline.execute(f'select distinct "{column}" from gm.{table}').fetchall()
        leaked += [(table, column) for (v,) in values if v and v.lower() in secrets]
    assert leaked == []
    names = {row[1] for row in texts}
    assert not {n for n in names if re.search(r"forename|surname|birth|address|postcode|upn", n)}


def test_pseudonyms_are_stable_and_say_nothing(baseline, warehouse):
    by_month = baseline.execute(
        "select count(distinct family_key), count(distinct month) from gm.families"
    ).fetchone()
    largest = baseline.execute(
        "select max(n) from (select count(*) as n from gm.families group by month)"
    ).fetchone()[0]
    assert by_month == (largest, 2), "the families of month 1 keep their keys in month 2"
    assert warehouse.execute(
        "select count(*) from restricted.key_map where not regexp_full_match(key, '[0-9a-f]{20}')"
    ).fetchone() == (0,)
