"""An authority's delivery in words: its summary, its datasets with their files, its gate."""

from tf_pipeline.authorities.spec import AuthorityShape
from tf_pipeline.naming import delivery_key, suite_name


def describe_delivery(shape: AuthorityShape) -> str:
    """Markdown for the UI, from the authority's YAML."""
    openings = shape.datasets.items()
    rows = "\n".join(
        f"| {name} | `{one.files}` | {one.sheet or ''} |{' optional' if one.optional else ''} |"
        for name, one in openings
    )
    return (
        f"{shape.summary.strip()}\n\n| dataset | file | sheet | |\n|---|---|---|---|\n{rows}\n\n"
        f"Gate 1 is `expectations/{suite_name(delivery_key(shape.authority))}.json`. A delivery "
        "that does not pass leaves the last accepted month standing."
    )
