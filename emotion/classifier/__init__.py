"""Bytes in, `Reading` out: faces, quality and the expression network, without Django."""
