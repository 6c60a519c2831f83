"""The tab with a picture of the documents: each passage a point, those that are alike near each other."""
