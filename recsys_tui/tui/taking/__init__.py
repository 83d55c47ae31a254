"""What can be taken away: tables, commands, pictures."""
