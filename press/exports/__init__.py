"""What notebooks become: decks, pages, PDFs, the site, the live view."""
