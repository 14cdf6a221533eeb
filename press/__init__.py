"""What turns the course's sources into editions, decks, PDFs and the site.

No notebook imports it.
"""
