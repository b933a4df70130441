"""``python -m nadeuri``: the same command line as ``nadeuri``."""

from nadeuri.cli import main

main(prog_name="nadeuri")
