"""The words of the house: immutable values that every room speaks, and nothing that acts."""
