"""The poet learns from what it verified: writes with the form enforced, keeps what passes, learns, writes plainly."""
