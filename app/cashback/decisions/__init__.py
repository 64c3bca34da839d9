"""The decisions of a run as a list: what every number of the run's page counts, filtered, page by page, as a file."""
