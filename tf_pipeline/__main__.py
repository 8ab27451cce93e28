"""`python -m tf_pipeline` is `tf-pipeline`."""

from tf_pipeline.cli import main

main()
