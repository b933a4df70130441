"""From raw logs and tables to a catalogue and a memory-mapped sequence store."""
