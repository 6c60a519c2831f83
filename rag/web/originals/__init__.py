"""The files that documents were read from: served as they are, and pages of PDFs as they look."""
