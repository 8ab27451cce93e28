"""Files older than their declared period: refused and kept deliveries, and fix packs."""

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tf_pipeline import paths
from tf_pipeline.calendar import is_month
from tf_pipeline.deliveries.archive import stored_path
from tf_pipeline.deliveries.delivery_register import entries, standing
from tf_pipeline.upkeep.purge_rows import Removed
from tf_pipeline.upkeep.retention import Period

# only counts and our rules: they give the reasons, and a confirmation stays in force
WITHOUT_VALUES = ("reasons.json", "confirmed.json")


def old_files(periods: Sequence[Period], delete: bool) -> list[Removed]:
    """Counts files by month and authority and, with `delete`, removes them."""
    first = {period.kept: period.first_month for period in periods}
    found = []
    for kept, folder in (("quarantine", paths.quarantine_dir()), ("packs", paths.packs_dir())):
        for of_authority in sorted(folder.glob("*/*")):
            month = of_authority.parent.name
            if not is_month(month) or month >= first[kept] or not of_authority.is_dir():
                continue
            stay = WITHOUT_VALUES if kept == "quarantine" else ()
            files = [p for p in of_authority.rglob("*") if p.is_file() and p.name not in stay]
            if files:
                found.append(Removed(kept, "files", month, of_authority.name, len(files)))
            if delete:
                _remove(files, of_authority)
    return found + _old_landed(first["landing"], delete)


def _old_landed(first_month: str, delete: bool) -> list[Removed]:
    """Kept files that belong only to old deliveries, and not to a current accepted one."""
    last: dict[str, str] = {}
    stands = standing()
    for authority, month in stands:
        last[authority] = max(month, last.get(authority, ""))
    tried = entries()
    stay = {
        file.sha256
        for one in tried
        if one.month >= first_month
        or (
            one.month == last.get(one.authority)
            and one.delivery == stands[one.authority, one.month]
        )
        for file in one.files
    }
    old = {
        stored_path(file): (one.month, one.authority)
        for one in tried
        for file in one.files
        if file.sha256 not in stay and stored_path(file).exists()
    }
    if delete:
        for path in old:
            path.unlink()
    counted = Counter(old.values())
    return [
        Removed("landing", "files", month, authority, count)
        for (month, authority), count in sorted(counted.items())
    ]


def inbox_left(periods: Sequence[Period]) -> list[str]:
    """Months of the inbox older than any dataset's period; the inbox's owner removes them."""
    first = max(period.first_month for period in periods if period.kept in ("families", "people"))
    folders = sorted(paths.inbox_dir().glob("*"))
    return [f.name for f in folders if is_month(f.name) and f.name < first and any(f.iterdir())]


def _remove(files: Sequence[Path], folder: Path) -> None:
    for path in files:
        path.unlink()
    if not any(p.is_file() for p in folder.rglob("*")):
        shutil.rmtree(folder)
    if folder.parent.is_dir() and not any(folder.parent.iterdir()):
        folder.parent.rmdir()
