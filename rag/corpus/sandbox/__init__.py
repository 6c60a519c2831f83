"""A process of its own, within limits, for files that can do harm to their parser."""
