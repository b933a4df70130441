"""What an entity says, as a value: dates, lengths of stay, travellers and money."""
