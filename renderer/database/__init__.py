"""What the service knows, in SQL: the rows are the truth, brokers and processes only act on them."""
