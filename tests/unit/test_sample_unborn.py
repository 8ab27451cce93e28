"""A text that meets an authority's rule for an unborn child, whatever plain rule it wrote."""

import re

import pytest

from tf_pipeline.sample.dialect import SampleProblem
from tf_pipeline.sample.unborn import marker, meets, without


@pytest.mark.parametrize(
    "rule",
    [
        r"^unborn\b",
        r"^(unborn|baby)\b",
        r"^baby \(unborn\)$",
        r"^EDD\s*",
        r"^due\s+",
        r"^0$",
        r"^[Uu]$",
        r"(not|yet) born|expected",
        r"^(?:child )?to be born",
        r"\bbump\d+$",
    ],
)
def test_marker_meets_its_rule(rule: str) -> None:
    assert re.search(rule, marker(rule), re.IGNORECASE)


def test_rule_that_cannot_be_met_is_named() -> None:
    with pytest.raises(SampleProblem, match="unborn_when"):
        marker(r"^(?!x)x")


def test_date_stands_alone_once_the_marker_is_taken_out() -> None:
    assert without(r"^EDD\s*", "EDD 01/02/2016") == "01/02/2016"
    assert meets(r"^EDD\s*", " edd 01/02/2016")
