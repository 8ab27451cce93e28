"""The assets that Dagster shows, one file per asset or layer."""
