"""The report on a comparison: the same sections as Markdown and as one HTML page."""
