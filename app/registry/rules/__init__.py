"""What the registry decides, without database or clock."""
