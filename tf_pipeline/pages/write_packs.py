"""The fix packs after a publication; they never make one fail."""

from tf_pipeline import progress


def packs_after_publication(month: str) -> str:
    """Writes every authority's pack of a month; their folder, or in words why there are none.

    The baseline is published by then, so a problem here is reported and not raised.
    """
    from tf_pipeline.pages.pack_release import write_all_packs

    try:
        return str(write_all_packs(month))
    except Exception as error:
        # a library's own text may quote a value
        said = f"packs of {month} could not be written ({type(error).__name__}); "
        said += f"the baseline is published. To try again: tf-pipeline pack {month} AUTHORITY"
        progress.report(said)
        return said
