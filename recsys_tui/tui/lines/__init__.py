"""What is known, as lines of text to draw."""
