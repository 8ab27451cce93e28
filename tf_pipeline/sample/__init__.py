"""Makes obviously synthetic deliveries by using shapes and crosswalks in reverse.

Canonical population → canonical rows of a month → an authority's words, headings, dates and files.
Belongs here: inventing families and writing them as each authority would. The code names no
authority: an authority's YAML and the seeds alone determine what it does.
Does not belong here: opening deliveries (`ingest`) and anything about real people.
"""
