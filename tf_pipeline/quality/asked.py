"""What a rule requires of its data, as a sentence for the page of its gate.

Belongs here: one sentence for each type of rule. A type without a sentence is shown with its name
and arguments. Does not belong here: what a rule found (`gate_result.py`).
"""

from collections.abc import Mapping
from typing import Any

SENTENCES = {
    "expect_column_distinct_values_to_be_in_set": "{column} has no values other than {value_set}",
    "expect_column_distinct_values_to_contain_set": "{column} has each of {value_set}",
    "expect_column_distinct_values_to_equal_set": "{column} has all of {value_set} and no others",
    "expect_column_max_to_be_between": "the highest {column} is {bounds}",
    "expect_column_mean_to_be_between": "the mean of {column} is {bounds}",
    "expect_column_most_common_value_to_be_in_set": "the commonest {column} is in {value_set}",
    "expect_column_pair_values_a_to_be_greater_than_b": "{column_A} is {over} {column_B}",
    "expect_column_pair_values_to_be_equal": "{column_A} equals {column_B}",
    "expect_column_to_exist": "there is a column {column}",
    "expect_column_values_to_be_between": "{column} is {bounds}",
    "expect_column_values_to_be_in_set": "{column} is one of {value_set}",
    "expect_column_values_to_be_null": "{column} is blank",
    "expect_column_values_to_be_unique": "no two rows have the same {column}",
    "expect_column_values_to_match_regex": "{column} has the form {regex}",
    "expect_column_values_to_not_be_in_set": "{column} is none of {value_set}",
    "expect_column_values_to_not_be_null": "{column} is filled in",
    "expect_column_values_to_not_match_regex": "{column} does not contain {regex}",
    "expect_compound_columns_to_be_unique": "no two rows have the same {column_list}",
    "expect_multicolumn_sum_to_equal": "{column_list} add up to {sum_total}",
    "expect_table_row_count_to_be_between": "there are {bounds} rows",
}


def asked_in_words(kind: str, arguments: Mapping[str, Any]) -> str:
    """What a rule of a type requires; `arguments` come from `arguments_to_show`."""
    words = {name: _listed(value) for name, value in arguments.items()}
    words["bounds"] = _bounds(arguments)
    words["over"] = "at least" if arguments.get("or_equal") else "more than"
    try:
        sentence = SENTENCES[kind].format_map(words)
    except KeyError:
        sentence = f"{kind}({', '.join(f'{name}: {words[name]}' for name in arguments)})"
    if condition := arguments.get("row_condition"):
        sentence += f", where {_condition(condition)}"
    mostly = arguments.get("mostly")
    if isinstance(mostly, int | float) and mostly != 1:
        sentence += f", in at least {mostly:.2%} of rows".replace(".00%", "%")
    return sentence


def _listed(value: Any) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(str, value))
    return str(value)


def _bounds(arguments: Mapping[str, Any]) -> str:
    low, high = arguments.get("min_value"), arguments.get("max_value")
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"at most {high}" if low is None else f"at least {low}"


def _condition(condition: Any) -> str:
    if not isinstance(condition, Mapping) or not isinstance(condition.get("column"), Mapping):
        return "a condition holds"
    column = condition["column"].get("name")
    if condition.get("type") == "nullity":
        return f"{column} is {'blank' if condition.get('is_null') else 'filled in'}"
    verbs = {"==": "is", "!=": "is not", "IN": "is one of", "NOT_IN": "is none of"}
    operator = str(condition.get("operator"))
    return f"{column} {verbs.get(operator, operator)} {_listed(condition.get('parameter'))}"
