"""Around every request: its id, its line in the log, headers that keep browsers safe, limits, and who asks."""
