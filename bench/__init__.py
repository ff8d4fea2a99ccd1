"""Speed and memory beside what a user would use instead, side by side in one run."""
