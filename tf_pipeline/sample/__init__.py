"""Makes obviously synthetic deliveries by reading shapes and crosswalks backwards.

Canonical population → canonical rows of a month → an authority's words, headings, dates and files.
Belongs here: inventing families and writing them as each authority would. No authority is named:
what one of them does comes from its YAML and the seeds alone.
Does not belong here: opening deliveries (`ingest`) and anything about real people.
"""
