"""The commands: one file each. `main` picks one, opens nothing itself and maps errors to exit codes."""
