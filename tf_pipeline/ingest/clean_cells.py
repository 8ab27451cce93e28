"""Takes from cells what no person typed, before anything reads them.

Belongs here: signs at the ends of a cell that nobody sees, escapes of Excel, `="…"`.
Does not belong here: what only keys and numbers need (`one_reading.py`). The file as it was sent
stays in the landing.
"""

import polars as pl

from tf_pipeline.naming import ROW

# tabs, line breaks, hard blanks, signs without width; plain blanks stay as they were sent
UNSEEN = r"[\s\p{Z}\p{Cc}\p{Cf}&&[^ ]]"
AT_START, AT_END = rf"^ *{UNSEEN}(?:{UNSEEN}| )*", rf"(?:{UNSEEN}| )*{UNSEEN} *$"
# how Excel's files write a tab, a line feed and a carriage return that XML cannot hold
ESCAPED = r"(?i)_x000[9ad]_"
# so that Excel keeps the zeros of a number
AS_FORMULA = r'^ *="([^"]*)" *$'
ANY = rf"{ESCAPED}|{AS_FORMULA}|{AT_START}|{AT_END}"


def clean_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """The same grid; only columns with such a cell are written again."""
    columns = [name for name in cells.columns if name != ROW]
    found = cells.select(pl.col(columns).str.contains(ANY).any()).row(0)
    touched = [name for name, is_found in zip(columns, found, strict=True) if is_found]
    if not touched:
        return cells
    return cells.with_columns(
        pl.col(touched)
        .str.replace_all(ESCAPED, "\n")
        .str.replace(AT_START, "")
        .str.replace(AT_END, "")
        .str.replace(AS_FORMULA, "$1")
        .str.replace(AT_START, "")
        .str.replace(AT_END, "")
    )
