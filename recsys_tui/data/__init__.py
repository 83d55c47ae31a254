"""From a file to clean, encoded interactions: readers, column detection, cleaning, companion files, overview."""
