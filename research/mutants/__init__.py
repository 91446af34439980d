"""Deliberate one-line mistakes in the packages that matter, and whether the tests notice them.

`make mutants` takes a seeded sample of every package, puts one mistake after another into a copy of the tree, asks the
tests nearest to it, and writes docs/measurements/mutants.json.
"""
