"""The pages of orders: for guests in LINE or any browser, for the counter, for the menus.

They are static: HTML, one style sheet and small modules, without a build step. All they know
they ask the API for.
"""
