"""Keys and sealing: who can open what. Handles bytes only, without Django. Byte formats: `docs/formats.md`."""
