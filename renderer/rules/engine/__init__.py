"""Running rules: every thing that happened is looked at once, however many rules there are."""
