"""Whole competitions played through the pages, by the people who run them."""
