"""Shows the effect of a change before anybody makes it: changed rows, changed thresholds.

Belongs here: results that are shown but never stored. Does not belong here: loads, releases.
"""
