"""Four eyes: whether two sign-ins are two persons, and who may decide what others brought."""
