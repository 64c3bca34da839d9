"""Files that wait to be taken, and the page that says once which column of a sender is what."""
