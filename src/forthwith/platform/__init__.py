"""What every application stands on; knows no vendor and no customer."""
