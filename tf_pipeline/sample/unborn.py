"""How an authority marks an unborn child: texts that match its own rule."""

import re
import re._constants as ops
import re._parser as parser
from collections.abc import Iterator
from itertools import islice, product
from typing import Any

from tf_pipeline.sample.dialect import Dialect, SampleProblem

LIKELY = ["UNBORN", "Unborn child", "Baby", "BUMP", "EDD ", "due ", "expected ", "true", "0", "u"]
CLASS_MEMBERS = {
    ops.CATEGORY_SPACE: " ",
    ops.CATEGORY_DIGIT: "1",
    ops.CATEGORY_WORD: "a",
}
LOOKED_AT = 50


def markers(dialect: Dialect) -> dict[str, str]:
    """Field of people → text that marks a child as unborn, for the fields this authority sends.

    Raises SampleProblem if no text can be found for a declared rule.
    """
    rules = dialect.declared.get("unborn_when", {})
    sent = dialect.headings.get("people", {})
    return {
        field: marker(rule)
        for field, rule in ((s.split(".", 1)[1], value) for s, value in rules.items())
        if field in sent
    }


def rule_for(dialect: Dialect, field: str) -> str | None:
    """The rule by which a field marks an unborn child, if there is one."""
    return dialect.declares("unborn_when", f"people.{field}")


def meets(rule: str, text: str) -> bool:
    """Whether a text matches a rule, compared as dbt compares it."""
    return re.search(rule, text.strip(), re.IGNORECASE) is not None


def without(rule: str, text: str) -> str:
    """A text without the marker, removed as dbt removes it."""
    return re.sub(rule, "", text.strip(), count=1, flags=re.IGNORECASE).strip()


def marker(rule: str) -> str:
    """A text that matches a rule (a regular expression, case ignored).

    Raises SampleProblem if none is found.
    """
    for text in [*islice(_texts(parser.parse(rule)), LOOKED_AT), *LIKELY]:
        if re.search(rule, text, re.IGNORECASE):
            return text
    raise SampleProblem(
        f"unborn_when: found no text that matches {rule!r}; expected plain words, "
        r"alternatives in brackets, \s, \b and anchors"
    )


def _texts(parts: Any) -> Iterator[str]:
    """Texts that a parsed expression accepts, shortest first; none for unknown parts."""
    options = [list(islice(_piece(op, value), LOOKED_AT)) for op, value in parts]
    return ("".join(pieces) for pieces in product(*options))


def _piece(op: Any, value: Any) -> Iterator[str]:
    if op is ops.LITERAL:
        yield chr(value)
    elif op is ops.AT:
        yield ""
    elif op is ops.ANY:
        yield "x"
    elif op is ops.IN:
        kind, member = value[0]
        if kind is ops.LITERAL:
            yield chr(member)
        elif kind is ops.RANGE:
            yield chr(member[0])
        elif kind is ops.CATEGORY and member in CLASS_MEMBERS:
            yield CLASS_MEMBERS[member]
    elif op is ops.SUBPATTERN:
        yield from _texts(value[-1])
    elif op is ops.BRANCH:
        for branch in value[1]:
            yield from _texts(branch)
    elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
        least, _, inner = value
        for text in _texts(inner):
            # an optional blank makes the text easier to read
            yield text * (least or int(not text.strip()))
