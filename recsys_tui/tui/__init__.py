"""The workbench: Textual screens and widgets over the same core as the command line."""
