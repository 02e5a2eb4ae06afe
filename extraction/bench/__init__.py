"""How fast the product itself is, apart from the model behind it."""
