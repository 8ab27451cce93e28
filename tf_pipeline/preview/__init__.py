"""What a change would do before anybody makes it: changed rows, changed thresholds.

Belongs here: results that are shown and never stored. Does not belong here: loads, releases.
"""
