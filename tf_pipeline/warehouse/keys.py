"""Pseudonyms: a keyed hash (HMAC-SHA256) of an authority's own id; the key never enters DuckDB."""

import hmac
import re
import secrets
import stat
from pathlib import Path

import duckdb
import polars as pl

from tf_pipeline import paths
from tf_pipeline.errors import UserFacingError
from tf_pipeline.files import write_whole

KEY_BYTES = 32
# 80 bits: for a hundred million ids a clash has a chance below one in a hundred million
PSEUDONYM_LENGTH = 20


class KeyMissing(UserFacingError):
    """A warehouse or a release exists without its key; a new key would change pseudonyms."""


def ensure_key() -> bytes:
    """The key; makes one only if neither a warehouse nor a release exists yet.

    Raises KeyMissing if it is absent otherwise, or if anyone but its owner can read it.
    """
    path = paths.key_path()
    if path.exists():
        return _read(path)
    if paths.warehouse_path().exists() or any(paths.published_dir().glob("*/gm_baseline.duckdb")):
        raise KeyMissing(
            f"the pseudonym key {path} is missing, but a warehouse or release made with it "
            "exists. Restore the key from its backup; a new key would change every pseudonym"
        )
    return make_key()


def make_key() -> bytes:
    """Makes a key; raises FileExistsError if there is one."""
    path = paths.key_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, secrets.token_hex(KEY_BYTES), 0o600)
    return _read(path)


def _read(path: Path) -> bytes:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyMissing(f"people other than the owner can read {path}; run: chmod 600 {path}")
    text = path.read_text().strip()
    if not re.fullmatch(rf"[0-9a-f]{{{2 * KEY_BYTES}}}", text):
        raise KeyMissing(f"{path} does not hold a key; restore it from its backup")
    return bytes.fromhex(text)


def pseudonym(key: bytes, authority: str, kind: str, local_id: str) -> str:
    """The published key of one local id: 20 hexadecimal characters, stable across months."""
    message = "\x1f".join((authority, kind, local_id)).encode()
    return hmac.digest(key, message, "sha256").hex()[:PSEUDONYM_LENGTH]


def refuse_another_key(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Detects a wrong key: the warehouse stores the pseudonym of a fixed text.

    Raises KeyMissing.
    """
    check = pseudonym(key, "", "check", "")
    known = connection.execute("select value from restricted.key_check").fetchone()
    if known is None:
        connection.execute("insert into restricted.key_check values (?)", [check])
    elif known[0] != check:
        raise KeyMissing(
            f"{paths.key_path()} is not the key of this warehouse. Restore the right key from its "
            "backup; another key would change every pseudonym"
        )


def extend_key_map(connection: duckdb.DuckDBPyConnection) -> int:
    """Adds a pseudonym for every id in staging that has none yet; returns how many."""
    key = ensure_key()
    refuse_another_key(connection, key)
    new = connection.sql(
        """
        with ids as (
            select authority, 'family' as kind, local_family_id as local_id
            from staging.stg_families
            union
            select authority, 'person', local_person_id from staging.stg_people
        )

        select ids.authority, ids.kind, ids.local_id
        from ids
        anti join restricted.key_map as known
            on ids.authority = known.authority
            and ids.kind = known.kind
            and ids.local_id = known.local_id
        where ids.local_id is not null
        order by all
        """
    ).pl()
    if new.height:
        keys = [pseudonym(key, *row) for row in new.iter_rows()]
        new = new.with_columns(pl.Series("key", keys))
        connection.execute("insert into restricted.key_map select * from new")
    return new.height
