"""Calls Great Expectations while a gate runs; no other file does.

Belongs here: its context, tables in the form it needs, its results reduced to counts and rows.
Does not belong here: the outcome of a gate (`gate.py`), its pages (`gate_pages.py`).
Great Expectations is imported inside functions, because the import takes seconds.
"""

import builtins
import json
import logging
import re
import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from tf_pipeline.quality.expectation import Answer, columns_of, row_numbers
from tf_pipeline.quality.gx_check import check_with_gx
from tf_pipeline.quality.limits import OBSERVES_COUNT_OR_SHARE

if TYPE_CHECKING:
    import pandas as pd

# counts and row positions, no values
RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
    "include_unexpected_rows": False,
    "partial_unexpected_count": 0,
}
# a traceback's line that names an exception, which may be followed by a message
EXCEPTION_LINE = re.compile(r"^([A-Za-z_][\w.]*)(?=:|$)", re.MULTILINE)


@lru_cache(maxsize=1)
def _batch_definition() -> Any:
    """One context in memory for each process: no files, no progress bars, no values in logs."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    # its log lines quote exception messages, which may quote cells
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        analytics_enabled=False,
    )
    context = gx.get_context(project_config=config, mode="ephemeral")
    asset = context.data_sources.add_pandas("gate").add_dataframe_asset("table")
    return asset.add_batch_definition_whole_dataframe("whole")


def prepare(suite: Mapping[str, Any]) -> None:
    """Check a suite against Great Expectations' own types, once; raises SuiteProblem."""
    _check_once(json.dumps(suite, sort_keys=True))


@lru_cache(maxsize=256)
def _check_once(suite_json: str) -> None:
    check_with_gx(json.loads(suite_json))


def validate(
    expectations: Sequence[Mapping[str, Any]], table: pl.DataFrame, values: Mapping[str, object]
) -> dict[str, Answer]:
    """Answers by expectation id: one validation of all these expectations on one table."""
    import great_expectations as gx

    # Batch.validate uses it too, but then reads and fingerprints the table twice
    from great_expectations.validator.v1_validator import Validator

    batch_definition = _batch_definition()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            suite = gx.ExpectationSuite(name="gate", expectations=[_bare(e) for e in expectations])
            result = Validator(
                batch_definition=batch_definition,
                batch_parameters={"dataframe": to_pandas(table, expectations)},
                result_format=dict(RESULT_FORMAT),
            ).validate_expectation_suite(suite, dict(values))
    except Exception as error:
        # an argument of one expectation can stop all of them: run each alone to find it
        if len(expectations) > 1:
            alone = [validate([expectation], table, values) for expectation in expectations]
            return {identity: answer for each in alone for identity, answer in each.items()}
        return {expectations[0]["id"]: Answer(passed=None, problem=type(error).__name__)}
    finally:
        _forget_table(batch_definition)
    answers = {
        outcome.expectation_config.id: _answer(outcome, table)
        for outcome in result.results
        if outcome.expectation_config
    }
    no_result = Answer(passed=None, problem="NoResult")
    return {e["id"]: answers.get(e["id"], no_result) for e in expectations}


def to_pandas(table: pl.DataFrame, expectations: Sequence[Mapping[str, Any]]) -> "pd.DataFrame":
    """The columns that the expectations read, as pandas; text and dates as objects with None."""
    import pandas as pd

    wanted = {column for expectation in expectations for column in columns_of(expectation)}
    if any(expectation["type"].startswith("expect_table_column") for expectation in expectations):
        wanted = set(table.columns)
    columns = {}
    for series in table.select([name for name in table.columns if name in wanted]):
        if series.dtype.is_decimal():
            series = series.cast(pl.Float64)
        if series.dtype in (pl.String, pl.Categorical, pl.Enum):
            values = series.cast(pl.String).to_numpy()
            columns[series.name] = pd.Series(values, dtype=object)
        elif series.dtype == pl.Date:
            # GX reads "2014-09-01" in a suite as a date, which does not compare with a timestamp
            columns[series.name] = pd.Series(series.to_list(), dtype=object)
        else:
            columns[series.name] = series.to_pandas()
    return pd.DataFrame(columns, index=pd.RangeIndex(table.height))


def _bare(expectation: Mapping[str, Any]) -> dict[str, Any]:
    """An expectation without its meta, which Great Expectations would copy many times."""
    return {part: expectation[part] for part in ("type", "kwargs", "id")}


def _answer(outcome: Any, table: pl.DataFrame) -> Answer:
    problem = _problem(outcome.exception_info)
    if problem is not None:
        return Answer(passed=None, problem=problem)
    result = outcome.result
    observed = None
    if outcome.expectation_config.type.startswith(OBSERVES_COUNT_OR_SHARE):
        observed = _number(result.get("observed_value"))
    failed = _number(result.get("unexpected_count"))
    checked = _number(result.get("element_count"))
    if checked is not None:
        checked -= _number(result.get("missing_count")) or 0
    return Answer(
        passed=bool(outcome.success),
        checked=checked,
        failed=failed,
        observed=observed,
        rows=row_numbers(table[sorted(result.get("unexpected_index_list") or [])]),
    )


def _number(value: Any) -> Any:
    """A count or share as a plain number; None for anything that is not one."""
    if isinstance(value, bool) or value is None:
        return None
    if hasattr(value, "item"):
        value = value.item()
    return value if isinstance(value, int | float) else None


def _problem(exception_info: Mapping[str, Any]) -> str | None:
    """Class name of the exception of an expectation; GX has one record, or one for each metric."""
    records = [exception_info, *exception_info.values()]
    for record in records:
        if getattr(record, "get", None) and record.get("raised_exception"):
            return _exception_name(str(record.get("exception_traceback") or ""))
    return None


def _exception_name(traceback_text: str) -> str:
    """The first exception that a traceback names, if its class exists."""
    import pandas.errors
    from great_expectations import exceptions as gx_exceptions

    for match in EXCEPTION_LINE.finditer(traceback_text):
        name = match[1].rsplit(".", 1)[-1]
        for module in (builtins, gx_exceptions, pandas.errors, re):
            kind = getattr(module, name, None)
            if isinstance(kind, type) and issubclass(kind, BaseException):
                return name
    return "Exception"


def _forget_table(batch_definition: Any) -> None:
    """Frees the last table, which Great Expectations would keep until the next validation."""
    engine = batch_definition.data_asset.datasource.get_execution_engine()
    engine.batch_manager.batch_cache.clear()
    engine.batch_manager.batch_data_cache.clear()
