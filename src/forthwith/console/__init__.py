"""The console: pages for people who run Forthwith, and a chat to try its bots without LINE.

One process of its own in a fleet, mounted in the one process of `forthwith up` otherwise: what
a page shows lives in the memory of the process that serves it.
"""
