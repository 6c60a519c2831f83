"""Bytes into characters: which encoding a file is in."""
