"""Rules over a document: each gives passed, failed with a flag, or cannot check because of something missing."""
