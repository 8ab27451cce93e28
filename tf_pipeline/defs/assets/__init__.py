"""The assets that Dagster shows, one file an asset or layer."""
