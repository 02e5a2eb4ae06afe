"""The command line `claimsheet`. Each command parses its options, calls one function and prints."""


def main() -> None:
    """Run the command line."""
