"""A network looked at from inside: each number on its way, what its neurons know, and what becomes of it when it is changed."""
