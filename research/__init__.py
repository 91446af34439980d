"""What is measured and trained here: none of it serves a page, and none of it is in the image."""
