"""Whether delivery keeps its word: workers killed at any instant, and ten thousand incidents at once."""
