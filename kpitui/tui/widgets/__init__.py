"""Values in, messages out; they know no service."""
