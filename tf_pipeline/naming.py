"""A name is an address: asset key ⇄ warehouse table ⇄ suite file.

Belongs here: the names of things in Dagster, DuckDB and `expectations/`.
Does not belong here: paths (`paths.py`) and canonical values (`vocabulary.py`).
"""

# our columns next to delivered headings: no authority has such a heading
ROW, ITEM, REASON = "_tf_row", "_tf_item", "_tf_reason"
# added to a heading that stands a second time, so that every column has a name
AGAIN = " (column {})"
# blanks at either end of a cell: all that `words_key` takes for a blank
BLANKS = "".join(map(chr, (*range(9, 14), *range(28, 33), 133, 160, 5760, *range(8192, 8203),
                           8232, 8233, 8239, 8287, 12288)))  # fmt: skip
HEADING_AGAIN = r" \(column \d+\)$"

STANDING_KEY = ["raw", "standing"]
KEY_MAP_KEY = ["restricted", "key_map"]
PUBLISHED_KEY = ["published", "gm_baseline"]
SHARED_KEY = ["published", "gm_shared"]


def delivery_key(authority: str) -> list[str]:
    """Asset key of one authority's delivery: `delivery/<authority>`."""
    return ["delivery", authority]


def table_key(schema: str, table: str) -> list[str]:
    """Asset key of a warehouse table: `<schema>/<table>`."""
    return [schema, table]


def suite_name(asset_key: list[str]) -> str:
    """The suite of an asset, also its file name without `.json`: the key joined by dots."""
    return ".".join(asset_key)


def words_key(text: str) -> str:
    """A heading or word as crosswalks compare it: trimmed, single blanks, lower case.

    The same as the macro `words_key` of dbt, which lowers each letter by itself: Python alone would
    make two letters of `İ`, and another one of a sigma that ends a word.
    """
    return " ".join(text.replace("İ", "i").replace("Σ", "σ").split()).lower()
