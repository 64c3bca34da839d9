"""The sample commune: invented from end to end, marked as such, and removable."""
