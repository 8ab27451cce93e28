"""Alerts: what a person must hear of, and the channels that carry it.

Belongs here: reading what is red, missing or old; sending each once.
Does not belong here: Dagster (`defs/alert_sensor.py`), judging data (gates).
"""
