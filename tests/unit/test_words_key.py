"""Python and dbt compare headings and words alike: every character, and strings of strange ones."""

import re
import sys

import duckdb
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.commands import REPO
from tf_pipeline.naming import words_key
from tf_pipeline.rules.crosswalks import words_key_of

SURROGATES = range(0xD800, 0xE000)
STRANGE = "\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u2003\u2028İIıΣσςẞßÄä aB"


def macro(path: str, pattern: str) -> str:
    """The SQL of `words_key` as a file of the repository has it, on the column `text`."""
    (found,) = re.findall(pattern, (REPO / path).read_text("utf-8"))
    return found.replace("{{ text }}", "text")


DBT = macro("dbt_project/macros/words_key.sql", r"(lower\(trim\(.*\)\))\n")
EXPLAIN = macro("tf_pipeline/explain/views.sql", r"(lower\(trim\(.*\)\));\n")


def keys(texts: list[str]) -> list[str]:
    frame = pl.DataFrame({"number": range(len(texts)), "text": texts})
    with duckdb.connect() as connection:
        connection.register("texts", frame)
        found = connection.execute(f"select {DBT} from texts order by number").fetchall()
    return [key for (key,) in found]


def test_explanations_read_as_dbt_does():
    assert EXPLAIN == DBT


def test_every_character_is_read_alike():
    texts = [f"A{chr(n)}b" for n in range(1, sys.maxunicode + 1) if n not in SURROGATES]
    unlike = [
        (text, key) for text, key in zip(texts, keys(texts), strict=True) if key != words_key(text)
    ]
    assert unlike == []


def test_a_whole_column_is_read_like_one_text():
    texts = [f"A{chr(n)}b" for n in range(1, sys.maxunicode + 1) if n not in SURROGATES]
    # a strange letter has its column read another way: each block of characters is a column
    for start in range(0, len(texts), 256):
        block = texts[start : start + 256]
        found = pl.DataFrame({"text": block}).select(words_key_of(pl.col("text")))["text"]
        assert found.to_list() == [words_key(text) for text in block]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(STRANGE, max_size=8), min_size=1, max_size=50))
def test_strings_of_strange_characters_are_read_alike(texts):
    assert keys(texts) == [words_key(text) for text in texts]
