"""Work that outlives a request: its queue, its folders, what is downloaded of it."""
