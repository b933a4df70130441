"""What the right answers are, from the rows of the tables alone: neither graph nor compiler."""
