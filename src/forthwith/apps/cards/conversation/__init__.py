"""What the bot understands and says, in three languages. Pure: no tables, no calls."""
