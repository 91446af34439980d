"""The site: settings, accounts, keys and health. No rule about people's feelings lives here."""

import os

__version__ = "1.0.0"

# Before anything imports numpy: here matrices are small and requests many, and threads of its own only wait for each
# other. With two busy cores, summing up five years took four times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
