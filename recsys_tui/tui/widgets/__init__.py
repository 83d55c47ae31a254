"""Widgets of the workbench, one a file. They draw what they are shown and post what was pressed."""
