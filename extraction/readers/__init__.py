"""The readers there are. A new one is one file here and one line in READERS."""
