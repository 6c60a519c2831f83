"""Scripts that print the tables of docs/results.md."""
