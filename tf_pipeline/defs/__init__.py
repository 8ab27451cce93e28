"""What Dagster is told: assets, checks, jobs, schedules, sensors. Only this imports it."""
