"""People: who they are, how they sign in, what part of the world each of their roles reaches."""
