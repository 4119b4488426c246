"""A load is one transaction, whoever else loads and whatever ends it, and says what it did."""
