"""One file a screen; each asks a service for one view and draws it."""
