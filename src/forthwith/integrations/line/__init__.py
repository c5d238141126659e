"""LINE: events in, messages out, contents, identity of LIFF pages. Knows no application."""
