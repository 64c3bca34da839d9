"""One file that holds an instance: made while people work, refused whole when a single byte of it is wrong."""
