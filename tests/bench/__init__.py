"""`make bench`: what a load costs, beside plain dbt and a bare floor. No test rests on a time."""
