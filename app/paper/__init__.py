"""Sheets, bleed, imposition, fonts, text, drawing and the gate primitives: print work that knows nothing of markets.

Lengths are millimetres from the top left, as a person measures on paper, until they are handed to the PDF in points.
"""
