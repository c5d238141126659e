"""Photos of business cards become contacts, one or fifty at a time.

For people who come home from a fair with a stack of cards and want them in their phone.
"""
