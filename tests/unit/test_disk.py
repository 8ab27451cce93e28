"""A full disk is known whatever a library calls it, and a file is there whole or not at all."""

import errno
import os
import sqlite3
import subprocess

import duckdb
import pytest

from tf_pipeline.files import LEAST_BYTES, DiskFull, copy_whole, is_full, write_whole
from tf_pipeline.releases.release_register import entries, record, register_path
from tf_pipeline.warehouse.connect import writer


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """A data folder on a disk of four megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    monkeypatch.setenv("TF_DATA_DIR", str(folder))
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder) -> None:
    with pytest.raises(OSError, match="No space left"), (folder / "ballast").open("wb") as file:
        while True:
            file.write(b"x" * 4096)
            file.flush()


def test_a_full_disk_is_known_by_number_by_words_and_behind_another_error(tmp_path, monkeypatch):
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path))
    assert is_full(OSError(errno.ENOSPC, "x"))
    assert is_full(sqlite3.OperationalError("database or disk is full"))
    outer = ValueError("could not be made")
    outer.__cause__ = duckdb.IOException("Could not write file: No space left on device")
    assert is_full(outer)
    assert not is_full(ValueError("could not be made"))
    assert not is_full(OSError(errno.EACCES, "x"))
    assert not is_full(None)


def test_what_a_library_calls_otherwise_is_a_full_disk_where_nothing_is_free(disk):
    error = sqlite3.OperationalError("disk I/O error")
    assert not is_full(error)
    fill(disk)
    assert is_full(error)
    said = str(DiskFull("it was loaded"))
    assert f"no space left on the disk of {disk} while it was loaded" in said
    assert "The published baseline is unchanged. Free about" in said


def test_a_copy_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    source, target = tmp_path / "delivered.csv", tmp_path / "quarantine.csv"
    source.write_text("rows")
    synced = []
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(target.exists()))
    copy_whole(source, target)
    assert synced == [False]
    assert target.read_text() == "rows"


def test_a_file_stays_as_it_was_where_the_new_one_finds_no_room(disk):
    path = disk / "page.html"
    write_whole(path, "old")
    fill(disk)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, "new" * LEAST_BYTES)
    assert path.read_text() == "old"
    assert sorted(p.name for p in disk.iterdir()) == ["ballast", "page.html"]
    (disk / "ballast").unlink()
    write_whole(path, "new")
    assert path.read_text() == "new"


def test_a_warehouse_that_finds_no_room_opens_again_as_it_was(disk):
    with writer("a warehouse") as connection:
        connection.execute("create table raw.kept as select range as n from range(1000)")
    fill(disk)
    with pytest.raises(Exception) as raised, writer("too much") as connection:
        connection.execute("create table raw.much as select random() as x from range(1000000)")
    assert is_full(raised.value)
    (disk / "ballast").unlink()
    with writer("after it was freed") as connection:
        assert connection.execute("select sum(n) from raw.kept").fetchall() == [(499500,)]
        found = connection.execute("select table_name from duckdb_tables()").fetchall()
        assert ("much",) not in found


def test_a_line_of_the_register_that_was_cut_short_spoils_no_other(tmp_path, monkeypatch):
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path))
    register_path().parent.mkdir()
    record("published", "one")
    with register_path().open("a") as file:
        file.write('{"at": "2016')
    record("published", "two")
    assert [entry["release"] for entry in entries()] == ["one", "two"]
