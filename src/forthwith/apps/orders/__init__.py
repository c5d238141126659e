"""Ordering for guests who do not read Chinese, from the phone and in their own language.

The shop reads and hears Chinese.
"""
