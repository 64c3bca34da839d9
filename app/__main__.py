"""`python -m app` is `choso`."""

from app.factory.cli import main

main()
