"""A finished film made to fit where only so many bytes may be attached."""
