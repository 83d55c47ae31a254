"""Words for people and writers for machines: message catalogue, errors, crowd gate, text neutralising, CSV and JSON.

Imports nothing from the rooms above it.
"""
