"""Sentences about taking away what is on screen."""

from __future__ import annotations

ENGLISH = {
    "take.copy_title": "Copy to the clipboard",
    "take.copy_id": "Item id",
    "take.copy_user": "User id",
    "take.copy_row": "Row",
    "take.copy_markdown": "Table as Markdown",
    "take.copy_csv": "Table as CSV",
    "take.copy_command": "Command",
    "take.sent": "{what}: {size} characters were sent to the terminal's clipboard, where it allows that.",
    "take.sent_much": "{what}: {size} characters were sent to the terminal's clipboard; many terminals take less. e writes a file.",
    "take.nothing_open": "Nothing is open.",
    "take.items_from_a_file": "No command prints this list: it is limited to single items, which commands read from a file.",
    "take.export_title": "Write to a file",
    "take.export_csv": "CSV",
    "take.export_json": "JSON",
    "take.export_parquet": "Parquet",
    "take.export_svg": "Screen as SVG",
    "take.about_csv": "for spreadsheets",
    "take.about_json": "for programs",
    "take.about_parquet": "for data frames",
    "take.about_svg": "a picture of the whole screen",
    "take.folder": "A name in {folder}, or a path:",
    "take.exists": "There is such a file already",
    "take.exists_hint": "{path} would be written over. Escape keeps it.",
    "take.replace": "Replace it",
    "take.written": "Written: {path}",
}
