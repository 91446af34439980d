"""Training and evaluation of the expression classifier; the only package that imports tensorflow."""
