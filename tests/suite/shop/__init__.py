"""The reference shop from within: what no buyer, no provider and no other program can make happen."""
