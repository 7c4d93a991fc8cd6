"""Views to documents and to words. Nothing here reads a store or knows a terminal."""
