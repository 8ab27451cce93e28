"""The list of published tables, and how a release replaces each of them."""

# replaced for the month that was loaded; history stays
BY_MONTH = [
    "deliveries",
    "families",
    "people",
    "family_members",
    "family_needs",
    "incidents",
    "benefits",
    "interventions",
    "intensity_summary",
    "intensity_sensitivity",
    "intensity_weighted",
    "intensity_coverage",
    "need_prevalence",
    "need_sources",
    "recorded_and_seen",
    "incident_summary",
    "family_eligibility",
    "eligibility_sensitivity",
    "closures",
    "family_services",
    "family_sizes",
    "figure_members",
    "work_list",
]
# replaced as a whole: they have their own dates
WHOLE = [
    "comparability",
    "authority_profiles",
    "supply",
    "intensity_crosswalk",
    "level_examples",
]

# written by the publication itself, because they describe the release
RELEASE_SQL = """
create table if not exists gm.gates (
    month varchar, gate varchar, layer varchar, authority varchar, outcome varchar, rules integer,
    rules_failed integer, rows_checked integer, failed_rules varchar, seconds double,
    ran_at timestamptz);
comment on table gm.gates is 'Every gate that ran for a month, with its counts. Grain: month, gate';
comment on column gm.gates.month is 'Month that was loaded, YYYY-MM';
comment on column gm.gates.gate is 'Asset that the gate guards; also the name of its suite';
comment on column gm.gates.layer is 'delivery, staging, intermediate, marts, audit, publication';
comment on column gm.gates.authority is 'Authority, if the gate guards one delivery; otherwise gm';
comment on column gm.gates.outcome is
    'passed, passed_with_failures (some values fail, within the threshold), failed, could_not_run';
comment on column gm.gates.rules is 'Rules that were checked';
comment on column gm.gates.rules_failed is 'Rules with at least one failing row';
comment on column gm.gates.rows_checked is 'Rows that the gate checked';
comment on column gm.gates.failed_rules is
    'Rules that could not run, that failed, or that passed although some values fail them, with '
    'counts and thresholds; no values';
comment on column gm.gates.seconds is 'How long the gate took';
comment on column gm.gates.ran_at is 'When it ran';
create table if not exists gm.releases (
    release_id varchar, month varchar, published_at timestamptz, months_held varchar,
    authorities_accepted integer, authorities_not_accepted varchar, what_changed varchar,
    fingerprint varchar);
-- empty in releases that are older than these columns
alter table gm.releases add column if not exists why varchar;
alter table gm.releases add column if not exists figures_changed varchar;
alter table gm.releases add column if not exists fingerprint_parts varchar;
comment on table gm.releases is
    'Every release, with what it holds and what changed. Grain: release_id';
comment on column gm.releases.release_id is 'Time of publication and the month loaded; folder name';
comment on column gm.releases.month is 'Month that the release added or replaced';
comment on column gm.releases.published_at is 'When it was published';
comment on column gm.releases.months_held is 'Months that the release holds';
comment on column gm.releases.authorities_accepted is
    'Number of authorities with an accepted delivery of the month';
comment on column gm.releases.authorities_not_accepted is
    'Other authorities, each with the outcome: held, rejected or not_delivered';
comment on column gm.releases.what_changed is 'Rows of the month per table, before and after';
comment on column gm.releases.fingerprint is 'Hash of everything that shaped the month';
comment on column gm.releases.why is
    'What differs from the last release of the month: new_delivery, late_delivery (an earlier '
    'month than the newest held), corrected_delivery, refused_delivery (the current one stays), '
    'mapping (crosswalks, reference data, file shapes), rule (declarations, models, suites, '
    'code), again (nothing), not_known (the last release did not record this)';
comment on column gm.releases.figures_changed is
    'Summary figures that differ from the release before, table by table: rows changed, added '
    'and gone, per authority. Tables of single families or people are not compared';
comment on column gm.releases.fingerprint_parts is
    'JSON: each current and each refused delivery, and hashes of mapping, declarations and code; '
    'why is read from them';
create table if not exists gm.dictionary (
    table_name varchar, column_name varchar, position integer, data_type varchar,
    description varchar);
comment on table gm.dictionary is
    'Every published table and column, described. Grain: table_name, column_name';
comment on column gm.dictionary.table_name is 'Table in schema gm';
comment on column gm.dictionary.column_name is 'Column; empty in the row of the table itself';
comment on column gm.dictionary.position is 'Order of the column; 0 in the row of the table itself';
comment on column gm.dictionary.data_type is 'DuckDB type';
comment on column gm.dictionary.description is 'What it means';
"""
