"""How well the guide answers: questions with gold plans, an oracle over the tables, metrics."""
