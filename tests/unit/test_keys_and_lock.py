"""The key is never remade beside existing data; one writer at a time, and a dead one lets go."""

import subprocess
import sys

import duckdb
import pytest

from tests.support.commands import REPO, clean_environment
from tf_pipeline import paths
from tf_pipeline.warehouse.connect import kept_open, reader, writer
from tf_pipeline.warehouse.keys import KeyMissing, ensure_key, extend_key_map, pseudonym
from tf_pipeline.warehouse.lock import WarehouseBusy, write_lock

HOLD = """
import sys, time
from tf_pipeline.warehouse.lock import write_lock
with write_lock("holding for a test"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def own_data(tmp_path, monkeypatch):
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path))


def test_the_key_is_made_once_and_for_its_owner_only():
    key = ensure_key()
    assert len(key) == 32
    assert ensure_key() == key
    assert paths.key_path().stat().st_mode & 0o077 == 0
    paths.key_path().chmod(0o644)
    with pytest.raises(KeyMissing, match="chmod 600"):
        ensure_key()


def test_a_file_that_holds_no_key_is_no_key():
    ensure_key()
    paths.key_path().write_text("")
    with pytest.raises(KeyMissing, match="does not hold a key"):
        ensure_key()


def test_another_key_than_the_warehouse_was_made_with_is_refused():
    with writer("a warehouse") as connection:
        connection.execute("create schema staging")
        connection.execute(
            "create table staging.stg_families as select 'a' as authority, '1' as local_family_id"
        )
        connection.execute(
            "create table staging.stg_people as select 'a' as authority, '2' as local_person_id"
        )
        assert extend_key_map(connection) == 2
        assert extend_key_map(connection) == 0
        paths.key_path().write_text("0" * 64)
        with pytest.raises(KeyMissing, match="not the key of this warehouse"):
            extend_key_map(connection)


def test_no_new_key_beside_a_warehouse_or_a_release():
    with writer("a first warehouse"):
        pass
    assert paths.warehouse_path().stat().st_mode & 0o077 == 0
    paths.key_path().unlink()
    with pytest.raises(KeyMissing, match="Restore the key"), writer("again"):
        pass
    paths.warehouse_path().unlink()
    release = paths.published_dir() / "r1"
    release.mkdir(parents=True)
    (release / "gm_baseline.duckdb").touch()
    with pytest.raises(KeyMissing):
        ensure_key()


def test_a_reader_makes_nothing_and_changes_nothing():
    with reader("there is no warehouse yet") as connection:
        assert connection is None
    assert not paths.warehouse_path().exists() and not paths.key_path().exists()
    with writer("a warehouse"):
        pass
    with reader("outside a load") as connection, pytest.raises(duckdb.InvalidInputException):
        connection.execute("create table raw.new as select 1")
    with kept_open(), writer("a load") as written:
        written.execute("create table raw.landed as select 1 as n")
        with reader("in the same load") as connection:
            assert connection.execute("from raw.landed").fetchall() == [(1,)]


def test_a_folder_that_others_could_read_is_closed_by_the_next_writer():
    for folder in (paths.quarantine_dir(), paths.warehouse_path().parent):
        folder.mkdir(mode=0o755)
    with writer("closing"):
        for folder in (paths.quarantine_dir(), paths.warehouse_path().parent):
            assert folder.stat().st_mode & 0o077 == 0


def test_a_pseudonym_depends_on_the_key_and_on_all_of_the_id():
    one = pseudonym(b"k" * 32, "a1", "family", "F1")
    assert one == pseudonym(b"k" * 32, "a1", "family", "F1")
    others = {
        pseudonym(b"x" * 32, "a1", "family", "F1"),
        pseudonym(b"k" * 32, "a2", "family", "F1"),
        pseudonym(b"k" * 32, "a1", "person", "F1"),
        pseudonym(b"k" * 32, "a1", "family", "F2"),
    }
    assert one not in others
    assert len(others) == 4


def test_a_second_writer_waits_then_says_who_writes_and_a_killed_one_lets_go(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=REPO, env=clean_environment(tmp_path),
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout.readline().strip() == "held"
        with pytest.raises(WarehouseBusy, match="holding for a test"), write_lock("x", 0.3):
            pass
    finally:
        holder.kill()
        holder.wait()
    with write_lock("after the kill", 2):
        pass
