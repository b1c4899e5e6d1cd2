"""The room: pages for people, served from the nodes of one house.

Django's models hold people, sessions and one-time links; nothing of the
coalition is in them. Every page asks a `Desk`, which shows what its member and
office may see, and nothing else.
"""
