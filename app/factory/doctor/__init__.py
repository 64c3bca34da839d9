"""Is everything in its place: the records, the chain, every kept file, the key, the machine."""
