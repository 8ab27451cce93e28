"""What Dagster is told: assets, checks, jobs, schedules, sensors. The only place that imports it."""
