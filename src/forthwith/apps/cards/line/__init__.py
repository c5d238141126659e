"""The bot in LINE: events are taken in, photos read by turns, answers delivered once."""
