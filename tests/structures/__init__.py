"""Receipts of many structures, drawn at random from a seed with their truth: nobody wrote a rule for one of them."""
