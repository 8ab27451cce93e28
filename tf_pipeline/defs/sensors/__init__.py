"""The sensors, one file each. All of them are on as soon as the daemon runs."""
