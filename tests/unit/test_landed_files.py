"""Delivered files are kept by content, once and complete; their register survives a torn line."""

from pathlib import Path

import pytest

from tf_pipeline import paths
from tf_pipeline.deliveries import delivery_register as register
from tf_pipeline.deliveries.archive import (
    LandingDamaged,
    check,
    described,
    keep,
    lay_out,
    stored_path,
)

MONTH = "2016-04"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A delivery of two files, one in a folder of its own, and an empty data folder."""
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path / "data"))
    made = tmp_path / "delivered"
    (made / "more").mkdir(parents=True)
    (made / "people.csv").write_bytes(b"a;b\r\n1;2\r\n")
    (made / "more" / "people.csv").write_bytes(b"c;d\n")
    return made


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def stored() -> list[Path]:
    return sorted((paths.landing_dir() / "files").iterdir())


def test_what_is_kept_is_what_came_and_its_owners_alone(folder, tmp_path):
    kept = keep(folder, files_of(folder))
    assert kept == described(folder, files_of(folder))
    assert [file.name for file in kept] == ["more/people.csv", "people.csv"]
    assert stored_path(kept[1]).read_bytes() == b"a;b\r\n1;2\r\n"
    assert {path.stat().st_mode & 0o777 for path in stored()} == {0o400}
    assert {p.stat().st_mode & 0o777 for p in (paths.landing_dir(), stored()[0].parent)} == {0o700}
    (tmp_path / "opened").mkdir()
    lay_out(kept, tmp_path / "opened")
    assert (tmp_path / "opened/more/people.csv").read_bytes() == b"c;d\n"


def test_the_same_content_is_stored_once_under_whatever_name(folder):
    first = keep(folder, files_of(folder))
    written = {path: path.stat().st_mtime_ns for path in stored()}
    (folder / "people.csv").rename(folder / "persons.csv")
    again = keep(folder, files_of(folder))
    assert {path: path.stat().st_mtime_ns for path in stored()} == written
    assert register.delivery_id(again) != register.delivery_id(first), "its names are part of it"
    assert register.delivery_id(again) == register.delivery_id(again[::-1])
    assert register.delivery_id(()) == ""


def test_a_file_that_changes_while_it_is_copied_is_stored_under_what_was_copied(
    folder, monkeypatch
):
    from tf_pipeline.deliveries import archive

    def changing(source, target, length):
        target.write(b"meanwhile\n")

    monkeypatch.setattr(archive.shutil, "copyfileobj", changing)
    (file,) = keep(folder, [folder / "people.csv"])
    assert stored_path(file).read_bytes() == b"meanwhile\n"
    check([file])


def test_a_copy_that_stops_midway_leaves_nothing_and_so_does_a_killed_one(folder, monkeypatch):
    from tf_pipeline.deliveries import archive

    def full(source, target, length):
        target.write(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(archive.shutil, "copyfileobj", full)
        with pytest.raises(OSError, match="No space"):
            keep(folder, files_of(folder))
    assert stored() == []
    killed = paths.landing_dir() / "files" / f"{archive.ARRIVING}killed"
    killed.write_bytes(b"half")
    keep(folder, files_of(folder))
    assert not killed.exists()
    assert len(stored()) == 2


def test_a_stored_file_that_is_changed_or_gone_is_named(folder, tmp_path):
    kept = keep(folder, files_of(folder))
    (tmp_path / "opened").mkdir()
    stored_path(kept[0]).chmod(0o600)
    stored_path(kept[0]).write_bytes(b"another content")
    with pytest.raises(LandingDamaged, match=r"more/people\.csv .* is not what was delivered"):
        lay_out(kept, tmp_path / "opened")
    assert list((tmp_path / "opened").iterdir()) == [], "none where one is wrong"
    stored_path(kept[0]).unlink()
    with pytest.raises(LandingDamaged, match=r"more/people\.csv is missing from the landing"):
        check(kept)


def test_the_register_has_a_line_for_what_is_new_only(folder):
    kept = keep(folder, files_of(folder))
    for outcome in ("held", "held", "accepted", "accepted"):
        register.record_tried("la01", MONTH, kept, outcome)
    register.record_tried("la01", MONTH, kept[:1], "accepted")
    register.record_tried("la02", MONTH, kept, "accepted")
    register.record_tried("la01", MONTH, kept, "accepted")
    told = [(one.authority, len(one.files), one.outcome) for one in register.entries()]
    assert told == [
        ("la01", 2, "held"),
        ("la01", 2, "accepted"),
        ("la01", 1, "accepted"),
        ("la02", 2, "accepted"),
        ("la01", 2, "accepted"),
    ]
    assert register.entries(MONTH, "la01")[0].files == kept
    assert register.entries("2016-05") == []
    assert register.delivery_register_path().stat().st_mode & 0o777 == 0o600


def test_a_line_that_a_crash_cut_short_takes_no_other_with_it(folder):
    kept = keep(folder, files_of(folder))
    register.record_tried("la01", MONTH, kept, "accepted")
    whole = register.delivery_register_path().read_bytes()
    with register.delivery_register_path().open("ab") as file:
        file.write(whole[: len(whole) // 2])
    register.record_tried("la02", MONTH, kept, "accepted")
    assert [one.authority for one in register.entries()] == ["la01", "la02"]
    assert register.delivery_register_path().read_bytes().startswith(whole)
