"""The tab in which a file of questions is answered."""
