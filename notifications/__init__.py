"""How people are told: render, deliver, channels. One folder of templates per kind of message."""
