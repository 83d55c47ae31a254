"""Dialogs over the workbench, one a file: start, user picker, presets, help, quitting."""
