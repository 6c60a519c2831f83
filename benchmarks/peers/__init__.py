"""Shiori beside txtai, LlamaIndex and Haystack, over the same passages: ``python -m benchmarks.peers``."""
