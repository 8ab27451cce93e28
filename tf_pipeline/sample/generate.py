"""Writes deliveries of invented families: `<folder>/<month>/<authority>/<files>`."""

import shutil
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

import polars as pl

from tf_pipeline.authorities import registry
from tf_pipeline.authorities.spec import DatasetShape
from tf_pipeline.rules.crosswalks import seed as seed_rows
from tf_pipeline.sample import levels
from tf_pipeline.sample.dialect import Dialect, SampleProblem, dialect, only_with_issues
from tf_pipeline.sample.identities import with_local_ids
from tf_pipeline.sample.places import COPIES_SHARE, together, with_copies
from tf_pipeline.sample.population import population
from tf_pipeline.sample.snapshot import snapshot
from tf_pipeline.sample.tables import Table, table
from tf_pipeline.sample.texts import chance
from tf_pipeline.sample.write import NOTICE, titles, write_text, write_workbook

NOTE = "cover.md"
Place = tuple[str, str | None]


def generate(
    folder: Path,
    months: Sequence[str],
    families: int,
    seed: int,
    authorities: Sequence[str] | None = None,
) -> None:
    """Writes a delivery for every authority and month; the same arguments give the same bytes.

    `families` is the total over all authorities at the end of the first month; a few join in each
    later month. Raises SampleProblem if a shape needs something that cannot be made, or if a
    folder contains files that this command did not write.
    """
    who = list(authorities or registry.authorities())
    everyone = population(families, who, months, seed)
    for month in sorted(set(months)):
        sparing = [a for a in who if only_with_issues(a, month)]
        rows = snapshot(everyone, month, sparing)
        for authority in who:
            own = dialect(authority, month, seed)
            target = _emptied(folder / month / authority)
            mine = {n: f.filter(pl.col("authority") == authority) for n, f in rows.items()}
            _deliver(target, with_local_ids(mine, own), own)
            _note(target, own, f"--families {families} --seed {seed} --months {' '.join(months)}")
        _central(folder / month / "gm", who)


def _deliver(folder: Path, rows: dict[str, pl.DataFrame], own: Dialect) -> None:
    """Writes one authority's files."""
    tables: dict[Place, list[Table]] = {}
    for dataset, shape in own.shape.datasets.items():
        if shape.optional:
            continue
        if not own.headings.get(dataset):
            raise SampleProblem(f"{own.authority}: the crosswalk has no headings for {dataset}")
        source = levels.services(own) if dataset == "services" else rows.get(dataset)
        if source is None:
            raise SampleProblem(f"{own.authority}: nothing is invented for dataset {dataset}")
        place = (_file_name(shape, own), shape.sheet if shape.format == "excel" else None)
        tables.setdefault(place, []).append(table(dataset, source, own))
    sheets: dict[str, dict[str, tuple[pl.DataFrame, dict[str, str], DatasetShape]]] = {}
    for (file_name, sheet), group in tables.items():
        shape = own.shape.datasets[group[0].dataset]
        lines, kinds = together(group, own)
        if len(group) == 1 and shape.exact_copies == "set_aside":
            lines = with_copies(lines, _some_rows(lines.height, own, group[0].dataset))
        if shape.format == "excel":
            sheets.setdefault(file_name, {})[sheet or "Sheet1"] = (lines, kinds, shape)
        else:
            notice = titles(shape, own.name, own.month)
            write_text(folder / file_name, lines, kinds, shape, notice)
    for file_name, of_file in sheets.items():
        above = {s: titles(shape, own.name, own.month) for s, (_, _, shape) in of_file.items()}
        codes = {sheet: _codes(own) for sheet in own.shape.ignore_sheets}
        write_workbook(folder / file_name, of_file, above, codes)


def _file_name(shape: DatasetShape, own: Dialect) -> str:
    """A name that the authority's pattern accepts, with SYNTHETIC in it if there is room."""
    name = shape.files.replace("*", f"{NOTICE.split()[0]} {own.month}", 1)
    name = name.replace("*", "").replace("?", "1")
    if not fnmatch(name.lower(), shape.files.lower()):
        raise SampleProblem(f"{own.authority}: no file name was found for '{shape.files}'")
    return name


def _some_rows(height: int, own: Dialect, dataset: str) -> list[int]:
    some = max(1, round(height * COPIES_SHARE))
    return chance(own, "copies", dataset).integers(0, height, some).tolist()


def _codes(own: Dialect) -> list[tuple[str, ...]]:
    """The meaning of the words, as an extra sheet of the workbook explains them."""
    words = own.words.select("dataset", "field", "delivered", "canonical")
    return [("Dataset", "Field", "Code", "Meaning"), *words.iter_rows()]


def _note(folder: Path, own: Dialect, arguments: str) -> None:
    if not any(fnmatch(NOTE, pattern.lower()) for pattern in own.shape.ignore_files):
        return
    text = (
        f"# {own.name} - {NOTICE}, {own.month}\n\n"
        "Every family, person, name, number and address in these files is SYNTHETIC: invented by\n"
        "a program, about nobody. Made from this authority's shape and crosswalks by\n\n"
        f"    python -m tf_pipeline.sample {arguments}\n"
    )
    (folder / NOTE).write_text(text, "utf-8")


def _central(folder: Path, authorities: Sequence[str]) -> None:
    """Writes the centre's file: the list of authorities."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = seed_rows("reference/ref_authorities.csv")
    rows.filter(pl.col("authority").is_in(list(authorities))).write_csv(folder / "authorities.csv")


def _is_generated(folder: Path) -> bool:
    note = folder / NOTE
    if note.is_file():
        return NOTICE in note.read_text("utf-8", errors="replace")
    word = NOTICE.split()[0]
    return all(word in f.name or word.title().encode() in f.read_bytes() for f in folder.iterdir())


def _emptied(folder: Path) -> Path:
    """Removes an earlier generated delivery from the folder; never touches a real one."""
    if folder.is_dir() and any(folder.iterdir()):
        if not _is_generated(folder):
            raise SampleProblem(f"{folder} holds files that were not generated; nothing is written")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
