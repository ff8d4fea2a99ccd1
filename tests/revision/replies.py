"""Verse that the replies of the tests hold."""

VERSE = "The rope is wet.\nNobody waves.\n\nThe engine counts\nits one idea."
GLUED = "The pan comes back,\nthe brass is warm,\nnobody weighs a thing."
