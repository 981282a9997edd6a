"""How a rule is written: text to places, places to models, models to checked rules."""
