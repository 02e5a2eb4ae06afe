"""Our Streamlit widgets: the only package below pages/ that imports streamlit."""
