"""Published archives: where they are, fetched, checked and unpacked."""
