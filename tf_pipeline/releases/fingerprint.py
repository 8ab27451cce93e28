"""One hash of everything that determines a month, so that a load with nothing new does nothing."""

from hashlib import sha256
from pathlib import Path

from tf_pipeline import paths
from tf_pipeline.deliveries.delivery_register import choices
from tf_pipeline.rules.rule_parts import hash_of_files, rule_parts


def fingerprint(inbox_month: Path, earlier: str) -> str:
    """Hash of the month's deliveries, the crosswalks, models, suites, shapes and code.

    `earlier` is the fingerprint of the month before, which can change the current deliveries.
    """
    # a person's confirmation lets a held delivery be accepted
    confirmations = (paths.quarantine_dir() / inbox_month.name, ["*/confirmed.json"])
    delivered = hash_of_files([(inbox_month, ["**/*"]), confirmations])
    chosen = repr(choices(inbox_month.name))
    of_all = (earlier, delivered, chosen, *rule_parts().values())
    return sha256("\0".join(of_all).encode()).hexdigest()
