"""Reports that contradict each other: somebody says which copy holds, and why."""
