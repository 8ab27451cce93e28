"""The UI in a real headless browser: the lineage, and one delivery with its gate."""

import contextlib
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import MONTHS
from tests.support.commands import Ran
from tests.support.ui import asked, served_ui
from tf_pipeline.authorities import registry

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# where a person can look at the pictures; kept by whoever sets it
PICTURES = os.environ.get("TF_SCREENSHOTS")

NEW = "2016-07"
MONTHS_SHOWN = '{ assetNodes(assetKeys: [{path: ["published", "gm_baseline"]}]) { partitionKeys } }'
in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="no browser: install Debian's chromium")


@pytest.fixture(scope="module")
def leads_ui(loaded: Ran) -> Iterator[str]:
    """The read-only UI on the loaded instance, as `make ui-leads` starts it."""
    with served_ui(loaded.data) as address:
        yield address


@contextlib.contextmanager
def new_page() -> Iterator:
    """A page in a headless browser that asks nothing of the network by itself."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
            ],
        )  # fmt: skip
        view = browser.new_page(viewport={"width": 1900, "height": 1200})
        yield view
        browser.close()


@pytest.fixture(scope="module")
def page(leads_ui: str) -> Iterator:
    with new_page() as view:
        yield view


def picture(page, tmp_path: Path, name: str) -> Path:
    folder = Path(PICTURES) if PICTURES else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    page.screenshot(path=str(path))
    return path


@in_a_browser
def test_a_lead_sees_the_lineage_from_deliveries_to_the_baseline(leads_ui, page, tmp_path):
    page.goto(f"{leads_ui}/asset-groups")
    for group in ("deliveries", "reference", "staging", "intermediate", "audit", "baseline"):
        page.get_by_text(group, exact=True).first.wait_for(timeout=60_000)
    page.wait_for_timeout(2_000)
    assert picture(page, tmp_path, "lineage").stat().st_size > 20_000
    page.goto(f"{leads_ui}/locations/tf_pipeline/asset-groups/deliveries/list")
    for authority in registry.authorities():
        page.get_by_text(authority).first.wait_for(timeout=60_000)
    page.goto(f"{leads_ui}/assets/published/gm_baseline?view=lineage")
    for table in ("need_prevalence", "intensity_summary", "work_list"):
        page.get_by_text(table).first.wait_for(timeout=60_000)
    page.wait_for_timeout(1_000)
    assert picture(page, tmp_path, "lineage-baseline").stat().st_size > 20_000


@in_a_browser
def test_a_lead_sees_one_delivery_with_its_gate(leads_ui, page, tmp_path):
    authority = registry.authorities()[2]
    page.goto(f"{leads_ui}/assets/delivery/{authority}?view=checks")
    page.get_by_text("gate", exact=True).first.wait_for(timeout=60_000)
    page.get_by_text("rules hold", exact=False).first.wait_for(timeout=60_000)
    page.wait_for_timeout(1_000)
    assert picture(page, tmp_path, "delivery-gate").stat().st_size > 20_000
    page.goto(f"{leads_ui}/assets/delivery/{authority}?view=partitions&partition={MONTHS[-1]}")
    page.get_by_text(MONTHS[-1]).first.wait_for(timeout=60_000)
    page.wait_for_timeout(1_000)
    text = page.inner_text("body")
    assert "team:" in text or "authority-analysts" in text or MONTHS[0] in text
    assert picture(page, tmp_path, "delivery-month").stat().st_size > 20_000


@in_a_browser
def test_the_gates_pages_open_in_a_browser_without_a_network(loaded, page, tmp_path):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((loaded.data / "docs" / "gates" / "index.html").as_uri())
    page.get_by_text(MONTHS[-1]).first.wait_for()
    page.get_by_text(MONTHS[-1]).first.click()
    page.get_by_text("gm.families").first.wait_for()
    assert picture(page, tmp_path, "gates").stat().st_size > 10_000
    assert [url for url in asked if not url.startswith("file:")] == []


def test_a_month_that_is_loaded_while_the_ui_is_open_is_shown(leads_ui, loaded, monkeypatch):
    """A load adds its month to the instance before it begins; the UI asks for no reload."""
    import dagster as dg

    from tf_pipeline.defs.partitions import show_months

    def shown() -> list[str]:
        (node,) = asked(leads_ui, MONTHS_SHOWN)["assetNodes"]
        return sorted(node["partitionKeys"])

    assert shown() == MONTHS
    monkeypatch.setenv("DAGSTER_HOME", str(loaded.data / "dagster"))
    with dg.DagsterInstance.get() as instance:
        try:
            show_months(instance, [NEW])
            assert shown() == [*MONTHS, NEW]
        finally:
            instance.delete_dynamic_partition("month", NEW)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/graphql?query=mutation%7B__typename%7D", {}, 405),
        ("POST", "/graphql?query=mutation%7B__typename%7D", {"Content-Type": "text/plain"}, 415),
        ("POST", "/graphql", {"Content-Type": "application/json", "Origin": "http://x.io"}, 403),
        ("GET", "/", {"Host": "x.example"}, 403),
        ("GET", "/", {}, 200),
    ],
)  # fmt: skip
def test_the_ui_answers_its_user_only(leads_ui, method, path, headers, status):
    body = b'{"query": "mutation{__typename}"}' if method == "POST" else None
    request = urllib.request.Request(leads_ui + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.status == status
    except urllib.error.HTTPError as refused:
        assert (refused.code, refused.read()[:8]) == (status, b"Refused:")
