"""Training and measuring of the expression classifier; the only place that imports tensorflow."""
