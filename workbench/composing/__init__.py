"""Description → title and poem, N tries ranked by whether the poem gives its description back."""
