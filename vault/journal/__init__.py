"""A journal: anyone may append to its inbox (with the public key alone), only an opened vault reads.

`kinds` says what it may hold and `contents` what reading gives; neither knows Django. `entries` appends, `reading`
reads, and `compaction` moves the inbox into monthly pages and makes every other change. Formats: `docs/formats.md`.
"""
