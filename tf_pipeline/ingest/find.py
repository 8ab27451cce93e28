"""Finds a delivery: which file of the folder holds which dataset."""

import fnmatch
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from tf_pipeline.authorities.spec import AuthorityShape
from tf_pipeline.findings import Finding
from tf_pipeline.ingest.delivery_problem import DeliveryProblem
from tf_pipeline.rules.rule_messages import finding
from tf_pipeline.vocabulary import Outcome

# files that desktops and file shares leave behind; never part of a delivery
CLUTTER = (
    ".*", "~$*", "~*.tmp", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "*.lnk",
    "$recycle.bin", "__macosx", "system volume information", "lost+found", "@eadir",
)  # fmt: skip


@dataclass(frozen=True)
class DeliveredFile:
    """One file of a delivery, with the content hash that identifies it."""

    path: Path
    sha256: str


def delivered_files(folder: Path) -> list[Path]:
    """The files of a delivery folder, without clutter; empty if the folder is missing."""
    if not folder.is_dir():
        return []
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [f for f in files if not any(map(_is_clutter, f.relative_to(folder).parts))]


def _is_clutter(name: str) -> bool:
    return any(fnmatch.fnmatchcase(name.lower(), clutter) for clutter in CLUTTER)


def is_delivered(folder: Path, shape: AuthorityShape) -> bool:
    """Whether an authority sent anything beyond a covering note."""
    return bool(_data_files(folder, shape))


def assign(
    folder: Path, shape: AuthorityShape, strangers_allowed: bool = False
) -> dict[str, DeliveredFile]:
    """Dataset → its file.

    Raises DeliveryProblem and names every file: rejected if an expected dataset has no file, or
    several; held if there is a file that this authority does not usually send.
    """
    files = _data_files(folder, shape)
    found: dict[str, DeliveredFile] = {}
    findings: list[Finding] = []
    hashes = {path: _sha256(path) for path in files}
    for dataset, opening in shape.datasets.items():
        matches = [p for p in files if fnmatch.fnmatch(p.name.lower(), opening.files.lower())]
        if len(matches) == 1:
            found[dataset] = DeliveredFile(matches[0], hashes[matches[0]])
        elif matches:
            names = ", ".join(p.name for p in matches)
            findings.append(
                finding(
                    "TWO_FILES_ONE_DATASET",
                    count=len(matches),
                    files=names,
                    pattern=opening.files,
                    dataset=dataset,
                )
            )
        elif not opening.optional:
            findings.append(
                finding(
                    "FILE_MISSING",
                    pattern=opening.files,
                    delivered=", ".join(p.name for p in files) or "none",
                    dataset=dataset,
                )
            )
    if findings:
        raise DeliveryProblem(findings)
    strangers = set(files) - {f.path for f in found.values()}
    if strangers and not strangers_allowed:
        expected = ", ".join(sorted({f"'{s.files}'" for s in shape.datasets.values()}))
        raise DeliveryProblem(
            [
                finding("UNEXPECTED_FILE", patterns=expected, file_name=path.name)
                for path in sorted(strangers)
            ],
            Outcome.HELD,
        )
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _data_files(folder: Path, shape: AuthorityShape) -> list[Path]:
    ignored = [pattern.lower() for pattern in shape.ignore_files]
    return [
        path
        for path in delivered_files(folder)
        if not any(fnmatch.fnmatch(path.name.lower(), pattern) for pattern in ignored)
    ]
