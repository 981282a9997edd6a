"""What several entries show together: worked out before rules run, and only what some rule asks for."""
