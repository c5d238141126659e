"""The command line: processes, runs, checks, and the commands of the applications."""
