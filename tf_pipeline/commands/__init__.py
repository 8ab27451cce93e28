"""The commands of `tf-pipeline`, a module a group: they ask, show and set the exit code."""
