"""`python -m portico.bff`."""

from portico.bff.serve import main

if __name__ == "__main__":
    main(prog_name="python -m portico.bff")
