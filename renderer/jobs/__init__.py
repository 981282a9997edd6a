"""The queue and its workers: rows are the truth, a broker only wakes."""
