"""Papers from telephones: tickets, the page that takes pictures and PDFs, and what becomes of a file."""
