"""One setting encrypts the warehouse at rest, a plain one too; without its key nothing opens."""

import duckdb
import pytest

from tests.conftest import MONTHS
from tests.support.town import Town
from tf_pipeline import paths
from tf_pipeline.warehouse.connect import writer
from tf_pipeline.warehouse.opening import (
    VARIABLE,
    EncryptionKeyMissing,
    attach,
    is_encrypted,
    open_warehouse,
    rewrite,
)

NAME = b"Zyxwhistle"


@pytest.fixture
def setting(tmp_path, monkeypatch):
    """A data folder of the test's own, and the name of a key file that is not there yet."""
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv(VARIABLE, str(tmp_path / "keys" / "warehouse.key"))
    return tmp_path / "keys" / "warehouse.key"


def land() -> None:
    with writer("a name") as connection:
        connection.execute("create table raw.names as select ? as name", [NAME.decode()])


def held() -> list[tuple]:
    with writer("reading") as connection:
        return connection.execute("select name from raw.names").fetchall()


def in_the_clear() -> bool:
    folder = paths.warehouse_path().parent
    return any(NAME in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_new_warehouse_is_encrypted_with_a_key_made_for_its_owner(setting):
    land()
    assert is_encrypted(paths.warehouse_path())
    assert held() == [(NAME.decode(),)]
    assert not in_the_clear()
    assert setting.stat().st_mode & 0o077 == 0
    with pytest.raises(duckdb.CatalogException, match="without a key"):
        duckdb.connect().execute(f"attach '{paths.warehouse_path()}' as w (read_only)")


def test_a_plain_warehouse_is_encrypted_by_the_next_writer(setting, monkeypatch):
    monkeypatch.delenv(VARIABLE)
    land()
    assert in_the_clear() and not is_encrypted(paths.warehouse_path())
    monkeypatch.setenv(VARIABLE, str(setting))
    assert held() == [(NAME.decode(),)]
    assert is_encrypted(paths.warehouse_path()) and not in_the_clear()
    rewrite(paths.warehouse_path())
    assert held() == [(NAME.decode(),)] and not in_the_clear()


def test_without_its_key_nothing_opens_and_none_is_made(setting, monkeypatch):
    land()
    key = setting.read_text()
    setting.unlink()
    with pytest.raises(EncryptionKeyMissing, match="is missing"):
        held()
    assert not setting.exists()
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(EncryptionKeyMissing, match=f"set {VARIABLE}"):
        open_warehouse(paths.warehouse_path(), read_only=True)
    monkeypatch.setenv(VARIABLE, str(setting))
    setting.write_text("0" * 64)
    setting.chmod(0o600)
    with pytest.raises(EncryptionKeyMissing, match="is not the key") as refused:
        attach(duckdb.connect(), paths.warehouse_path(), "w")
    assert "0" * 64 not in str(refused.value)
    setting.write_text(key)
    setting.chmod(0o644)
    with pytest.raises(EncryptionKeyMissing, match="chmod 600"):
        held()


def test_a_load_and_an_explanation_work_on_an_encrypted_warehouse(town_copy, tmp_path):
    key = {VARIABLE: str(tmp_path / "keys" / "warehouse.key")}
    warehouse = town_copy.data / "warehouse" / "warehouse.duckdb"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        names = connection.execute(
            "select distinct surname from staging.stg_people where length(surname) > 7"
        ).fetchall()
    assert any(name.encode() in warehouse.read_bytes() for (name,) in names)
    ran = town_copy.run("load", MONTHS[-1], "--inbox", str(town_copy.folder / "inbox/b"), **key)
    assert ran.code == 0, ran.output
    assert is_encrypted(warehouse)
    content = warehouse.read_bytes()
    assert not [name for (name,) in names if name.encode() in content]
    said = town_copy.run("explain", "--draw", "2", **key)
    assert said.code == 0, said.output
    refused = town_copy.run("explain", "--draw", "2")
    assert refused.code == 1 and f"set {VARIABLE}" in refused.output
    kept = town_copy.run("backup", str(tmp_path / "backups"), **key)
    assert f"does not hold the key of its warehouse ({VARIABLE})" in " ".join(kept.output.split())
    restored_town = Town(town_copy.folder, tmp_path / "restored")
    (backup,) = (tmp_path / "backups").iterdir()
    restored = restored_town.run("restore", str(backup), **key)
    assert restored.code == 0, restored.output
    assert is_encrypted(tmp_path / "restored/warehouse/warehouse.duckdb")
    said = restored_town.run("explain", "--draw", "2", **key)
    assert said.code == 0, said.output
    with ran.published() as release:
        assert release.execute("select count(*) from gm.families").fetchone()[0] > 0
    secret = (tmp_path / "keys" / "warehouse.key").read_bytes()
    files = [path for path in town_copy.data.rglob("*") if path.is_file()]
    assert not [path.name for path in files if secret in path.read_bytes()]
