"""`python -m desk` is `duban`, for whoever knows the interpreter and not where the script is."""

from desk.command import main

main()
