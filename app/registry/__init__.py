"""The registry: who is where, who said yes, whose account it is, who changed what."""
