"""Object stores of the clouds: their addresses, their clients, and what their answers mean."""
