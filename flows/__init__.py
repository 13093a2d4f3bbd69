"""The timetable: thin Prefect flows, what runs and when; `python -m flows serve|up|demo`."""
