"""The privacy proof: a day of several employees, then every attacker in scope tries to read it.

`make privacy-proof` runs it (`python -m tests.proof`) and writes docs/privacy-proof.md. It ends with exit code 1 when
anything was read, when anything altered was believed, or when a search does not find what it must be able to find.
"""
