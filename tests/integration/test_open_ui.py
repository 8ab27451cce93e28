"""A UI that is open shows a month that is loaded later, without a reload of the definitions."""

import shutil

from tests.support.town import AUTHORITIES, MONTHS
from tests.support.ui import asked, served_ui

NEW = "2016-07"
MONTHS_SHOWN = '{ assetNodes(assetKeys: [{path: ["published", "gm_baseline"]}]) { partitionKeys } }'


def shown(address: str) -> list[str]:
    (node,) = asked(address, MONTHS_SHOWN)["assetNodes"]
    return sorted(node["partitionKeys"])


def test_a_month_that_is_loaded_while_the_ui_is_open_is_shown(town_copy, tmp_path):
    sent = tmp_path / "inbox" / NEW / AUTHORITIES[0]
    shutil.copytree(town_copy.inbox / MONTHS[0] / AUTHORITIES[0], sent)
    with served_ui(town_copy.data, **town_copy.environment) as address:
        assert shown(address) == MONTHS
        ran = town_copy.run("load", NEW, "--inbox", str(sent.parents[1]))
        # last month's rows sent again are rejected; what stood is published for the new month
        assert ran.code == 3, ran.output
        assert shown(address) == [*MONTHS, NEW]
