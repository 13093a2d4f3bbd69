"""What differs between places: settings, database, the one clock. Imports nothing of ours."""
