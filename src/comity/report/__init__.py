"""Findings as terminal tables, charts, pages and documents; the only room that draws.

Every function takes a finding, or several, and returns text or bytes; the same
finding gives the same bytes. What is heavy is imported where it is used.
"""

from comity.report.chart import png, svg
from comity.report.marked import markdown
from comity.report.page import html
from comity.report.sheets import csv, xlsx
from comity.report.strip import Mark
from comity.report.text import terminal
from comity.report.word import docx
from comity.report.written import json, write

__all__ = [
    "Mark",
    "csv",
    "docx",
    "html",
    "json",
    "markdown",
    "png",
    "svg",
    "terminal",
    "write",
    "xlsx",
]
