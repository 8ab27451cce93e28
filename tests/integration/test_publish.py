"""Readers never wait and never see half; a refused release leaves the last one standing."""

import duckdb
import pytest

from tests.conftest import MONTHS
from tf_pipeline import paths
from tf_pipeline.releases.publish import publish


@pytest.fixture(autouse=True)
def own_data(town_copy):
    """A loaded town of the test's own."""


def families(connection) -> int:
    return connection.execute("select count(*) from gm.families").fetchone()[0]


def test_an_open_reader_keeps_its_release_and_a_new_one_sees_the_next():
    reader = duckdb.connect(str(paths.current_release_path().resolve()), read_only=True)
    before, old = families(reader), paths.current_release_path().resolve()
    seen_during = []

    def gate(_):
        with duckdb.connect(str(paths.current_release_path().resolve()), read_only=True) as other:
            seen_during.append(families(other))

    release = publish(MONTHS[-1], "a fingerprint", gate)
    assert seen_during == [before]
    assert families(reader) == before
    assert paths.current_release_path().resolve() == release.path != old
    assert old.exists()
    with duckdb.connect(str(release.path), read_only=True) as new:
        assert families(new) == before
        assert new.execute(
            "select month, fingerprint from gm.releases where release_id = ?", [release.release_id]
        ).fetchone() == (MONTHS[-1], "a fingerprint")
        months = new.execute("select distinct month from gm.families order by 1").fetchall()
        assert [m for (m,) in months] == MONTHS
    reader.close()


def test_a_refused_release_is_never_seen():
    before = paths.current_release_path().resolve()
    releases = {path.name for path in paths.published_dir().iterdir()}

    def gate(_):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        publish(MONTHS[-1], "", gate)
    assert paths.current_release_path().resolve() == before
    assert {path.name for path in paths.published_dir().iterdir()} == releases


def test_a_release_of_an_earlier_month_keeps_the_later_ones():
    release = publish(MONTHS[0], "", lambda _: None)
    with duckdb.connect(str(release.path), read_only=True) as new:
        held = new.execute(
            "select months_held from gm.releases order by release_id desc"
        ).fetchone()
    assert held[0].split() == MONTHS
