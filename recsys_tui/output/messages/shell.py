"""Sentences of what surrounds the views of the workbench: help, palette, last line, themes, being there again."""

from __future__ import annotations

ENGLISH: dict[str, str] = {
    # Keys that views do not describe: how one moves
    "shell.move_up": "Up",
    "shell.move_down": "Down",
    "shell.move_page_up": "Page up",
    "shell.move_page_down": "Page down",
    "shell.move_start": "First",
    "shell.move_end": "Last",
    "shell.move_choose": "Open what is under the cursor",
    "shell.move_left": "Left",
    "shell.move_right": "Right",
    "shell.move_next_pane": "Next pane",
    "shell.move_previous_pane": "Previous pane",
    "shell.interrupt": "Copy what is selected, else quit",
    "shell.back": "Back (never quits)",
    # Short words of the last line, where what a key does is long
    "shell.short_train_stop": "Stop",
    "shell.short_train_discard": "Discard",
    "shell.short_train_start": "Train",
    "shell.short_user_pick": "User",
    "shell.short_item_pick": "Item",
    "shell.short_user_next": "Next",
    "shell.short_data_open": "Open",
    "shell.short_train_parameters": "Params",
    "shell.short_edit_what_if": "What if",
    "shell.short_compare_blind": "Blind",
    "shell.short_cluster_compare": "Compare",
    "shell.short_cluster_rename": "Rename",
    # Help and palette
    "shell.help_title": "Keys of {mode}",
    "shell.help_hint": "type to filter; ↵ runs it",
    "shell.palette_title": "All commands",
    "shell.palette_hint": "what to do; ↵ runs it",
    "shell.no_such_command": "no command does that",
    "shell.not_now": "not now, because",
    "shell.go_to": "Go to {mode}",
    "shell.train_preset": "Train {preset}: {about}",
    "shell.rank_by": "Rank by {model}",
    "shell.use_theme": "Theme {theme}",
    "shell.open_data": "Open {name}",
    # Themes
    "shell.themes_title": "Theme",
    "shell.themes_hint": "The one under the cursor is tried at once; ↵ keeps it, Esc goes back.",
    "shell.theme_contrast": "high contrast",
    "shell.theme_light": "light",
    "shell.theme_terminal": "the colours of the terminal",
    # Why a key can do nothing now
    "shell.nobody_to_rank": "Press {key} to pick a user.",
    "shell.nothing_open": "Nothing is open: {key} opens data.",
    "shell.still_reading": "The data is still being read.",
    "shell.no_model": "Train a model first: {key}",
    "shell.only_users": "Go to the users first: {key}",
    "shell.nothing_trains": "No training runs.",
    "shell.no_list": "There is no list here.",
}
