"""Where the gazetteer's names come from: curated tables, open data, the company's own table."""
