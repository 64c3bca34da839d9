"""Where the commune stands and what comes next: the desk's first page and the help."""
