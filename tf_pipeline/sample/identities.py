"""An authority's numbers for families, people and claims (each contains SYN), and its code."""

import re

import polars as pl

from tf_pipeline.naming import words_key
from tf_pipeline.rules.crosswalks import seed
from tf_pipeline.sample.dialect import Dialect, SampleProblem


def with_local_ids(rows: dict[str, pl.DataFrame], dialect: Dialect) -> dict[str, pl.DataFrame]:
    """Adds `local_family_id`, `local_person_id`, `claim_id`, `la_code` to frames that need them."""
    code = seed("reference/ref_authorities.csv").filter(pl.col("authority") == dialect.authority)
    families = rows["families"].with_columns(
        _family_id(dialect).alias("local_family_id"),
        pl.lit(code["gss_code"].first(), pl.String).alias("la_code"),
    )
    numbers = families.select("family", "local_family_id")
    found = {"families": families}
    for dataset, frame in rows.items():
        if dataset != "families" and "family" in frame.columns:
            frame = frame.join(numbers, on="family", how="inner", maintain_order="left")
        if dataset in ("people", "benefits"):
            frame = frame.with_columns(_person_id(dialect).alias("local_person_id"))
        if dataset == "claims":
            number = pl.col("claim_number").cast(pl.String).str.zfill(5)
            frame = frame.with_columns(pl.concat_str(pl.lit("SYN-C"), number).alias("claim_id"))
        found.setdefault(dataset, frame)
    return found


def _family_id(dialect: Dialect) -> pl.Expr:
    tag = "".join(re.findall(r"\d", dialect.authority)) or dialect.authority.upper()
    number = pl.col("family_number").cast(pl.String)
    patterns = [
        pl.concat_str(pl.lit(f"SYN-{tag}-"), number.str.zfill(6)),
        # leading zeros must survive every spreadsheet
        pl.concat_str(number.str.zfill(7), pl.lit("-SYN")),
        pl.concat_str(pl.lit(f"SYN/{tag}/"), number.str.zfill(5)),
        pl.concat_str(pl.lit(f"00{tag}SYN"), number.str.zfill(5)),
    ]
    return patterns[dialect.position % len(patterns)]


def _person_id(dialect: Dialect) -> pl.Expr:
    """The authority's number; if opening builds it from other cells, uses the same template."""
    heading = dialect.headings["people"].get("local_person_id", "")
    template = dialect.shape.datasets["people"].made.get(heading)
    if template:
        return _filled(template, dialect)
    member = pl.col("member").cast(pl.String).str.zfill(2)
    if dialect.position % 2:
        return pl.concat_str("local_family_id", pl.lit("/"), member)
    number = pl.col("person_number").cast(pl.String)
    return pl.concat_str(pl.lit("0"), number.str.zfill(7), pl.lit("SYNP"))


def _filled(template: str, dialect: Dialect) -> pl.Expr:
    """A template such as `{Family No}-M{n}`, filled from canonical rows."""
    fields = {words_key(h): f for f, h in dialect.headings["people"].items()}
    parts: list[pl.Expr] = []
    for piece in re.split(r"(\{[^}]*\})", template):
        if not piece.startswith("{"):
            parts.append(pl.lit(piece))
        elif piece == "{n}":
            parts.append(pl.col("member").cast(pl.String))
        elif piece == "{month}":
            parts.append(pl.lit(dialect.month))
        elif (field := fields.get(words_key(piece[1:-1]))) is not None:
            parts.append(pl.col(field).cast(pl.String))
        else:
            raise SampleProblem(f"{dialect.authority}: {template!r} needs a heading {piece}")
    return pl.concat_str(parts)
