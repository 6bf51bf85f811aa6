"""Careless responding: what points to it, where the lines are drawn, and how far the indices agree.

``indices`` computes, ``cut_offs`` says where the lines are and who drew them, ``flags`` marks people,
``agreement`` compares the marks, ``drop`` leaves people out, only where a study asks for it.
"""
