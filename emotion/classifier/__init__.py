"""From image bytes to a `Reading`: face detection, quality checks and the expression network, without Django."""
