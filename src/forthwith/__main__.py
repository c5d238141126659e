"""`python -m forthwith` is the same as `forthwith`."""

from forthwith.cli.main import main

if __name__ == "__main__":
    main()
