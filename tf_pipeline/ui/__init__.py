"""The Dagster UI as this project starts it."""
