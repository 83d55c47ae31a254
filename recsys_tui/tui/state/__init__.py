"""What the workbench knows: frozen data apart from widgets."""
