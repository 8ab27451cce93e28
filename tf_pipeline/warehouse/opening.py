"""Opens DuckDB files; encrypts the warehouse if `TF_WAREHOUSE_KEY_FILE` names a key.

Belongs here: everything about encryption, its key, and turning it on.
Does not belong here: tables (`connect.py`), the pseudonymisation key (`keys.py`).
"""

import os
import re
import secrets
import stat
from importlib.util import find_spec
from pathlib import Path

import duckdb

from tf_pipeline.errors import UserFacingError

VARIABLE = "TF_WAREHOUSE_KEY_FILE"
NAME = "warehouse"
# DuckDB's file header: the word DUCK, the version, then flags; the first flag is encryption
WORD_AT, FLAGS_AT, ENCRYPTED = 8, 20, 1
EXTENSION = "duckdb_extension_httpfs"


class EncryptionKeyMissing(UserFacingError):
    """The warehouse is encrypted, and its key is missing, not a key, or the wrong one."""


def is_encrypted(path: Path) -> bool:
    """Whether a DuckDB file's header says that it is encrypted; False if there is no file."""
    if not path.exists():
        return False
    with path.open("rb") as file:
        header = file.read(FLAGS_AT + 1)
    return len(header) > FLAGS_AT and bool(header[FLAGS_AT] & ENCRYPTED)


def open_warehouse(path: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Opens a warehouse file as the connection's own database; a new file follows the setting.

    Raises EncryptionKeyMissing.
    """
    if not is_encrypted(path) and (path.exists() or not _key_file()):
        return duckdb.connect(str(path), read_only=read_only)
    connection = in_memory(path.parent)
    try:
        _attach(connection, path, NAME, read_only, encryption_key(path))
        connection.execute(f"use {NAME}")
    except BaseException:
        connection.close()
        raise
    return connection


def quoted(text: str | Path) -> str:
    """A text as a SQL literal, for statements that take no parameter."""
    return "'" + str(text).replace("'", "''") + "'"


def attach(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, read_only: bool = True
) -> None:
    """Attaches a release or a warehouse file, whether encrypted or not."""
    key = encryption_key(path) if is_encrypted(path) else None
    _attach(connection, path, name, read_only, key)


def encrypt_where_set(path: Path) -> None:
    """Encrypts a plain warehouse if the setting is on; the caller holds the write lock."""
    if path.exists() and _key_file() and not is_encrypted(path):
        rewrite(path)


def rewrite(path: Path) -> None:
    """Copies a warehouse into a new file, without free blocks, encrypted if that is set.

    The caller holds the write lock and no connection; a crash leaves the file as it was.
    """
    fresh = path.with_name(f".{path.name}.rewriting")
    for left_over in path.parent.glob(f"{fresh.name}*"):
        left_over.unlink()
    key = encryption_key(path) if is_encrypted(path) or _key_file() else None
    with in_memory(path.parent) as connection:
        attach(connection, path, "old", read_only=False)
        _attach(connection, fresh, "fresh", False, key)
        connection.execute("checkpoint old; copy from database old to fresh; checkpoint fresh")
    fresh.chmod(0o600)
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(path)


def in_memory(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection without a file; data that does not fit in memory goes to this folder."""
    return duckdb.connect(
        config={
            "temp_directory": str(folder / "spilled.tmp"),
            "autoinstall_known_extensions": "false",
        }
    )


def encryption_key(path: Path) -> str:
    """The key in the file that the setting names; made only if the warehouse is not encrypted.

    Raises EncryptionKeyMissing.
    """
    file = _key_file()
    if file is None:
        raise EncryptionKeyMissing(f"{path} is encrypted; set {VARIABLE} to the file with its key")
    if not file.exists():
        if is_encrypted(path):
            raise EncryptionKeyMissing(
                f"the encryption key {file} is missing, and {path} cannot be read without it. "
                "Restore the key from its backup"
            )
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as made:
            made.write(secrets.token_hex(32))
            made.flush()
            os.fsync(made.fileno())
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise EncryptionKeyMissing(
            f"people other than the owner can read {file}; run: chmod 600 {file}"
        )
    text = file.read_text().strip()
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise EncryptionKeyMissing(f"{file} does not hold a key; restore it from its backup")
    return text


def load_crypto(connection: duckdb.DuckDBPyConnection) -> None:
    """Loads OpenSSL into DuckDB from an installed package; encryption needs it."""
    spec = find_spec(EXTENSION)
    folders = list(spec.submodule_search_locations or []) if spec else []
    found = [file for one in folders for file in Path(one).rglob("httpfs.duckdb_extension")]
    if not found:
        raise EncryptionKeyMissing(f"the package {EXTENSION} is not installed; run: make setup")
    connection.execute(f"load {quoted(found[0])}")


def _attach(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, read_only: bool, key: str | None
) -> None:
    options = ["read_only"] * read_only
    if key:
        load_crypto(connection)
        options.append(f"encryption_key '{key}'")
    options_sql = f" ({', '.join(options)})" if options else ""
    try:
        connection.execute(f"attach {quoted(path)} as {name}{options_sql}")
    except duckdb.InvalidInputException:
        if not key:
            raise
        # DuckDB's message may quote the statement, which contains the key
        raise EncryptionKeyMissing(
            f"{_key_file()} is not the key of {path}; restore the right key from its backup"
        ) from None


def _key_file() -> Path | None:
    named = os.environ.get(VARIABLE)
    return Path(named).resolve() if named else None
