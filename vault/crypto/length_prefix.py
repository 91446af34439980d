"""Length-prefixed byte strings, unambiguous, for authenticated contexts."""

VERSION = b"\x01"


def length_prefixed(*parts: bytes) -> bytes:
    """Join parts, each after its length as two big-endian bytes, so that no two lists of parts give the same bytes."""
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def split_length_prefixed(data: bytes, count: int) -> tuple[list[bytes], bytes]:
    """The first `count` parts of `data`, and the rest. Raises ValueError when data ends early."""
    parts: list[bytes] = []
    for _ in range(count):
        size = int.from_bytes(data[:2], "big")
        if len(data) < 2 + size:
            raise ValueError("the data ends inside a part")
        parts.append(data[2 : 2 + size])
        data = data[2 + size :]
    return parts, data
