"""The desk in a browser: one file for each page; `app.py` puts them together."""
