"""The dashboard as an ASGI app: Streamlit pages, signed images, uploads, security headers, the worker's life."""
