"""Training, evaluation and benchmarks. Nothing here serves a page, and nothing here is in the image."""
