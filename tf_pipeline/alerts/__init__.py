"""Alerts: what a person must know, and the channels that send it.

Belongs here: finding what failed, is missing or is old; sending each alert once.
Does not belong here: Dagster (`defs/sensors/alert_sensor.py`), validating data (gates).
"""
