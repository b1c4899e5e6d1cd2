"""Findings as terminal tables, charts, pages and documents; the only room that draws."""
