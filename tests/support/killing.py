"""Kills loads at random moments and fills disks; reports the state after each.

Belongs here: the program that test_kills.py runs in a separate process; one JSON object per line.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.support.town import MONTHS
from tests.support.warm import Folder, counts, differing, in_child, say, wait_for, warm_up

EARLIER, LATER = MONTHS
# one of this many kills hits the very first load of an empty data folder
FROM_NOTHING = 5
# free space for a load on a disk, in MB: from almost nothing to nearly enough
ROOMS = [0.1, 1, 3, 6]


def load_whole(folder: Folder, month: str, content: str) -> float:
    """Validates and builds everything without a kill; must succeed; returns the seconds."""
    started = time.monotonic()
    code = folder.load(month, content, again=True)
    assert code == 0, folder.log.read_text()
    return time.monotonic() - started


def restored(folder: Folder, name: str) -> Folder:
    """Another data folder, restored from a backup of one."""

    def back_up_and_restore() -> None:
        from tf_pipeline.upkeep.backup import backup, restore

        os.environ["TF_DATA_DIR"] = str(folder.data)
        made = backup(folder.work / "backups")
        os.environ["TF_DATA_DIR"] = str(folder.work / name)
        restore(made)

    log = folder.work / "restore.log"
    assert wait_for(in_child(back_up_and_restore, log)) == 0, log.read_text()
    return Folder(folder.work, name)


class Killing:
    """One undisturbed data folder, and one restored from its backup, whose loads are killed."""

    def __init__(self, work: Path, seed: int) -> None:
        self.work, self.chance = work, random.Random(seed)
        self.undisturbed = Folder(work, "undisturbed")
        load_whole(self.undisturbed, EARLIER, "a")
        self.first = self.undisturbed.look()["published"]
        self.killed = restored(self.undisturbed, "data")
        self.seconds = load_whole(self.undisturbed, LATER, "a")
        self.wanted = {"a": self.undisturbed.look()["published"]}
        self.standing, self.content = self.first, "b"
        say(seed=seed, seconds_of_a_load=round(self.seconds, 1))

    def kill(self, number: int) -> bool:
        """Kills one load, checks, loads again; False if the load ended before the kill."""
        is_fresh = number % FROM_NOTHING == 0
        one = Folder(self.work, f"fresh{number}") if is_fresh else self.killed
        month, content = (EARLIER, "a") if is_fresh else (LATER, "ba"["ab".index(self.content)])
        moment = self.chance.uniform(0, self.seconds)
        if one.load(month, content, moment) is not None:
            if not is_fresh:
                self.standing, self.content = self.wanted[content], content
            return False
        phase, after = one.phase(), one.look()["published"]
        seconds = time.monotonic()
        code = one.load(month, content)
        if phase != "after":
            # the machine may be more or less busy than before
            self.seconds = time.monotonic() - seconds
        then = one.look()
        if is_fresh:
            # another key: the same number of rows, but other pseudonyms
            wanted, whole = counts(self.first), counts(after) in ({}, counts(self.first))
            is_right = counts(then["published"]) == wanted
        else:
            wanted = self.wanted[content]
            whole = after in (self.standing, wanted)
            is_right = then["published"] == wanted
            self.standing, self.content = then["published"], content
        say(
            kill=number, at=round(moment, 2), phase=phase, from_nothing=is_fresh, whole=whole,
            next_load=code, right=is_right, left=then["left"], unended=then["unended"],
            problem="" if code == 0 and is_right else one.log.read_text()[-1500:],
        )  # fmt: skip
        if is_fresh:
            shutil.rmtree(one.data)
        return True

    def kill_many(self, kills: int) -> None:
        """Kills this many loads; finally compares with the undisturbed folder."""
        if kills > 1:
            load_whole(self.undisturbed, LATER, "b")
            self.wanted["b"] = self.undisturbed.look()["published"]
        done = 0
        while done < kills:
            done += self.kill(done + 1)
        load_whole(self.undisturbed, LATER, self.content)
        one, other = self.killed.look(), self.undisturbed.look()
        say(
            published_differs=differing(one["published"], other["published"]),
            warehouse_differs=differing(one["warehouse"], other["warehouse"]),
            tables=len(one["warehouse"]),
        )

    def fill(self, rooms: list[float]) -> None:
        """Loads on disks that are too small, then on a larger one; no load may lose old data."""
        disk = Folder(self.work, "disk")
        disk.data.mkdir()
        held = sum(p.stat().st_size for p in self.killed.data.rglob("*") if p.is_file())
        # every file takes at least one memory page there
        held += 4096 * sum(1 for _ in self.killed.data.rglob("*"))
        refused = mount(disk.data, held + (64 << 20))
        if refused:
            say(disk="", skipped=refused)
            return
        try:
            shutil.copytree(self.killed.data, disk.data, symlinks=True, dirs_exist_ok=True)
            content = "ba"["ab".index(self.content)]
            before = disk.look()["published"]
            for room in rooms:
                used = shutil.disk_usage(disk.data).used
                mount(disk.data, used + int(room * (1 << 20)), "remount,")
                code, said = disk.load(LATER, content), disk.log.read_text()
                mount(disk.data, used + (64 << 20), "remount,")
                after = disk.look()
                say(
                    disk=room, code=code, phase=disk.phase(), said=said[-3000:],
                    stands=after["published"] == before, left=after["left"],
                )  # fmt: skip
                if code == 0:
                    break
            code = disk.load(LATER, content)
            after = disk.look()
            say(
                disk="freed", code=code, left=after["left"], unended=after["unended"],
                right=after["published"] == self.wanted[content]
                if content in self.wanted
                else after["published"] != before,
                said=disk.log.read_text()[-700:],
            )  # fmt: skip
        finally:
            subprocess.run(["umount", str(disk.data)], check=False)


def mount(folder: Path, size: int, how: str = "") -> str:
    """Mounts a disk in memory, size in bytes; returns the reason if that is not allowed."""
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"{how}size={size // 4096 * 4096}", "tmpfs", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stderr.strip() if done.returncode else ""


def main(work: Path, kills: int, seed: int, disks: int) -> Any:
    """The program: kills `kills` loads and tries `disks` disks that are too small."""
    warm_up(work / "undisturbed")
    killing = Killing(work, seed)
    killing.kill_many(kills)
    killing.fill(ROOMS[len(ROOMS) - disks :])


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
