"""Hostile bytes for every reader of files that strangers send: targets, corpora, a runner."""
