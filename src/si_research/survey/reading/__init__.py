"""Reading a survey file as it leaves the survey tool: one module a kind of file."""
