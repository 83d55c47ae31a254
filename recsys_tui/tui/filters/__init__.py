"""What somebody types to find users and items, and what it finds."""
