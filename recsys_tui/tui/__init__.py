"""The workbench: Textual screens and widgets over the same core as the command line."""

import os

# What waits to be painted waits for the next of these, half of one in the mean; Textual's own figure is 60 a second.
os.environ.setdefault("TEXTUAL_FPS", "120")
# Milliseconds after Escape within which another key makes it Alt and that key, as terminals send it; Textual's own are
# 100, which a fast hand is within.
os.environ.setdefault("ESCDELAY", "50")
