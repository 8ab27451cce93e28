"""The commands of `tf-pipeline`, one module per group: they call, print, set the exit code."""
