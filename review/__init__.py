"""From an extraction to a person's decision: workflow, queue, corrections, export, texts, widgets."""
