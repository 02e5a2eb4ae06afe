"""What a document is: its fields, values and cells, and what an extraction says of them. Imports nothing of ours."""
