"""Writes the fix packs after a publication, and never makes it fail."""

from tf_pipeline import progress


def packs_after_publication(month: str) -> str:
    """Writes every authority's pack for a month; returns their folder, or says why it failed.

    The baseline is already published, so this function reports a problem and does not raise it.
    """
    from tf_pipeline.pages.pack_release import write_all_packs

    try:
        return str(write_all_packs(month))
    except Exception as error:
        # a library's own message may quote a value
        warning = f"packs of {month} could not be written ({type(error).__name__}); "
        warning += f"the baseline is published. To try again: tf-pipeline pack {month} AUTHORITY"
        progress.report(warning)
        return warning
